//! Telnet: what both sides can do, and who logs in. RFC 854, 855, 1073 (window), 1079 (speed), 1091 (terminal), 1572
//! (environment). Options: IANA, "TELNET Options".
//!
//! Logins are read off the screen: a prompt for a name or a password is the line on which the client types, and what the
//! server says next tells how it went. There is no standard for that; the words are those of login(1), of routers and of
//! Windows.

mod login;
mod options;

use super::held::Held;
use super::record::{Events, records};
use super::text::lossless;
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict};
use crate::flow::{Moment, Side, Sides};
use login::Logins;
use options::{Reader, Said};

/// How telnet is recognised: by options that are negotiated; at its port, by a prompt too.
pub(super) const TELNET: Protocol = Protocol { name: "telnet", tcp: true, udp: false, ports: &[23], looks, begin };

/// Options of one side that are told, at most.
const MAX_OPTIONS: usize = 256;

/// Terminals that are told, at most: a client names all that it can be, one after the other.
const MAX_TERMINALS: usize = 16;

records! {
    /// A telnet connection: what both sides can do.
    "telnet" Telnet {
        /// The client's options, in order: WILL, WONT, DO or DONT, and which.
        client_options: Vec<String>,
        /// The server's options.
        server_options: Vec<String>,
        /// The terminals that the client can be, in order.
        terminal_types: Vec<String>,
        /// The speed of the terminal: transmit, receive.
        terminal_speed: Option<String> => in "bit/s",
        /// The width of the window, the first that is told.
        window_width: Option<u16>,
        /// The height of the window.
        window_height: Option<u16>,
        /// The name of the user, as the client's environment has it.
        user: Option<String> => / "user.name",
        /// The client's display.
        display: Option<String>,
        /// How many logins were tried.
        login_attempts: u64,
    }
}

fn looks(opening: &Opening) -> Verdict {
    let server = opening.server_by_port(TELNET.ports);
    let client = server.map_or(Side::Originator, Side::other);
    let mut verdict = Verdict::No;
    let negotiations = |said| options::negotiations(said);
    let seen = negotiations(opening.originator) + negotiations(opening.responder);
    // Three bytes could be anybody's; six could not.
    if seen >= 2 || seen == 1 && server.is_some() {
        return Verdict::Yes(client);
    }
    for said in [opening.originator, opening.responder] {
        if !said.is_empty() && (seen == 1 || options::is_beginning(said)) {
            verdict = Verdict::Perhaps;
        }
    }
    if let Some(server) = server {
        let said = opening.of(server);
        if login::is_prompt(said) {
            return Verdict::Yes(client);
        }
        let is_text = said.iter().all(|byte| (b' '..0x7f).contains(byte) || matches!(byte, 0 | 7..=13 | 27));
        if is_text {
            verdict = Verdict::Perhaps;
        }
    }
    verdict
}

fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        readers: Sides::default(),
        logins: Logins::new(limits.secrets),
        told: Telnet::default(),
        span: None,
    })
}

/// A connection.
struct Conversation {
    client: Side,
    readers: Sides<Reader>,
    logins: Logins,
    told: Telnet,
    /// Its first and last packet.
    span: Option<(Moment, Moment)>,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.readers.held() + self.logins.held() + self.told.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let (from, _) = *self.span.get_or_insert((at, at));
        self.span = Some((from, at));
        let is_client = side == self.client;
        let reader = self.readers.of_mut(side);
        for byte in bytes {
            match reader.push(*byte) {
                None => {}
                Some(Said::Text(byte)) if is_client => self.logins.typed(byte, at, out),
                Some(Said::Text(byte)) => self.logins.shown(byte, at, out),
                Some(Said::Option(command, option)) => {
                    let options = if is_client { &mut self.told.client_options } else { &mut self.told.server_options };
                    if options.len() < MAX_OPTIONS {
                        options.push(format!("{} {}", options::command(command), options::name(option)));
                    }
                }
                Some(Said::More(more)) if is_client => self.told.learn(&more),
                Some(Said::More(_)) => {}
            }
        }
        Next::Same
    }

    fn gap(&mut self, side: Side, _: u64, _: Moment, _: &mut Events) -> Next {
        *self.readers.of_mut(side) = Reader::default();
        self.logins.lost(side == self.client);
        Next::Same
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        self.logins.end(at, out);
        if let Some((first, last)) = self.span {
            self.told.login_attempts = self.logins.attempts();
            out.push(first, last, std::mem::take(&mut self.told));
        }
    }
}

