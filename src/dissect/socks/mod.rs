//! SOCKS 5 (RFC 1928, 1929), 4 and 4A: where a client asks a proxy to be taken to, and what the proxy says; Zeek's socks.log.
//!
//! Both sides take turns, one [`Step`] each, until the client is where it wanted to be: what follows is a conversation of
//! its own. Turns of a side that was not seen are passed over.

mod record;
#[cfg(test)]
mod tests;
mod wire;

use super::buffer::Buffer;
use super::held::Held;
use super::login::{Attempts, Auth, Outcome};
use super::record::Events;
use super::text::lossless;
use super::{Behind, Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};
pub(super) use record::Socks;
use record::method_name;
use wire::{Lack, NO_METHOD, Reply, Request, Wire};

/// How SOCKS is recognised: by the first message of both; at its ports, of one.
pub(super) const SOCKS: Protocol =
    Protocol { name: "socks", tcp: true, udp: false, ports: &[1080, 9050], looks, begin };

/// Bytes of a side that wait for its turn, at most: then the other side is taken for unseen.
const MAX_EARLY: usize = 64 << 10;

fn looks(opening: &Opening) -> Verdict {
    // Whoever began is the client, and at one of the ports by accident.
    let server = opening.server_by_port(SOCKS.ports).filter(|server| *server == Side::Responder || !opening.from_start);
    opening.client_by(|side| {
        let (client, other, expected) = (opening.of(side), opening.of(side.other()), server == Some(side.other()));
        let fits = |methods: &Vec<u8>, choice: &u8| methods.contains(choice) || *choice == NO_METHOD;
        let greets = both(greets(client), chooses(other), fits, expected);
        // Who is seen from the start greets before asking for something; and a reply alone shows too little.
        let is_5 = |said: &[u8]| said.first() == Some(&5);
        if greets != Verdict::No || opening.from_start && is_5(client) || client.is_empty() && is_5(other) {
            return greets;
        }
        let fits = |request: &Request, reply: &Reply| request.version == reply.version;
        both(Wire(client).request(), Wire(other).reply(), fits, expected)
    })
}

/// What it means that a client and a server said these.
fn both<A, B>(
    asked: Result<A, Lack>,
    answered: Result<B, Lack>,
    fit: impl Fn(&A, &B) -> bool,
    expected: bool,
) -> Verdict {
    // Which side is the client is filled in by `client_by`.
    let yes = Verdict::Yes(Side::Originator);
    match (asked, answered) {
        (Err(Lack::Nonsense), _) | (_, Err(Lack::Nonsense)) => Verdict::No,
        (Ok(asked), Ok(answered)) => {
            if fit(&asked, &answered) {
                yes
            } else {
                Verdict::No
            }
        }
        (Err(_), Err(_)) => Verdict::Perhaps,
        _ => {
            if expected {
                yes
            } else {
                Verdict::Perhaps
            }
        }
    }
}

/// The methods that a client offers, if what follows can follow.
fn greets(client: &[u8]) -> Result<Vec<u8>, Lack> {
    let mut wire = Wire(client);
    let methods = wire.greeting()?.to_vec();
    wire.goes_on().map(|()| methods)
}

/// The method that a proxy chooses, likewise.
fn chooses(server: &[u8]) -> Result<u8, Lack> {
    let mut wire = Wire(server);
    let method = wire.choice()?;
    wire.goes_on().map(|()| method)
}

fn begin(opening: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    let asks_at_once = greets(opening.of(client)) == Err(Lack::Nonsense);
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        step: if asks_at_once { Step::Request } else { Step::Greeting },
        buffers: Sides::default(),
        unseen: Sides::default(),
        span: None,
        told: Socks { version: 5, ..Socks::default() },
        is_told: false,
        login: None,
        attempts: Attempts::default(),
    })
}

