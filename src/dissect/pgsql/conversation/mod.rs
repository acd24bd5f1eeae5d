//! One conversation: messages of both sides, put together to commands with their answers.

mod answers;

use std::collections::VecDeque;

use super::command::{Ask, Command};
use super::login::Login;
use super::message::{BACKEND, FRONTEND, Startup, measure, measure_startup};
use super::{PGSQL, Pgsql, opening};
use crate::dissect::asked::Turns;
use crate::dissect::frames::{Frame, Frames, Measure};
use crate::dissect::held::Held;
use crate::dissect::login::{Attempts, Auth, Outcome};
use crate::dissect::sql::Statements;
use crate::dissect::{Dissector, Events, Limits, Next, Opening, Weird};
use crate::flow::{Moment, Side, Sides};

/// So many bytes of a message are kept: of a statement, the rest is left out.
const KEPT: usize = 64 << 10;

/// Commands that wait for their answers, at most, and their bytes: clients send thousands at once.
const MAX_WAITING: usize = 10_000;
const MAX_WAITING_BYTES: usize = 4 << 20;

pub(super) fn begin(opening: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    let said = opening.of(client);
    // Types of messages are letters, and the length of a startup message begins with zero.
    let started = said.first().is_none_or(|first| *first != 0);
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        frames: Sides::each(|_| Frames::new(KEPT)),
        started,
        awaited: None,
        session: Session::default(),
        login: None,
        waiting: VecDeque::new(),
        waiting_bytes: 0,
        turns: Turns::default(),
        unsure: false,
        statements: Statements::default(),
        portals: Statements::default(),
        attempts: Attempts::default(),
    })
}

struct Conversation {
    client: Side,
    secrets: bool,
    frames: Sides<Frames>,
    /// The client's startup message came.
    started: bool,
    /// The client asked for encryption, and one byte answers that: what it asked for, and when.
    awaited: Option<(&'static str, Moment)>,
    session: Session,
    login: Option<Login>,
    waiting: VecDeque<Command>,
    waiting_bytes: usize,
    turns: Turns,
    /// Something is missing, and which answers are for what is asked is not known: commands do not wait, and those that do
    /// were not seen.
    unsure: bool,
    statements: Statements<String>,
    portals: Statements<String>,
    attempts: Attempts,
}

/// What the startup message says.
#[derive(Debug, Clone, Default)]
struct Session {
    user: Option<String>,
    database: Option<String>,
    application_name: Option<String>,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let Session { user, database, application_name } = &self.session;
        let session = user.held() + database.held() + application_name.held() + self.login.held();
        let front = self.waiting.front().map_or(0, Command::answer_held);
        self.frames.held() + session + self.waiting_bytes + front + self.statements.held() + self.portals.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let types = if side == self.client { FRONTEND } else { BACKEND };
        self.frames.of_mut(side).push(bytes, at, |bytes| opening::begins_row(bytes, types));
        self.messages(side, at, out)
    }

    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next {
        if self.frames.of_mut(side).gap(length) {
            if side == self.client && (self.unsure || self.turns.lost_part()) {
                self.lose_commands(out);
            }
            return self.messages(side, at, out);
        }
        self.started |= side == self.client;
        self.login_ends(Outcome::Unknown, None, at, out);
        if side == self.client {
            self.lose_commands(out);
            // What statements and portals are may be otherwise now.
            self.statements.clear();
            self.portals.clear();
        } else {
            self.give_up_waiting(out);
            self.turns.lost_replies();
            self.unsure = true;
        }
        Next::Same
    }

    fn begins_behind_gap(&mut self, side: Side) {
        self.unsure = true;
        match side == self.client {
            true => self.turns.lost_commands(),
            false => self.turns.lost_replies(),
        }
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        if let Some(frame) = self.frames.of_mut(self.client).rest()
            && self.started
        {
            self.ask(&frame, out);
        }
        if let Some((request, moment)) = self.awaited.take() {
            self.push(moment, moment, Pgsql { frontend: Some(request.to_owned()), ..Pgsql::default() }, out);
        }
        let last = self.login.as_ref().map_or(at, |login| login.last);
        self.login_ends(Outcome::Unknown, None, last, out);
        self.give_up_waiting(out);
    }
}

impl Conversation {
    /// Takes the messages of a side that are whole.
    fn messages(&mut self, side: Side, at: Moment, out: &mut Events) -> Next {
        loop {
            let (is_client, started, awaited) = (side == self.client, self.started, self.awaited.is_some());
            let frame = self.frames.of_mut(side).next(|bytes| match (is_client, bytes.first()) {
                (true, _) if !started => measure_startup(bytes),
                (true, _) => measure(bytes, FRONTEND),
                (false, Some(b'S' | b'N' | b'G')) if awaited => Measure::Length(1),
                (false, _) => measure(bytes, BACKEND),
            });
            let next = match frame {
                None => return Next::Same,
                Some(Ok(frame)) if !is_client => self.answer(&frame, out),
                Some(Ok(frame)) if started => self.ask(&frame, out),
                Some(Ok(frame)) => self.start(&frame, out),
                // The answer to the request was not seen, and what follows is encrypted.
                Some(Err(_)) if is_client && awaited => self.encrypted(side),
                Some(Err(_)) => {
                    out.push(at, at, Weird { name: "pgsql_no_message", addl: None, peer: PGSQL.name });
                    Next::Over
                }
            };
            if next != Next::Same {
                return next;
            }
        }
    }

    fn encrypted(&self, side: Side) -> Next {
        Next::Anew(self.frames.of(side).waiting())
    }