impl Telnet {
    /// What a subnegotiation of the client says.
    fn learn(&mut self, more: &[u8]) {
        match more {
            [24, 0, terminal @ ..] if self.terminal_types.len() < MAX_TERMINALS => {
                let terminal = lossless(terminal);
                // The last is named twice.
                if self.terminal_types.last() != Some(&terminal) {
                    self.terminal_types.push(terminal);
                }
            }
            [31, a, b, c, d] if self.window_width.is_none() => {
                self.window_width = Some(u16::from_be_bytes([*a, *b]));
                self.window_height = Some(u16::from_be_bytes([*c, *d]));
            }
            [32, 0, speed @ ..] => self.terminal_speed = Some(lossless(speed)),
            [35, 0, display @ ..] => self.display = Some(lossless(display)),
            [36 | 39, 0 | 2, variables @ ..] => self.user = options::variable(variables, b"USER").or(self.user.take()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::trial::{C, S, same_in_bytes, survives, tell, tell_secrets};

    const GREETS: &[u8] = b"\xff\xfd\x18\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0Linux\r\n\r\nhost login: ";

    #[test]
    fn logins_are_read_off_the_screen() {
        let said: &[(_, &[u8])] = &[
            (S, GREETS),
            (C, b"\xff\xfb\x18\xff\xfd\x01\xff\xfa\x18\0xterm\xff\xf0\xff\xfa\x1f\0\x50\0\x18\xff\xf0\xff\xfa\x27\0\0USER\x01anna\xff\xf0"),
            (C, b"ab\x7fnna\r\0"),
            (S, b"anna\r\nPassword: "),
            (C, b"wrong\r\n"),
            (S, b"\r\nLogin incorrect\r\nhost login: "),
            (C, b"anna\r\n"),
            (S, b"anna\r\nPassword: "),
            (C, b"right\r\n"),
            (S, b"\r\nLast login: today\r\n$ "),
            (C, b"ls\r\n"),
            (S, b"ls\r\nlogin: file\r\n$ "),
        ];
        let told = tell((40_000, 23), said);
        let want = [
            r#"{"_path":"auth","first":3,"last":6,"service":"telnet","user":"anna","secret_kind":"plain","result":"failure","attempt":1}"#,
            r#"{"_path":"auth","first":7,"last":10,"service":"telnet","user":"anna","secret_kind":"plain","result":"success","attempt":2}"#,
            r#"{"_path":"telnet","first":1,"last":12,"client_options":["WILL TERMINAL-TYPE","DO ECHO"],"server_options":["DO TERMINAL-TYPE","WILL ECHO"],"terminal_types":["xterm"],"window_width":80,"window_height":24,"user":"anna","login_attempts":2}"#,
        ];
        assert_eq!(told, want);
        assert_eq!(tell((40_000, 40_001), said), want, "at any port");
        same_in_bytes((40_000, 23), said);
        let told = tell_secrets((40_000, 23), said).concat();
        assert!(told.contains(r#""secret":"wrong""#) && told.contains(r#""secret":"right""#), "{told}");
    }

    #[test]
    fn a_prompt_that_comes_again_is_a_failure() {
        let said: &[(_, &[u8])] = &[
            (S, b"\r\nUser Access Verification\r\n\r\nUsername: "),
            (C, b"cisco\r\n"),
            (S, b"Password: "),
            (C, b"one\r\n"),
            (S, b"\r\nUsername: "),
            (C, b"cisco\r\n"),
            (S, b"Password: "),
            (C, b"two\r\n"),
            (S, b"\r\nrouter>"),
        ];
        let told = tell((40_000, 23), said).join("\n");
        assert!(
            told.contains(
                r#""first":2,"last":5,"service":"telnet","user":"cisco","secret_kind":"plain","result":"failure""#
            ),
            "{told}"
        );
        assert!(
            told.contains(
                r#""first":6,"last":9,"service":"telnet","user":"cisco","secret_kind":"plain","result":"success""#
            ),
            "{told}"
        );
        same_in_bytes((40_000, 23), said);
    }

    #[test]
    fn what_is_not_telnet_is_not_taken() {
        for said in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\xff\xd8\xff\xe0\0\x10JFIF", b"\xff\xfe<\0?\0", b"220 login: x\r\n"]
        {
            let told = tell((40_000, 40_001), &[(C, said)]);
            assert!(!told.concat().contains("telnet"), "{told:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn anything_is_survived(said in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..80)), 0..8)) {
            let begin = [(true, GREETS.to_vec())];
            prop_assert!(survives((40_000, 23), false, &[&begin[..], &said].concat()) <= 20);
        }
    }
}