/// Whose turn it is, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greeting,
    /// The proxy chooses a method.
    Choice,
    Login,
    /// What the proxy says to that.
    Verdict,
    Request,
    Reply,
    /// The proxy tells who came, after `bind`.
    Second,
}

struct Conversation {
    client: Side,
    secrets: bool,
    step: Step,
    buffers: Sides<Buffer>,
    /// What a side says is missing.
    unseen: Sides<bool>,
    /// The first and last packet of what was understood.
    span: Option<(Moment, Moment)>,
    told: Socks,
    is_told: bool,
    login: Option<(Moment, Auth)>,
    attempts: Attempts,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let login = self.login.as_ref().map_or(0, |(_, auth)| auth.held());
        self.buffers.held() + self.told.held() + login
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.buffers.of_mut(side).push(bytes, at);
        *self.unseen.of_mut(side) = false;
        let next = self.go_on(out);
        if next != Next::Same || self.buffers.of(side).len() <= MAX_EARLY {
            return next;
        }
        *self.unseen.of_mut(side.other()) = true;
        match self.go_on(out) {
            Next::Same => self.over(out),
            next => next,
        }
    }

    fn gap(&mut self, side: Side, _: u64, _: Moment, out: &mut Events) -> Next {
        self.buffers.of_mut(side).clear();
        *self.unseen.of_mut(side) = true;
        self.go_on(out)
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.unseen = Sides { originator: true, responder: true };
        self.go_on(out);
        self.logged_in(None, out);
        self.over(out);
    }

    fn behind(&mut self) -> Behind {
        let [one, other] = [self.client, self.client.other()]
            .map(|side| self.buffers.of_mut(side).drain().into_iter().map(move |(at, said)| (side, at, said)));
        let mut early: Vec<_> = one.chain(other).collect();
        early.sort_by_key(|(_, at, _)| at.packet);
        Behind { port: self.told.request_p.filter(|_| self.told.command == Some("connect")), early }
    }
}

impl Conversation {
    /// Takes turns as long as there are any.
    fn go_on(&mut self, out: &mut Events) -> Next {
        loop {
            let side = match self.step {
                Step::Greeting | Step::Login | Step::Request => self.client,
                _ => self.client.other(),
            };
            let next = match self.turn(side, out) {
                Ok(next) => next,
                Err(Lack::More) if *self.unseen.of(side) => match self.pass_over(side, out) {
                    Some(next) => next,
                    None => return Next::Same,
                },
                Err(Lack::More) => return Next::Same,
                Err(Lack::Nonsense) => {
                    let at = self.buffers.of_mut(side).take(1).map_or(Moment::default(), |byte| byte.first);
                    out.push(at, at, Weird { name: "no_socks_message", addl: None, peer: SOCKS.name });
                    self.over(out)
                }
            };
            if next != Next::Same {
                return next;
            }
        }
    }

    /// Takes a message off what a side said.
    fn read<T>(&mut self, side: Side, read: impl FnOnce(&mut Wire) -> Result<T, Lack>) -> Result<(T, Moment), Lack> {
        let buffer = self.buffers.of_mut(side);
        let mut wire = Wire(buffer.bytes());
        let said = read(&mut wire)?;
        let left = wire.0.len();
        let message = buffer.take(buffer.len() - left).ok_or(Lack::More)?;
        let (first, last) = (message.first, message.last);
        self.span = Some((self.span.map_or(first, |(begun, _)| begun), last));
        Ok((said, first))
    }

