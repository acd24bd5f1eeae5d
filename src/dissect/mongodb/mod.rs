//! MongoDB: commands, replies, logins.
//!
//! MongoDB's manual, "Wire Protocol", with the opcodes that newer servers have no more. A request is a record with its
//! reply, which names it. Documents are told as JSON, bounded; what stands in a compressed message is unpacked if it is by
//! Snappy, zlib or zstd. Of long messages the front is looked at, and what stands behind it is not known.

mod bson;
mod login;
mod message;
mod opening;
mod snappy;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::bson::{Bson, Json, elements, get};
use self::login::{Asked, Logins};
use self::message::{Body, HEADER, Header, Room, measure, opcode, split, unpack};
use super::frames::{Frame, Frames};
use super::held::Held;
use super::record::{Events, records};
use super::text::lossless;
use super::{Dissector, Limits, Next, Opening, Protocol, Weird};
use crate::flow::{Moment, Side, Sides};

/// How MongoDB is recognised: by the header of a message, and how its body begins.
pub(super) const MONGODB: Protocol =
    Protocol { name: "mongodb", tcp: true, udp: false, ports: &[27017, 27018, 27019], looks: opening::looks, begin };

/// So many bytes of a message are kept.
const KEPT: usize = 256 << 10;

/// Requests that wait for their replies, at most.
const MAX_WAITING: usize = 256;

/// Documents are told up to about so many bytes.
const MAX_ARGUMENT: usize = 16 << 10;

/// What shows who one is stands in elements of these names; of the last two in commands of these alone.
const SECRETS: [&str; 3] = ["pwd", "payload", "key"];
const WITH_SECRETS: [&str; 8] =
    ["saslstart", "saslcontinue", "authenticate", "hello", "ismaster", "createuser", "updateuser", "copydbsaslstart"];

records! {
    /// A request of MongoDB and its reply; or a reply alone.
    "mongodb" Mongodb {
        /// The kind of the request: OP_MSG, OP_QUERY …; of what is compressed, the kind inside.
        opcode: Option<&'static str> => / "mongodb.opcode",
        /// The number of the request.
        request_id: Option<i64> => / "mongodb.request_id",
        /// The kind of the reply.
        reply_opcode: Option<&'static str> => / "mongodb.reply.opcode",
        /// The number of the reply.
        reply_id: Option<i64> => / "mongodb.reply.id",
        /// The number of the request that the reply is to.
        response_to: Option<i64> => / "mongodb.response_to",
        /// How the request, or the reply alone, is compressed.
        compressor: Option<String> => / "mongodb.compressor",
        /// The database.
        database: Option<String> => / "mongodb.database",
        /// The collection.
        collection: Option<String> => / "mongodb.collection",
        /// The command; of older opcodes what they do: find, insert, update, delete, getMore, killCursors.
        command: Option<String> => / "mongodb.command",
        /// Its document as JSON. Passwords, keys and proofs only with `--secrets`.
        arg: Option<String> => / "mongodb.arg",
        /// False if the document is longer than what is told of it.
        arg_complete: Option<bool> => / "mongodb.arg_complete",
        /// How many documents the request brings besides, if it is looked at to its end.
        documents: Option<u64> => / "mongodb.documents",
        /// The server did it.
        success: Option<bool> => / "mongodb.success",
        /// What the reply has as `ok`: 1 or 0.
        ok: Option<i64> => / "mongodb.ok",
        /// The error's code.
        code: Option<i64> => / "error.code",
        /// The error's name.
        code_name: Option<String> => / "error.type",
        /// The error's text.
        errmsg: Option<String> => / "error.message",
        /// How many documents were returned.
        number_returned: Option<u64> => / "mongodb.number_returned",
        /// How many were matched or changed: `n`.
        number_affected: Option<i64> => / "mongodb.number_affected",
    }
}

fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        frames: Sides::each(|_| Frames::new(KEPT)),
        waiting: VecDeque::new(),
        waiting_bytes: 0,
        room: Room::default(),
        logins: Logins::new(limits.secrets),
    })
}

struct Conversation {
    client: Side,
    secrets: bool,
    frames: Sides<Frames>,
    waiting: VecDeque<Waiting>,
    /// What they hold.
    waiting_bytes: usize,
    room: Room,
    logins: Logins,
}

