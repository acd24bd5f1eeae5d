//! Redis: commands, replies, what the server pushes, logins.
//!
//! RESP 2 and 3 (<https://redis.io/docs/latest/develop/reference/protocol-spec/>), pipelined, and commands in lines. Each
//! command is a record with its reply; what the server says without being asked, messages of channels above all, is one
//! alone. Values are bounded, their lengths are told.

mod opening;
mod request;
mod resp;
mod secrets;
#[cfg(test)]
mod tests;

use self::request::{Request, Sends};
use self::resp::{Fault, Item, Values, Whole};
use self::secrets::conceal;
use super::asked::Asked;
use super::held::Held;
use super::login::{Attempts, Auth, Outcome};
use super::record::{Events, records};
use super::text::{lossless, without};
use super::{Dissector, Limits, Next, Opening, Protocol, Weird};
use crate::flow::{Moment, Side, Sides};

/// How Redis is recognised: by a command, or at its port by a reply.
pub(super) const REDIS: Protocol =
    Protocol { name: "redis", tcp: true, udp: false, ports: &[6379, 6380], looks: opening::looks, begin };

/// Commands that wait for their replies, at most: more than clients are told to send at once.
const MAX_WAITING: usize = 20_000;

/// Bytes of the commands that wait, at most.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// So many bytes of a command are kept: who asks for less of bodies means replies.
const KEPT_OF_COMMAND: usize = 64 << 10;

records! {
    /// A command of Redis and its reply; or a reply alone, as messages of channels are.
    "redis" Redis {
        /// The command, in capitals.
        command: Option<String> => "cmd.name" / "redis.request.command",
        /// The key, or what else is the first argument.
        key: Option<String> => "cmd.key" / "redis.request.key",
        /// The second argument. Passwords only with `--secrets`.
        value: Option<String> => "cmd.value" / "redis.request.value",
        /// All arguments; none if there are passwords among them, but with `--secrets`.
        args: Option<Vec<String>> => "cmd.args" / "redis.request.args",
        /// How many arguments there are.
        num_args: Option<u64> => "cmd.num_args" / "redis.request.num_args",
        /// The reply is no error.
        success: Option<bool> => / "redis.success",
        /// What kind the reply is: simple_string, error, integer, bulk_string, array, null, map, set, push, …
        reply_type: Option<&'static str> => / "redis.response.type",
        /// The reply: its text, or its elements as JSON.
        reply: Option<String> => / "redis.response.value",
        /// The length of its text in bytes, or the number of its elements.
        reply_len: Option<u64> => / "redis.response.length",
        /// False if the reply is longer than what is told of it.
        reply_complete: Option<bool> => / "redis.response.complete",
        /// False if the arguments are longer than what is told of them.
        args_complete: Option<bool> => "cmd.args_complete" / "redis.request.args_complete",
    }
}

fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    let values = |side| match side == client {
        true => Values::new(true, KEPT_OF_COMMAND),
        false => Values::new(false, limits.body),
    };
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        values: Sides::each(values),
        waiting: Asked::new(MAX_WAITING, MAX_WAITING_BYTES),
        sends: Sends::Replies,
        monitors: false,
        attempts: Attempts::default(),
    })
}

struct Conversation {
    client: Side,
    secrets: bool,
    values: Sides<Values>,
    waiting: Asked<Request>,
    /// Which commands the server replies to.
    sends: Sends,
    /// The server tells what others ask.
    monitors: bool,
    attempts: Attempts,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.values.held() + self.waiting.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.values.of_mut(side).push(bytes, at);
        self.values(side, at, out)
    }

    fn gap(&mut self, side: Side, length: u64, _: Moment, out: &mut Events) -> Next {
        let inside = self.values.of_mut(side).gap(length);
        match (side == self.client, inside) {
            (true, true) => self.waiting.lost_part(),
            (true, false) => self.waiting.lost_commands(),
            (false, true) => {}
            (false, false) => {
                let lost = self.waiting.lost_replies();
                self.unanswered(lost, out);
            }
        }
        Next::Same
    }

    fn begins_behind_gap(&mut self, side: Side) {
        if side == self.client {
            self.waiting.lost_commands();
        } else {
            self.waiting.lost_replies();
        }
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.give_up_waiting(out);
    }
}

impl Conversation {
    /// Takes the values of a side that are whole.
    fn values(&mut self, side: Side, at: Moment, out: &mut Events) -> Next {
        while let Some(value) = self.values.of_mut(side).next() {
            let next = match value {
                Ok(value) if side == self.client => self.request(value, out),
                Ok(value) => self.reply(value, out),
                Err(fault) => {
                    let name = match fault {
                        Fault::NoValue => "redis_no_value",
                        Fault::TooDeep => "redis_too_deep",
                        Fault::TooLong => "redis_line_too_long",
                    };
                    out.push(at, at, Weird { name, addl: None, peer: REDIS.name });
                    self.give_up_waiting(out);
                    Next::Over
                }
            };
            if next != Next::Same {
                return next;
            }
        }
        Next::Same
    }

    fn request(&mut self, value: Whole, out: &mut Events) -> Next {
        let Whole { item, first, last, cut } = value;
        if item.length == 0 {
            // An empty list asks for nothing, and is not answered.
            return Next::Same;
        }
        let request = Request { cut, ..Request::of(item, first, last) };
        let is_answered = self.sends.after(&request);
        if !is_answered {
            self.tell(Some(request), None, last, out);
            return Next::Same;
        }
        let (at, size) = (request.first, request.size);
        let over = self.waiting.push(request, at, size);
        self.unanswered(over, out);
        Next::Same
    }