    /// Takes the turn of a side.
    fn turn(&mut self, side: Side, out: &mut Events) -> Result<Next, Lack> {
        self.step = match self.step {
            Step::Greeting => {
                self.read(side, |wire| wire.greeting().map(|_| ()))?;
                Step::Choice
            }
            Step::Choice => {
                let (method, _) = self.read(side, |wire| wire.choice())?;
                self.told.method = Some(method_name(method));
                match method {
                    0 => Step::Request,
                    2 => Step::Login,
                    _ => return Ok(self.over(out)),
                }
            }
            Step::Login => {
                let text = |(user, password): (&[u8], &[u8])| (lossless(user), lossless(password));
                let ((user, password), first) = self.read(side, |wire| wire.login().map(text))?;
                let password = Some(password).filter(|_| self.secrets);
                self.told.user = Some(user.clone());
                self.told.password.clone_from(&password);
                let auth = Auth { user: Some(user), secret: password, ..Auth::default() };
                self.login = Some((first, auth));
                Step::Verdict
            }
            Step::Verdict => {
                let (code, _) = self.read(side, |wire| wire.verdict())?;
                self.logged_in(Some(code), out);
                if code != 0 {
                    self.told.status = Some("authentication failed".to_owned());
                    return Ok(self.over(out));
                }
                Step::Request
            }
            Step::Request => {
                let (request, _) = self.read(side, |wire| wire.request())?;
                self.told.asks(request);
                Step::Reply
            }
            Step::Reply | Step::Second => return self.reply(side, out),
        };
        Ok(Next::Same)
    }

    /// The proxy says what became of a request.
    fn reply(&mut self, side: Side, out: &mut Events) -> Result<Next, Lack> {
        if self.step == Step::Second && !self.buffers.of(side).is_empty() {
            self.span = None;
        }
        let version = self.told.version;
        let answer = |wire: &mut Wire| {
            wire.reply().and_then(|reply| if reply.version == version { Ok(reply) } else { Err(Lack::Nonsense) })
        };
        let (reply, _) = self.read(side, answer)?;
        let succeeded = reply.bound.is_some();
        self.told.answers(reply);
        self.tell(out);
        Ok(match succeeded {
            true if self.told.command == Some("bind") && self.step == Step::Reply => {
                self.step = Step::Second;
                Next::Same
            }
            true => self.arrived(),
            false => Next::Over,
        })
    }

    /// What follows when the proxy did what it was asked for.
    fn arrived(&self) -> Next {
        match self.told.command {
            None | Some("connect" | "bind") => Next::Anew(0),
            _ => Next::Over,
        }
    }

    /// Passes over the turn of a side, by what the other one says next; none if that says nothing.
    fn pass_over(&mut self, side: Side, out: &mut Events) -> Option<Next> {
        let next = self.buffers.of(side.other()).bytes().first().copied();
        if matches!(self.step, Step::Reply | Step::Second) {
            if !self.is_told {
                self.tell(out);
            }
            return Some(self.arrived());
        }
        self.step = match (self.step, next?) {
            (Step::Greeting, 0) => {
                self.told.version = 4;
                Step::Reply
            }
            (Step::Greeting, _) => Step::Choice,
            (Step::Choice, 1) => Step::Login,
            (Step::Login, _) => Step::Verdict,
            (Step::Request, _) => Step::Reply,
            _ => {
                self.logged_in(None, out);
                Step::Request
            }
        };
        Some(Next::Same)
    }

    /// What came of a login, if there was one.
    fn logged_in(&mut self, code: Option<u8>, out: &mut Events) {
        let Some(((first, auth), (_, last))) = self.login.take().zip(self.span) else { return };
        let result = match code {
            None => Outcome::Unknown,
            Some(0) => Outcome::Success,
            Some(_) => Outcome::Failure,
        };
        let auth = Auth {
            service: SOCKS.name,
            secret_kind: Some("plain"),
            mechanism: Some("username/password".to_owned()),
            result,
            server_code: code.map(|code| code.to_string()),
            ..auth
        };
        self.attempts.tell(first, last, auth, out);
    }

    fn tell(&mut self, out: &mut Events) {
        self.is_told = true;
        if let Some((first, last)) = self.span {
            out.push(first, last, self.told.clone());
        }
    }

    /// Nothing more of it will be understood: tells what was.
    fn over(&mut self, out: &mut Events) -> Next {
        if !self.is_told {
            self.tell(out);
        }
        Next::Over
    }
}