    /// A message before the session has begun.
    fn start(&mut self, frame: &Frame, out: &mut Events) -> Next {
        let (first, last) = (frame.first, frame.last);
        match Startup::read(&frame.bytes) {
            Some(Startup::Tls) => self.awaited = Some(("ssl_request", first)),
            Some(Startup::Gss) => self.awaited = Some(("gssenc_request", first)),
            Some(Startup::Cancel(process)) => {
                let (frontend, arg) = (Some("cancel_request".to_owned()), Some(process.to_string()));
                self.push(first, last, Pgsql { frontend, frontend_arg: arg, ..Pgsql::default() }, out);
            }
            Some(Startup::Session(parameters)) => {
                let value =
                    |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
                let user = value("user");
                // The database of the user's name is the one that is meant if none is named.
                let database = value("database").or_else(|| user.clone());
                self.login = Some(Login::new(user.clone(), database.clone(), first, last));
                self.session = Session { user, database, application_name: value("application_name") };
                self.started = true;
                let command = Command::new(Ask::Startup, first, last);
                self.waiting.push_back(Command { parameters: Some(parameters), ..command });
            }
            None => {
                out.push(first, last, Weird { name: "pgsql_startup_unknown", addl: None, peer: PGSQL.name });
                return Next::Over;
            }
        }
        Next::Same
    }

    /// A client's message.
    fn ask(&mut self, frame: &Frame, out: &mut Events) -> Next {
        let (first, last) = (frame.first, frame.last);
        let Some((kind, payload)) = frame.bytes.split_first_chunk::<5>() else { return Next::Same };
        match kind.first() {
            Some(b'p') => {
                let (user, database) = (self.session.user.clone(), self.session.database.clone());
                self.login.get_or_insert_with(|| Login::new(user, database, first, last)).answers(payload, last);
            }
            Some(b'X') => {
                let frontend = Some("terminate".to_owned());
                self.push(first, last, Pgsql { frontend, ..Pgsql::default() }, out);
            }
            Some(kind) if let Some(ask) = Ask::of(*kind) => {
                let mut command = Command::new(ask, first, last);
                command.read(payload, self.secrets);
                self.remember(&mut command);
                self.wait(command, out);
            }
            // Flush, and what is copied.
            _ => {}
        }
        Next::Same
    }

    /// Lets a command wait for its answers.
    fn wait(&mut self, command: Command, out: &mut Events) {
        let has_all = self.turns.asks(!self.unsure, !self.waiting.is_empty());
        if has_all && self.unsure {
            self.give_up_waiting(out);
            self.unsure = false;
        }
        if self.unsure {
            self.turns.owes(command.ask.until_ready().into());
            return self.tell(command, out);
        }
        self.waiting_bytes += command.size();
        self.waiting.push_back(command);
        if self.waiting.len() > MAX_WAITING || self.waiting_bytes > MAX_WAITING_BYTES {
            self.lose_commands(out);
        }
    }

    /// Commands are missing, or too many: those that wait are told without answers, and the server owes these.
    fn lose_commands(&mut self, out: &mut Events) {
        let asked = self.waiting.iter().filter(|command| command.name.is_some() && command.ask.until_ready());
        self.turns.owes(asked.count() as u64);
        self.give_up_waiting(out);
        self.turns.lost_commands();
        self.unsure = true;
    }

    /// Remembers what statements and portals are, so that it can be told what is executed.
    fn remember(&mut self, command: &mut Command) {
        match (command.ask, &command.statement, &command.portal) {
            (Ask::Parse, Some(statement), _) => {
                self.statements.insert(statement.clone(), command.argument.as_deref().unwrap_or_default());
            }
            (Ask::Bind, Some(statement), Some(portal)) => {
                self.portals.insert(portal.clone(), statement);
            }
            (Ask::Execute, _, Some(portal)) => {
                command.statement = self.portals.get(portal).cloned();
                let text = command.statement.as_ref().and_then(|statement| self.statements.get(statement));
                command.argument = text.cloned();
            }
            (Ask::Close, Some(statement), _) => {
                self.statements.remove(statement);
            }
            (Ask::Close, None, Some(portal)) => {
                self.portals.remove(portal);
            }
            _ => {}
        }
    }

    fn login_ends(&mut self, result: Outcome, code: Option<String>, last: Moment, out: &mut Events) {
        let Some(mut login) = self.login.take() else { return };
        let auth = Auth {
            service: PGSQL.name,
            secret_kind: login.secret_kind(),
            secret: login.secret().filter(|_| self.secrets),
            user: login.user,
            database: login.database,
            mechanism: login.mechanism,
            result,
            server_code: code,
            attempt: 0,
        };
        self.attempts.tell(login.first, last, auth, out);
    }

    /// What waits was not answered, or not wholly.
    fn give_up_waiting(&mut self, out: &mut Events) {
        while !self.waiting.is_empty() {
            self.tell_oldest(out);
        }
    }

    fn oldest(&mut self) -> Option<Command> {
        let oldest = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(oldest.size());
        Some(oldest)
    }

    fn tell_oldest(&mut self, out: &mut Events) {
        if let Some(command) = self.oldest() {
            self.tell(command, out);
        }
    }

    fn tell(&self, command: Command, out: &mut Events) {
        // Sync alone says nothing.
        if command.ask != Ask::Sync {
            self.push(command.first, command.last, Pgsql::of(command), out);
        }
    }

    fn push(&self, first: Moment, last: Moment, pgsql: Pgsql, out: &mut Events) {
        let Session { user, database, application_name } = self.session.clone();
        out.push(first, last, Pgsql { user, database, application_name, ..pgsql });
    }
}
