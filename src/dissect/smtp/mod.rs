//! SMTP and LMTP: commands, replies, logins, and of mails the headers. RFC 5321, 2920 (pipelining), 3030 (BDAT), 3207
//! (STARTTLS), 4954 (AUTH), 2033 (LMTP); Zeek's smtp.log.
//!
//! A client says DATA and then the mail, which begins with the server's 354. It is taken for a mail from DATA on, and for
//! commands again if the server says no: one side alone can be read so, and one whose replies come late.

mod conversation;
#[cfg(test)]
mod tests;

use super::mail::Message;
use super::record::records;
use super::text::{could_be, could_reply, first_line, mentions, reply_code, word};
use super::{Opening, Protocol, Verdict};
use crate::flow::Side;

/// How SMTP is recognised: by its greeting, or what only its clients say first.
pub(super) const SMTP: Protocol = Protocol {
    name: "smtp",
    tcp: true,
    udp: false,
    ports: &[25, 24, 465, 587, 2525, 10_025],
    looks,
    begin: conversation::begin,
};

/// Commands.
const COMMANDS: [&str; 22] = [
    "EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "AUTH",
    "STARTTLS", "ETRN", "TURN", "ATRN", "SEND", "SAML", "SOML", "XCLIENT",
];

/// Commands that only these clients say first.
const HELLOS: [&str; 3] = ["EHLO", "HELO", "LHLO"];

records! {
    /// A command of SMTP and its reply; or a reply alone, as the greeting is. That of DATA, and of the last BDAT, is about the
    /// mail too.
    "smtp" Smtp {
        /// The command, in capitals; none if the client said something else.
        command: Option<String>,
        /// What stands behind it; of AUTH, what behind the mechanism only with `--secrets`.
        arg: Option<String>,
        /// The code of the reply.
        reply_code: Option<u16>,
        /// Its text, all lines, without codes.
        reply_msg: Option<String>,
        /// What the client calls itself.
        helo: Option<String>,
        /// Who sends the mail, by the envelope.
        mailfrom: Option<String> => / "email.sender.address",
        /// Who is to get it, by the envelope, whether the server accepted that or not.
        rcptto: Option<Vec<String>>,
        /// How long the mail is.
        body_len: Option<u64> => in "bytes",
        /// Of these, bytes that are missing in the capture.
        missed_bytes: Option<u64> => in "bytes",
        /// Date, in its headers.
        date: Option<String>,
        /// From, in its headers.
        from: Option<String> => / "email.from.address",
        /// To, in its headers.
        to: Option<String> => / "email.to.address",
        /// Cc, in its headers.
        cc: Option<String> => / "email.cc.address",
        /// Reply-To, in its headers.
        reply_to: Option<String> => / "email.reply_to.address",
        /// Message-ID, in its headers.
        msg_id: Option<String> => / "email.message_id",
        /// In-Reply-To, in its headers.
        in_reply_to: Option<String>,
        /// Subject, in its headers, as it was sent.
        subject: Option<String> => / "email.subject",
        /// X-Originating-IP, in its headers.
        x_originating_ip: Option<String>,
        /// The first Received, in its headers.
        first_received: Option<String>,
        /// The second one.
        second_received: Option<String>,
        /// User-Agent, or X-Mailer, in its headers.
        user_agent: Option<String> => / "email.x_mailer",
    }
}

fn looks(opening: &Opening) -> Verdict {
    opening.client_at(SMTP.ports, speaks)
}

/// What a client and a server said, and whether the port speaks for it.
fn speaks(client: &[u8], server: &[u8], expected: bool) -> Verdict {
    if !could_reply(server) {
        return Verdict::No;
    }
    let yes = Verdict::Yes(Side::Originator);
    let (reply, replied) = first_line(server).unwrap_or_default();
    let code = reply_code(reply).map(|(code, _)| code).filter(|_| replied);
    let (line, whole) = first_line(client).unwrap_or_default();
    let (command, argument) = word(line);
    let ended = whole || line.len() > command.len();
    if expected && (code.is_some() || whole && could_be(command, true, &COMMANDS)) {
        return yes;
    }
    // Servers of other protocols greet with 220 too: what only these clients say first, or a greeting that says so.
    let hello = could_be(command, ended, &HELLOS) && (argument.is_ascii() && !argument.is_empty() || !whole);
    match (client.is_empty(), matches!(code, None | Some(220 | 421 | 554))) {
        (true, greets) if code.is_some() && mentions(reply, &["SMTP", "ESMTP", "LMTP"]) && greets => yes,
        (true, true) if b"220".starts_with(reply.get(..3).unwrap_or(reply)) => Verdict::Perhaps,
        (false, _) if hello && whole => yes,
        (false, _) if hello => Verdict::Perhaps,
        // Picked up inside of a mail.
        _ if expected => Verdict::Perhaps,
        _ => Verdict::No,
    }
}

impl Smtp {
    /// What envelope and headers of a mail say.
    fn about(&mut self, message: Message) {
        let headers = message.headers();
        self.helo = message.envelope.helo;
        self.mailfrom = message.envelope.from;
        self.rcptto = Some(message.envelope.to);
        self.body_len = Some(message.length);
        self.missed_bytes = Some(message.missed).filter(|missed| *missed > 0);
        self.date = headers.first("date");
        self.from = headers.first("from");
        self.to = headers.first("to");
        self.cc = headers.first("cc");
        self.reply_to = headers.first("reply-to");
        self.msg_id = headers.first("message-id");
        self.in_reply_to = headers.first("in-reply-to");
        self.subject = headers.first("subject");
        self.x_originating_ip = headers.first("x-originating-ip");
        self.first_received = headers.first("received");
        self.second_received = headers.nth("received", 1);
        self.user_agent = headers.first("user-agent").or(headers.first("x-mailer"));
    }
}

/// The address in `FROM:<a@b> SIZE=1`, without brackets.
fn address(argument: &str, name: &str) -> Option<String> {
    let (start, rest) = argument.split_at_checked(name.len())?;
    if !start.eq_ignore_ascii_case(name) {
        return None;
    }
    let rest = rest.trim_start();
    let address = match rest.strip_prefix('<') {
        Some(path) => path.split('>').next().unwrap_or(path),
        None => rest.split(' ').next().unwrap_or(rest),
    };
    Some(address.to_owned())
}