/// A request that waits for its reply.
struct Waiting {
    request: i32,
    told: Mongodb,
    first: Moment,
    last: Moment,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.frames.held() + self.waiting_bytes + self.logins.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.frames.of_mut(side).push(bytes, at, |bytes| Header::read(bytes).is_some());
        self.messages(side, at, out)
    }

    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next {
        self.frames.of_mut(side).gap(length);
        self.messages(side, at, out)
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        for side in [self.client, self.client.other()] {
            if let Some(frame) = self.frames.of_mut(side).rest() {
                self.message(side, &frame, at, out);
            }
        }
        self.logins.end(out);
        while let Some(waiting) = self.take(0) {
            out.push(waiting.first, waiting.last, waiting.told);
        }
    }
}

impl Conversation {
    /// Takes the messages of a side that are whole.
    fn messages(&mut self, side: Side, at: Moment, out: &mut Events) -> Next {
        while let Some(frame) = self.frames.of_mut(side).next(measure) {
            let Ok(frame) = frame else {
                out.push(at, at, Weird { name: "mongodb_no_message", addl: None, peer: MONGODB.name });
                return Next::Over;
            };
            self.message(side, &frame, at, out);
        }
        Next::Same
    }

    fn message(&mut self, side: Side, frame: &Frame, at: Moment, out: &mut Events) {
        let Some(header) = Header::read(&frame.bytes) else { return };
        let bytes = frame.bytes.get(HEADER..).unwrap_or_default();
        let packed = if header.opcode == opcode::COMPRESSED { unpack(bytes, &mut self.room) } else { None };
        let (code, body) = match &packed {
            Some(packed) => (packed.opcode, packed.body.as_deref()),
            None => (header.opcode, Some(bytes)),
        };
        let compressor = packed.as_ref().map(|packed| packed.compressor.clone());
        let Some(body) = body.map_or(Some(Body::default()), |body| Body::read(code, body)) else {
            out.push(at, at, Weird { name: "mongodb_message_too_short", addl: None, peer: MONGODB.name });
            return;
        };
        let is_here = !frame.damaged && frame.length <= frame.bytes.len() as u64;
        let whole = is_here && packed.as_ref().is_none_or(|packed| packed.whole);
        let message = Message { header, code, body, frame, compressor, whole };
        if side == self.client {
            self.request(message, out);
        } else {
            self.reply(message, out);
        }
    }

    fn request(&mut self, message: Message, out: &mut Events) {
        let Message { header, code, body, frame, compressor, whole } = message;
        let (mut database, mut collection) =
            body.space.map(split).map_or((None, None), |(database, collection)| (Some(database), collection));
        let mut document = body.document;
        let mut command = legacy(code).map(str::to_owned);
        let is_command = code == opcode::QUERY && collection.as_deref() == Some("$cmd");
        if is_command || code == opcode::QUERY && get(document, "$query").is_some() {
            // A query may stand in an element beside its options.
            let inside = get(document, "$query")
                .or_else(|| get(document, "query").filter(|_| is_command && first_is_query(document)));
            document = inside.and_then(|inside| inside.document()).unwrap_or(document);
        }
        if is_command || code == opcode::MSG || code == opcode::COMMAND {
            let (name, on) = named(document);
            command = body.command.map(lossless).or(name);
            collection = if is_command && on.is_none() { collection } else { on };
        }
        if let Some(named) = get(document, "$db").and_then(|database| database.text()).filter(|_| code == opcode::MSG) {
            database = Some(named);
        }
        if let Some(command) = &command {
            let database = database.as_deref();
            let (request, first, last) = (header.request_id, frame.first, frame.last);
            self.logins.asked(&Asked { command, document, database, request, first, last }, out);
        }
        let (arg, complete) = self.argument(command.as_deref().unwrap_or_default(), document);
        let told = Mongodb {
            opcode: message::name(code),
            request_id: Some(header.request_id.into()),
            compressor,
            database,
            collection,
            command,
            arg,
            arg_complete: (!complete || !whole).then_some(false),
            documents: (whole && (body.sequence.is_some() || code == opcode::INSERT)).then_some(body.documents),
            ..Mongodb::default()
        };
        if body.unanswered {
            return out.push(frame.first, frame.last, told);
        }
        self.waiting_bytes += size_of::<Waiting>() + told.held();
        self.waiting.push_back(Waiting { request: header.request_id, told, first: frame.first, last: frame.last });
        if self.waiting.len() > MAX_WAITING
            && let Some(oldest) = self.take(0)
        {
            out.push(oldest.first, oldest.last, oldest.told);
        }
    }

