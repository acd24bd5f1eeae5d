//! FTP's control connection: commands, replies, logins, and where the data goes. RFC 959, 2228 (AUTH), 2428 (EPRT, EPSV),
//! 1123 (4.1.2.6: how an address is found in a reply); Zeek's ftp.log.

mod directory;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};

use super::dialogue::{Answer, Command, Commands, Replies, Reply};
use super::held::Held;
use super::lines::{Line, Lines};
use super::login::{Attempts, Auth, Outcome};
use super::record::{Events, records};
use super::text::{could_be, could_reply, first_line, lossless, mentions, reply_code, without, word};
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};
use directory::Directory;

/// Lines of a server that are no replies: after so many it is not FTP.
const MAX_NONSENSE: u32 = 1_000;

/// How FTP is recognised: by what a client of FTP says first, or a greeting that names it.
pub(super) const FTP: Protocol = Protocol { name: "ftp", tcp: true, udp: false, ports: &[21], looks, begin };

/// Commands that a client begins with.
const FIRST_COMMANDS: [&str; 8] = ["USER", "AUTH", "FEAT", "HOST", "SYST", "PASS", "OPTS", "CLNT"];

records! {
    /// A command of FTP and its reply; or a reply alone, as the greeting is.
    "ftp" Ftp {
        /// The command, in capitals; none if the client said something else.
        command: Option<String> => / "ftp.request.command",
        /// What stands behind it; of PASS, ACCT and ADAT only with `--secrets`.
        arg: Option<String> => / "ftp.request.arg",
        /// The code of the reply.
        reply_code: Option<u16> => / "ftp.response.code",
        /// Its text, all lines, without codes.
        reply_msg: Option<String> => / "ftp.response.arg",
        /// The user whom the connection is logged in as, or wants to be.
        user: Option<String> => / "user.name",
        /// The directory that the session is in, after that command; below `.` if it is not known where it began.
        cwd: Option<String>,
        /// For data, the client connects to the server, as PASV and EPSV ask, and not the server to the client.
        passive: Option<bool> => "data_channel.passive",
        /// Who begins that connection: not known behind a proxy.
        orig_h: Option<IpAddr> => "data_channel.orig_h",
        /// Where it goes to; for EPSV the server, which its reply does not say.
        resp_h: Option<IpAddr> => "data_channel.resp_h",
        /// Its port.
        resp_p: Option<u16> => "data_channel.resp_p",
    }
}

fn looks(opening: &Opening) -> Verdict {
    opening.client_at(FTP.ports, speaks)
}

/// What a client and a server said, and whether the port speaks for it.
fn speaks(client: &[u8], server: &[u8], expected: bool) -> Verdict {
    let yes = Verdict::Yes(Side::Originator);
    if !could_reply(server) {
        return Verdict::No;
    }
    let (reply, replied) = first_line(server).unwrap_or_default();
    let code = reply_code(reply).map(|(code, _)| code).filter(|_| replied);
    let (line, whole) = first_line(client).unwrap_or_default();
    let (command, _) = word(line);
    let begins = could_be(command, whole || line.len() > command.len(), &FIRST_COMMANDS);
    let mail = mentions(reply, &["SMTP", "ESMTP", "LMTP"]);
    match code {
        Some(_) if expected && !mail => yes,
        // No command of FTP is longer.
        None if expected && whole && matches!(command.len(), 3 | 4) && command.iter().all(u8::is_ascii_alphabetic) => {
            yes
        }
        None if expected && !whole => Verdict::Perhaps,
        Some(220) if client.is_empty() && !mail => {
            let names = String::from_utf8_lossy(reply).to_ascii_lowercase().contains("ftp");
            if names { yes } else { Verdict::Perhaps }
        }
        Some(120 | 220) if client.is_empty() => Verdict::Perhaps,
        Some(_) if begins && whole && !mail => yes,
        // It may be that the server speaks first, and that it speaks later.
        None if begins || client.is_empty() && b"220".starts_with(reply.get(..3).unwrap_or(reply)) => Verdict::Perhaps,
        Some(_) if begins && !whole => Verdict::Perhaps,
        _ => Verdict::No,
    }
}

