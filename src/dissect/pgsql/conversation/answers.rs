//! What the server says, put to the commands that it answers.

use super::Conversation;
use crate::dissect::frames::Frame;
use crate::dissect::login::Outcome;
use crate::dissect::pgsql::command::{Ask, Command};
use crate::dissect::pgsql::login::outcome;
use crate::dissect::pgsql::message::{Report, columns, rows};
use crate::dissect::pgsql::{Parameter, Pgsql};
use crate::dissect::scan::Scan;
use crate::dissect::text::lossless;
use crate::dissect::{Events, Next};
use crate::flow::Moment;

/// Parameters that a server tells of itself before it is ready, at most.
const MAX_PARAMETERS: usize = 64;

/// An answer is looked for among so many commands that wait: servers answer in order.
const AHEAD: usize = 64;

impl Conversation {
    /// A server's message.
    pub(super) fn answer(&mut self, frame: &Frame, out: &mut Events) -> Next {
        let (first, last) = (frame.first, frame.last);
        if frame.length == 1 {
            return self.encryption(frame, out);
        }
        let Some((kind, payload)) = frame.bytes.split_first_chunk::<5>() else { return Next::Same };
        let kind = kind.first().copied().unwrap_or_default();
        // What began before it was asked for is the answer to something else, which is missing.
        let asked = self.waiting.front().filter(|command| command.name.is_some());
        if asked.is_some_and(|command| command.first.packet > first.packet) && !b"ANS".contains(&kind) {
            self.lose_commands(out);
        }
        match kind {
            b'R' => self.authentication(payload, last, out),
            b'E' => self.fault(Report::read(payload), frame, out),
            b'S' => self.parameter(payload, frame, out),
            b'N' => {
                let report = Report::read(payload);
                let (backend, backend_arg) = (Some("notice".to_owned()), Some(report.text.clone()));
                self.push(first, last, Pgsql { backend, backend_arg, ..Pgsql::default() }.with_report(report), out);
            }
            b'A' => {
                let mut scan = Scan::new(payload);
                let _process = scan.u32();
                let (channel, text) = (lossless(scan.text()), lossless(scan.text()));
                let (backend, backend_arg) = (Some("notification".to_owned()), Some(format!("{channel},{text}")));
                self.push(first, last, Pgsql { backend, backend_arg, ..Pgsql::default() }, out);
            }
            b'Z' => self.ready(last, out),
            b'1' => self.does(&[Ask::Parse], frame, out),
            b'2' => self.does(&[Ask::Bind], frame, out),
            b'3' => self.does(&[Ask::Close], frame, out),
            b'n' => self.does(&[Ask::Describe], frame, out),
            b'T' => {
                let described = columns(payload);
                if let Some(command) = self.front_of(&[Ask::Describe, Ask::Query], frame, out)
                    && let Some((width, names)) = described
                {
                    (command.width, command.columns) = (Some(width), names);
                }
                if self.waiting.front().is_some_and(|command| command.ask == Ask::Describe) {
                    self.does(&[Ask::Describe], frame, out);
                }
            }
            b'D' => {
                if let Some(command) = self.front_of(&[Ask::Execute, Ask::Query], frame, out) {
                    command.rows = Some(command.rows.unwrap_or_default().saturating_add(1));
                    command.since_tag = command.since_tag.saturating_add(1);
                }
            }
            b'C' | b'I' | b's' => self.command_done(kind, payload, frame, out),
            _ => {}
        }
        Next::Same
    }

    /// The answer to a request for encryption.
    fn encryption(&mut self, frame: &Frame, out: &mut Events) -> Next {
        let Some((request, first)) = self.awaited.take() else { return Next::Same };
        let backend = if request == "ssl_request" { "ssl_reply" } else { "gssenc_reply" };
        let agreed = matches!(frame.bytes.first(), Some(b'S' | b'G'));
        let pgsql = Pgsql {
            frontend: Some(request.to_owned()),
            success: Some(agreed),
            backend: Some(backend.to_owned()),
            backend_arg: Some(lossless(&frame.bytes)),
            ..Pgsql::default()
        };
        self.push(first, frame.last, pgsql, out);
        if agreed { self.encrypted(self.client.other()) } else { Next::Same }
    }