    fn reply(&mut self, value: Whole, out: &mut Events) -> Next {
        let is_push = self.is_push(&value.item, value.first);
        let request = if is_push { None } else { self.waiting.answered(value.first) };
        let name = request.as_ref().map_or("", |request| request.name.as_str()).to_owned();
        self.monitors |= name == "MONITOR" && !value.item.is_error();
        let last = value.last;
        let is_error = value.item.is_error();
        self.tell(request, Some(value), last, out);
        // What follows is a database, and what changes it.
        if matches!(name.as_str(), "SYNC" | "PSYNC") && !is_error { Next::Over } else { Next::Same }
    }

    /// True if nobody asked for it.
    fn is_push(&self, item: &Item, began: Moment) -> bool {
        let kind = item.elements.first().filter(|_| item.is_list()).map(|kind| kind.text.to_ascii_uppercase());
        let kind = kind.unwrap_or_default();
        let front = self.waiting.front(began).map(|request| request.name.as_bytes());
        match kind.as_slice() {
            _ if self.monitors && item.kind == b'+' && item.text.first().is_some_and(u8::is_ascii_digit) => true,
            // The first of these answers the command, and for each further channel there is another one.
            b"SUBSCRIBE" | b"PSUBSCRIBE" | b"SSUBSCRIBE" | b"UNSUBSCRIBE" | b"PUNSUBSCRIBE" | b"SUNSUBSCRIBE" => {
                front != Some(kind.as_slice()) && (item.kind == b'>' || item.length == 3)
            }
            b"MESSAGE" | b"SMESSAGE" => item.kind == b'>' || item.length == 3 && front.is_none(),
            b"PMESSAGE" => item.kind == b'>' || item.length == 4 && front.is_none(),
            _ => item.kind == b'>',
        }
    }

    fn give_up_waiting(&mut self, out: &mut Events) {
        let rest = self.waiting.give_up();
        self.unanswered(rest, out);
    }

    /// Tells commands without replies.
    fn unanswered(&mut self, requests: Vec<Request>, out: &mut Events) {
        for request in requests {
            let last = request.last;
            self.tell(Some(request), None, last, out);
        }
    }

    /// A command, its reply, or both; and if it is a login, that.
    fn tell(&mut self, request: Option<Request>, reply: Option<Whole>, last: Moment, out: &mut Events) {
        let first = request.as_ref().map(|request| request.first).or(reply.as_ref().map(|reply| reply.first));
        let first = first.unwrap_or(last);
        let last = if reply.is_some() { last } else { request.as_ref().map_or(last, |request| request.last) };
        let cut = reply.as_ref().is_some_and(|reply| reply.cut);
        let mut item = reply.map(|reply| reply.item);
        if let Some(item) = item.as_mut().filter(|_| !self.secrets) {
            conceal(item);
            // Servers repeat what they do not know.
            if let Some(request) = request.as_ref().filter(|request| item.is_error() && request.has_secret()) {
                let text = lossless(&item.text);
                item.text = request.args.iter().fold(text, |text, said| without(text, said)).into_bytes();
            }
        }
        if let Some(request) = &request {
            self.tell_login(request, item.as_ref(), last, out);
        }
        let success = item.as_ref().filter(|item| item.kind != b'>' || request.is_some()).map(|item| !item.is_error());
        let mut redis = Redis {
            success,
            reply_type: item.as_ref().map(Item::name),
            reply: item.as_ref().filter(|item| !item.null).map(Item::told),
            reply_len: item.as_ref().filter(|item| !item.null).map(|item| item.length),
            reply_complete: cut.then_some(false),
            ..Redis::default()
        };
        if let Some(request) = request {
            let hidden = request.has_secret() && !self.secrets;
            let told = request.args.iter();
            redis.key = request.key().filter(|_| !(hidden && request.is_script()));
            redis.value = request.value().filter(|_| !hidden);
            redis.args = (!hidden).then(|| told.cloned().collect());
            redis.num_args = Some(request.count);
            redis.args_complete = request.cut.then_some(false);
            redis.command = Some(request.name).filter(|name| !name.is_empty());
        }
        out.push(first, last, redis);
    }

    fn tell_login(&mut self, request: &Request, reply: Option<&Item>, last: Moment, out: &mut Events) {
        let Some((user, password)) = request.login() else { return };
        let code = reply.filter(|reply| reply.is_error()).map(|reply| {
            let text = reply.told();
            (text.split(' ').next().unwrap_or_default().to_owned(), text)
        });
        let result = match (&code, reply) {
            (_, None) => Outcome::Unknown,
            (None, Some(_)) => Outcome::Success,
            // Before version 6, `ERR invalid password`; other errors say that there is no password, or too many words.
            (Some((code, text)), _)
                if matches!(code.as_str(), "WRONGPASS" | "NOPERM") || text.contains("invalid password") =>
            {
                Outcome::Failure
            }
            _ => Outcome::Error,
        };
        let auth = Auth {
            service: REDIS.name,
            user,
            secret_kind: Some("plain"),
            secret: password.filter(|_| self.secrets),
            mechanism: Some(request.name.clone()),
            result,
            server_code: code.map(|(code, _)| code),
            ..Auth::default()
        };
        self.attempts.tell(request.first, last, auth, out);
    }
}