fn begin(opening: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    let of = |side: Side| opening.addresses.map(|addresses| *addresses.of(side));
    Box::new(Conversation {
        client,
        addresses: (of(client), of(client.other())),
        secrets: limits.secrets,
        lines: Sides::default(),
        commands: Commands::default(),
        replies: Replies::new(true),
        nonsense: 0,
        secret: String::new(),
        user: None,
        directory: Directory::default(),
        attempts: Attempts::default(),
        attempt: None,
    })
}

/// The reply to AUTH behind which there is TLS (RFC 4217, 4).
const TLS_FOLLOWS: u16 = 234;

/// Commands of telnet are bytes from here on (RFC 854).
const TELNET: u8 = 0xf0;

/// The commands that are taken for such behind a gap: RFC 959, 5.3.1; 2228, 2428, 2640, 3659, 7151.
const COMMANDS: [&str; 54] = [
    "ABOR", "ACCT", "ADAT", "ALLO", "APPE", "AUTH", "CCC", "CDUP", "CLNT", "CONF", "CWD", "DELE", "ENC", "EPRT",
    "EPSV", "FEAT", "HELP", "HOST", "LANG", "LIST", "MDTM", "MIC", "MKD", "MLSD", "MLST", "MODE", "NLST", "NOOP",
    "OPTS", "PASS", "PASV", "PBSZ", "PORT", "PROT", "PWD", "QUIT", "REIN", "REST", "RETR", "RMD", "RNFR", "RNTO",
    "SITE", "SIZE", "SMNT", "STAT", "STOR", "STOU", "STRU", "SYST", "TYPE", "USER", "XMKD", "XPWD",
];

/// A control connection.
struct Conversation {
    client: Side,
    /// The client's and the server's.
    addresses: (Option<IpAddr>, Option<IpAddr>),
    secrets: bool,
    lines: Sides<Lines>,
    commands: Commands,
    replies: Replies,
    nonsense: u32,
    /// What the client showed last.
    secret: String,
    user: Option<String>,
    directory: Directory,
    attempts: Attempts,
    attempt: Option<Attempt>,
}

/// A login that goes on.
struct Attempt {
    user: Option<String>,
    password: Option<String>,
    first: Moment,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let attempt = self.attempt.as_ref().map_or(0, |attempt| attempt.user.held() + attempt.password.held());
        self.lines.held() + self.commands.held() + self.replies.held() + self.user.held() + attempt
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.lines.of_mut(side).push(bytes, at);
        let mut next = Next::Same;
        while next == Next::Same
            && let Some(line) = self.lines.of_mut(side).next()
        {
            if !line.whole {
                out.push(line.first, line.last, Weird { name: "line_too_long", addl: None, peer: FTP.name });
            }
            if side == self.client {
                self.command(&line, out);
            } else {
                next = self.reply_line(&line, out);
            }
        }
        if next != Next::Same {
            self.forget(at, out);
        }
        next
    }

    fn gap(&mut self, side: Side, _: u64, at: Moment, out: &mut Events) -> Next {
        self.lines.of_mut(side).clear();
        if side == self.client {
            self.commands.lost_commands();
        } else {
            self.ends_reply(at, out);
            let lost = self.commands.lost_replies();
            self.unanswered(lost, at, out);
        }
        Next::Same
    }

    fn begins_behind_gap(&mut self, side: Side) {
        if side == self.client {
            self.commands.lost_commands();
        } else {
            self.commands.lost_replies();
        }
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        for side in [self.client, self.client.other()] {
            match self.lines.of_mut(side).rest() {
                Some(rest) if side == self.client => self.command(&rest, out),
                Some(rest) => {
                    self.reply_line(&rest, out);
                }
                None => {}
            }
        }
        self.forget(at, out);
        self.attempt_ends(Outcome::Unknown, None, at, out);
    }
}