    fn authentication(&mut self, payload: &[u8], last: Moment, out: &mut Events) {
        let Some(login) = &mut self.login else { return };
        if !login.asks(payload) {
            return;
        }
        let names: Vec<String> = login.asked_names.iter().map(|name| (*name).to_owned()).collect();
        if let Some(command) = self.waiting.front_mut().filter(|command| command.ask == Ask::Startup) {
            (command.success, command.tags, command.last) = (Some(true), names, last);
        }
        self.login_ends(Outcome::Success, None, last, out);
    }

    fn fault(&mut self, report: Report, frame: &Frame, out: &mut Events) {
        self.awaited = None;
        if let Some(login) = &self.login {
            let names = login.asked_names.iter().map(|name| (*name).to_owned()).collect();
            if let Some(command) = self.waiting.front_mut().filter(|command| command.ask == Ask::Startup) {
                command.tags = names;
            }
            self.login_ends(outcome(report.code.as_deref()), report.code.clone(), frame.last, out);
        }
        let Some(command) = self.waiting.front_mut().filter(|command| command.ask != Ask::Sync) else {
            let (backend, backend_arg) = (Some("error".to_owned()), Some(report.text.clone()));
            let pgsql = Pgsql { success: Some(false), backend, backend_arg, ..Pgsql::default() };
            return self.push(frame.first, frame.last, pgsql.with_report(report), out);
        };
        (command.success, command.last) = (Some(false), frame.last);
        command.fault = Some(report);
        // A query goes on until the server is ready; what else waits up to Sync will not be done.
        if !matches!(command.ask, Ask::Query | Ask::Function) {
            self.tell_oldest(out);
        }
    }

    fn parameter(&mut self, payload: &[u8], frame: &Frame, out: &mut Events) {
        let mut scan = Scan::new(payload);
        let (name, value) = (lossless(scan.text()), lossless(scan.text()));
        match self.waiting.front_mut().filter(|command| command.ask == Ask::Startup) {
            Some(command) if command.server_parameters.len() < MAX_PARAMETERS => {
                command.server_parameters.push((name, value));
            }
            Some(_) => {}
            None => {
                let (backend, parameters) =
                    (Some("parameter_status".to_owned()), Some(vec![Parameter { name, value }]));
                let pgsql = Pgsql { backend, server_parameters: parameters, ..Pgsql::default() };
                self.push(frame.first, frame.last, pgsql, out);
            }
        }
    }

    /// The server is ready for the next query: the commands up to the one that it was busy with are done.
    fn ready(&mut self, last: Moment, out: &mut Events) {
        let found = self.waiting.iter().any(|command| command.name.is_some() && command.ask.until_ready());
        self.turns.replies(!self.unsure, found);
        while let Some(mut command) = self.oldest() {
            let done = command.ask.until_ready();
            if done {
                command.success.get_or_insert(true);
                command.last = last;
            }
            self.tell(command, out);
            if done {
                break;
            }
        }
    }

    fn command_done(&mut self, kind: u8, payload: &[u8], frame: &Frame, out: &mut Events) {
        let tag = match kind {
            b'C' => lossless(Scan::new(payload).text()),
            b'I' => "EMPTY".to_owned(),
            _ => "SUSPENDED".to_owned(),
        };
        let Some(command) = self.front_of(&[Ask::Execute, Ask::Query], frame, out) else { return };
        // Of the rows that the tag tells of, those that came are counted already.
        let came = std::mem::take(&mut command.since_tag);
        if let Some(told) = rows(&tag) {
            let more = told.saturating_sub(came);
            command.rows = Some(command.rows.unwrap_or_default().saturating_add(more));
        }
        command.done(tag);
        if command.ask == Ask::Execute {
            self.does(&[Ask::Execute], frame, out);
        }
    }

    /// One of these is done.
    fn does(&mut self, asks: &[Ask], frame: &Frame, out: &mut Events) {
        if let Some(command) = self.front_of(asks, frame, out).filter(|command| command.name.is_some()) {
            command.success.get_or_insert(true);
            self.tell_oldest(out);
        }
    }

    /// The command that an answer of one of these is to: those that wait before it were not answered. If nothing waits, it
    /// is one that was not seen.
    fn front_of(&mut self, asks: &[Ask], frame: &Frame, out: &mut Events) -> Option<&mut Command> {
        match self.waiting.iter().take(AHEAD).position(|command| asks.contains(&command.ask)) {
            Some(before) => (0..before).for_each(|_| self.tell_oldest(out)),
            None if self.waiting.is_empty() => self.waiting.push_back(Command::unseen(frame.first)),
            None => return None,
        }
        let command = self.waiting.front_mut()?;
        command.last = frame.last;
        Some(command)
    }
}