    /// Takes a request that waits.
    fn take(&mut self, place: usize) -> Option<Waiting> {
        let waiting = self.waiting.remove(place)?;
        self.waiting_bytes -= size_of::<Waiting>() + waiting.told.held();
        Some(waiting)
    }

    /// A document as JSON, and whether it is told in full.
    fn argument(&self, command: &str, document: &[u8]) -> (Option<String>, bool) {
        if document.is_empty() {
            return (None, true);
        }
        let hidden = match WITH_SECRETS.contains(&command.to_ascii_lowercase().as_str()) {
            _ if self.secrets => 0,
            true => SECRETS.len(),
            false => 1,
        };
        let (text, cut) = Json::new(MAX_ARGUMENT, SECRETS.get(..hidden).unwrap_or_default()).document(document);
        (Some(text), !cut)
    }

    fn reply(&mut self, message: Message, out: &mut Events) {
        let Message { header, code, body, frame, compressor, whole } = message;
        let place = self.waiting.iter().position(|waiting| waiting.request == header.response_to);
        let waiting = place.and_then(|place| self.take(place));
        self.logins.answered(header.response_to, body.document, frame.last, out);
        let (first, told) = match waiting {
            Some(waiting) => (waiting.first, waiting.told),
            None => (frame.first, Mongodb { compressor, ..Mongodb::default() }),
        };
        let told = Mongodb {
            reply_opcode: message::name(code),
            reply_id: Some(header.request_id.into()),
            response_to: Some(header.response_to.into()),
            ..told
        };
        out.push(first, frame.last, told.with_reply(code, &body, whole));
    }
}

/// A message.
struct Message<'a> {
    header: Header,
    /// The opcode; of a compressed message, that of what is inside.
    code: u32,
    body: Body<'a>,
    frame: &'a Frame,
    compressor: Option<String>,
    /// Everything of it is there, and unpacked.
    whole: bool,
}

/// What messages do that are no commands.
fn legacy(code: u32) -> Option<&'static str> {
    Some(match code {
        opcode::QUERY => "find",
        opcode::INSERT => "insert",
        opcode::UPDATE => "update",
        opcode::DELETE => "delete",
        opcode::GET_MORE => "getMore",
        opcode::KILL_CURSORS => "killCursors",
        _ => return None,
    })
}

fn first_is_query(document: &[u8]) -> bool {
    elements(document).next().is_some_and(|(name, _)| name == b"query")
}

/// The command that a document is, which is the name of its first element, and the collection that it is on.
fn named(document: &[u8]) -> (Option<String>, Option<String>) {
    let Some((name, value)) = elements(document).next() else { return (None, None) };
    let on = match name {
        b"getMore" => get(document, "collection").and_then(|collection| collection.text()),
        _ => value.text(),
    };
    (Some(lossless(name)), on)
}

impl Mongodb {
    /// With what a reply says.
    fn with_reply(self, code: u32, body: &Body, whole: bool) -> Self {
        let document = body.document;
        let number = |name: &str| get(document, name).and_then(|value| value.number());
        let text = |document: &[u8], name: &str| get(document, name).and_then(|value| value.text());
        let ok = number("ok");
        // Some writes were not done, though the command was.
        let errors = match get(document, "writeErrors") {
            Some(Bson::Array(errors)) => elements(errors).next().and_then(|(_, error)| error.document()),
            _ => None,
        };
        let fault = errors.unwrap_or(document);
        let cursor = get(document, "cursor").and_then(|cursor| cursor.document()).unwrap_or_default();
        let batch = get(cursor, "firstBatch").or_else(|| get(cursor, "nextBatch"));
        let returned = match (code, batch) {
            (opcode::REPLY, _) => Some(body.documents),
            (_, Some(Bson::Array(batch))) if whole => Some(elements(batch).count() as u64),
            _ => None,
        };
        let failed = body.failed || errors.is_some() || get(document, "$err").is_some();
        Self {
            success: if failed {
                Some(false)
            } else {
                ok.map(|ok| ok != 0).or((code == opcode::REPLY).then_some(true))
            },
            ok,
            code: get(fault, "code").and_then(|code| code.number()),
            code_name: text(fault, "codeName"),
            errmsg: text(fault, "errmsg").or_else(|| text(document, "$err")),
            number_returned: returned,
            number_affected: number("n"),
            ..self
        }
    }
}