impl Conversation {
    fn command(&mut self, line: &Line, out: &mut Events) {
        // What telnet says before an ABOR is no part of it (RFC 959, 4.1.3).
        let start = line.bytes.iter().take_while(|byte| **byte >= TELNET).count();
        let bare = line.bytes.get(start..).filter(|bare| start > 0 && !bare.trim_ascii().is_empty());
        let bare = bare.map(|bare| Line { bytes: bare.to_vec(), ..line.clone() });
        let Some(command) = self.commands.read(bare.as_ref().unwrap_or(line), &COMMANDS) else { return };
        if is_secret(&command.word) {
            self.secret.clone_from(&command.argument);
        }
        let over = self.commands.push(command);
        self.unanswered(over, line.last, out);
    }

    /// Tells commands without replies.
    fn unanswered(&mut self, commands: Vec<Command>, at: Moment, out: &mut Events) {
        for command in commands {
            self.settle(&command, None, at, out);
            self.tell(Some(command), None, at, out);
        }
    }

    fn reply_line(&mut self, line: &Line, out: &mut Events) -> Next {
        match self.replies.line(line) {
            Answer::More => Next::Same,
            Answer::Whole(reply) => self.replied(reply, line.last, out),
            Answer::Nonsense => {
                let addl = Some(lossless(line.bytes.get(..80).unwrap_or(&line.bytes)));
                out.push(line.first, line.last, Weird { name: "reply_without_code", addl, peer: FTP.name });
                self.nonsense += 1;
                if self.nonsense < MAX_NONSENSE { Next::Same } else { Next::Over }
            }
        }
    }

    /// A reply is whole.
    fn replied(&mut self, reply: Reply, last: Moment, out: &mut Events) -> Next {
        if reply.code == TLS_FOLLOWS {
            let over = self.commands.is_to_last("AUTH", reply.first);
            self.unanswered(over, last, out);
        }
        let (code, word) =
            (reply.code, self.commands.front(reply.first).map_or("", |command| command.word.as_str()).to_owned());
        // The greeting answers nothing, and a preliminary reply is followed by another one.
        let alone = code < 200 || code == 220 && !matches!(word.as_str(), "REIN" | "HOST");
        let command = if alone { None } else { self.commands.pop(reply.first) };
        if let Some(command) = &command {
            self.settle(command, Some(code), last, out);
            self.directory.settle(&command.word, &command.argument, code, &reply.text);
        }
        self.tell(command, Some(reply), last, out);
        if word == "AUTH" && code == TLS_FOLLOWS {
            return Next::Anew(self.lines.of(self.client.other()).len());
        }
        Next::Same
    }

    /// What a command and the code of its reply mean for who is logged in.
    fn settle(&mut self, command: &Command, code: Option<u16>, last: Moment, out: &mut Events) {
        match command.word.as_str() {
            "USER" => {
                self.attempt_ends(Outcome::Unknown, None, last, out);
                let user = Some(command.argument.clone());
                self.user.clone_from(&user);
                self.attempt = Some(Attempt { user, password: None, first: command.first });
            }
            "PASS" => {
                let user = self.user.clone();
                let attempt = self.attempt.get_or_insert(Attempt { user, password: None, first: command.first });
                attempt.password = Some(command.argument.clone());
            }
            "ACCT" => {}
            _ => return,
        }
        let outcome = match code {
            None | Some(331 | 332 | 336) => return,
            Some(230 | 232 | 202) => Outcome::Success,
            Some(400..=504) => Outcome::Error,
            _ => Outcome::Failure,
        };
        self.attempt_ends(outcome, code, last, out);
    }

    fn attempt_ends(&mut self, result: Outcome, code: Option<u16>, last: Moment, out: &mut Events) {
        let Some(attempt) = self.attempt.take() else { return };
        let secret_kind = if attempt.password.is_some() { "plain" } else { "none" };
        let auth = Auth {
            service: FTP.name,
            user: attempt.user,
            secret_kind: Some(secret_kind),
            secret: attempt.password.filter(|_| self.secrets),
            result,
            server_code: code.map(|code| code.to_string()),
            ..Auth::default()
        };
        self.attempts.tell(attempt.first, last, auth, out);
    }

    /// A reply that is not whole will not be.
    fn ends_reply(&mut self, at: Moment, out: &mut Events) {
        if let Some(reply) = self.replies.rest() {
            self.replied(reply, at, out);
        }
    }

    /// Tells what waits.
    fn forget(&mut self, at: Moment, out: &mut Events) {
        self.ends_reply(at, out);
        let rest = self.commands.give_up();
        self.unanswered(rest, at, out);
    }

    /// The text of a reply: servers may repeat the password in it. Where it is the user's name, nothing tells that.
    fn told(&self, text: String) -> String {
        let is_name = self.user.as_ref() == Some(&self.secret);
        if self.secrets || is_name { text } else { without(text, &self.secret) }
    }

    /// A command, its reply, or both.
    fn tell(&self, command: Option<Command>, reply: Option<Reply>, last: Moment, out: &mut Events) {
        let first = command.as_ref().map(|command| command.first).or(reply.as_ref().map(|reply| reply.first));
        let last = if reply.is_some() { last } else { command.as_ref().map_or(last, |command| command.last) };
        let (word, argument) = command.map_or_else(Default::default, |command| (command.word, command.argument));
        let code = reply.as_ref().map(|reply| reply.code);
        let text = reply.as_ref().map_or("", |reply| reply.text.as_str());
        let channel = match (word.as_str(), code) {
            ("PORT", _) => six_numbers(&argument).map(|(address, port)| (false, Some(address), port)),
            ("EPRT", _) => extended(&argument).map(|(address, port)| (false, address, port)),
            (_, Some(227)) => six_numbers(text).map(|(address, port)| (true, Some(address), port)),
            (_, Some(229)) => {
                let inside = text.split_once('(').map_or("", |(_, behind)| behind);
                extended(inside.split(')').next().unwrap_or_default()).map(|(address, port)| (true, address, port))
            }
            _ => None,
        };
        let hidden = is_secret(&word) && !self.secrets;
        let ftp = Ftp {
            command: Some(word).filter(|word| !word.is_empty()),
            arg: Some(argument).filter(|argument| !hidden && !argument.is_empty()),
            reply_code: code,
            reply_msg: reply.map(|reply| self.told(reply.text)),
            user: self.user.clone(),
            cwd: self.directory.path().map(str::to_owned),
            passive: channel.map(|(passive, ..)| passive),
            orig_h: channel.and_then(|(passive, ..)| if passive { self.addresses.0 } else { self.addresses.1 }),
            resp_h: channel.and_then(|(passive, address, _)| address.or(self.addresses.1.filter(|_| passive))),
            resp_p: channel.map(|(.., port)| port),
        };
        out.push(first.unwrap_or(last), last, ftp);
    }
}

/// True if what stands behind this command shows who one is.
fn is_secret(word: &str) -> bool {
    matches!(word, "PASS" | "ACCT" | "ADAT")
}

/// An address and a port, as six numbers between commas somewhere in a text.
fn six_numbers(text: &str) -> Option<(IpAddr, u16)> {
    text.split(|c: char| !c.is_ascii_digit() && c != ',').find_map(|numbers| {
        let mut bytes = numbers.split(',').map(str::parse::<u8>);
        let mut six = [0; 6];
        for byte in &mut six {
            *byte = bytes.next()?.ok()?;
        }
        let [a, b, c, d, high, low] = six;
        let ends = bytes.next().is_none();
        ends.then(|| (Ipv4Addr::new(a, b, c, d).into(), u16::from_be_bytes([high, low])))
    })
}

/// `|1|10.0.0.1|6275|`: the kind of address and the address may be left out. RFC 2428, 2 and 3.
fn extended(text: &str) -> Option<(Option<IpAddr>, u16)> {
    let text = text.trim();
    let mut parts = text.strip_prefix(|c: char| c.is_ascii_punctuation())?.split(text.chars().next()?);
    let _kind = parts.next()?;
    let address = parts.next()?.parse().ok();
    Some((address, parts.next()?.parse().ok()?))
}
