//! MySQL and MariaDB: logins, commands, and what the server answers.
//!
//! MySQL Internals, "Client/Server Protocol": protocol 10 (and 9), handshake, authentication, text and binary commands;
//! MariaDB's documentation of the same. A login over an open connection is told up to the server's answer, however often
//! the two change the way; then each command with its answer: rows are counted, not told. The compressed protocol is not
//! looked into. Secrets are what clients send to show who they are, and passwords in statements.

mod command;
mod login;
mod opening;
mod packet;
mod record;
mod response;
#[cfg(test)]
mod tests;

use self::command::{Command, code};
use self::login::{Greeting, Login, outcome};
use self::packet::{Fault, LONGEST, Packet, capability, measure};
pub(super) use self::record::Mysql;
use self::response::Progress;
use super::asked::Asked;
use super::frames::{Frame, Frames};
use super::held::Held;
use super::login::{Attempts, Auth, Outcome};
use super::record::Events;
use super::sql::{self, Statements};
use super::text::SECRET;
use super::{Dissector, Limits, Next, Opening, Protocol, Weird};
use crate::flow::{Moment, Side, Sides};

/// How MySQL is recognised: by the server's greeting, by a login, or by commands and results.
pub(super) const MYSQL: Protocol =
    Protocol { name: "mysql", tcp: true, udp: false, ports: &[3306, 3307], looks: opening::looks, begin };

/// So many bytes of a packet are kept: of a statement, the rest is left out.
const KEPT: usize = 64 << 10;

/// Commands that wait for their answers, at most; and their bytes.
const MAX_WAITING: usize = 256;
const MAX_WAITING_BYTES: usize = 4 << 20;

fn begin(opening: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    let begins = |side: Side| packet::header(opening.of(side)).map(|(_, sequence)| sequence);
    // A greeting has the number 0, and a login is the only thing that a client says first that has not.
    let logs_in = begins(client.other()) == Some(0) || begins(client).is_some_and(|number| number != 0);
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        frames: Sides::each(|_| Frames::new(KEPT)),
        continued: Sides::default(),
        phase: if logs_in { Phase::Login } else { Phase::Commands },
        server: None,
        agreed: None,
        plugin: None,
        login: None,
        waiting: Asked::new(MAX_WAITING, MAX_WAITING_BYTES),
        waits: false,
        answered: None,
        statements: Statements::default(),
        attempts: Attempts::default(),
    })
}

struct Conversation {
    client: Side,
    secrets: bool,
    frames: Sides<Frames>,
    /// The last packet of a side goes on in its next one.
    continued: Sides<bool>,
    phase: Phase,
    /// The server's capabilities.
    server: Option<u32>,
    /// Those that both sides have.
    agreed: Option<u32>,
    plugin: Option<String>,
    login: Option<Login>,
    waiting: Asked<Command>,
    /// The client's last packet is a command, and it is there.
    waits: bool,
    /// The command whose answer has begun.
    answered: Option<Command>,
    statements: Statements<u32>,
    attempts: Attempts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Login,
    Commands,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let waiting = self.waiting.held() + self.answered.held();
        let login = self.plugin.held() + self.login.held();
        self.frames.held() + waiting + self.statements.held() + login
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.frames.of_mut(side).push(bytes, at, packet::is_one);
        self.packets(side, out)
    }

    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next {
        if self.frames.of_mut(side).gap(length) {
            if side == self.client {
                self.waiting.lost_part();
            }
            return self.packets(side, out);
        }
        *self.continued.of_mut(side) = false;
        self.phase = Phase::Commands;
        self.login_ends(Outcome::Unknown, None, at, out);
        if side == self.client {
            self.waiting.lost_commands();
        } else {
            let lost: Vec<_> = self.answered.take().into_iter().chain(self.waiting.lost_replies()).collect();
            self.unanswered(lost, out);
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

    fn end(&mut self, at: Moment, out: &mut Events) {
        if let Some(frame) = self.frames.of_mut(self.client).rest()
            && self.phase == Phase::Commands
            && let Some(packet) = Packet::of(&frame).filter(|packet| packet.sequence == 0)
        {
            self.command(&packet, out);
        }
        let last = self.login.as_ref().map_or(at, |login| login.last);
        self.login_ends(Outcome::Unknown, None, last, out);
        self.give_up_waiting(out);
    }
}

impl Conversation {
    /// Takes the packets of a side that are whole.
    fn packets(&mut self, side: Side, out: &mut Events) -> Next {
        while let Some(frame) = self.frames.of_mut(side).next(measure) {
            let Ok(frame) = frame else { return Next::Over };
            let next = self.packet(side, &frame, out);
            if next != Next::Same {
                return next;
            }
        }
        Next::Same
    }

    fn packet(&mut self, side: Side, frame: &Frame, out: &mut Events) -> Next {
        let Some(packet) = Packet::of(frame) else { return Next::Same };
        if std::mem::replace(self.continued.of_mut(side), packet.length == LONGEST) {
            self.goes_on_in(side, &packet);
            return Next::Same;
        }
        match (self.phase, side == self.client) {
            (Phase::Login, true) => self.client_logs_in(&packet, out),
            (Phase::Login, false) => self.server_lets_in(&packet, out),
            (Phase::Commands, true) => {
                self.waits = self.command(&packet, out);
                Next::Same
            }
            (Phase::Commands, false) => {
                self.answer(&packet, out);
                Next::Same
            }
        }
    }

    /// A packet is a part of the one before it: what is behind the front of a long one is not kept anyway, but what follows
    /// it has the next number.
    fn goes_on_in(&mut self, side: Side, packet: &Packet) {
        if side != self.client {
            if let Some(command) = &mut self.answered {
                command.response.goes_on_in(packet);
            }
        } else if let Some(command) = self.waiting.last_mut().filter(|_| self.waits) {
            command.answer = packet.sequence.wrapping_add(1);
        }
    }

    fn client_logs_in(&mut self, packet: &Packet, out: &mut Events) -> Next {
        if packet.sequence == 0 {
            // A command: the server has let one in, and its answer was not seen.
            self.phase = Phase::Commands;
            self.login_ends(Outcome::Unknown, None, packet.last, out);
            self.waits = self.command(packet, out);
            return Next::Same;
        }
        if let Some(login) = &mut self.login {
            login.answer(packet);
            return Next::Same;
        }
        let Some((login, capabilities)) = Login::read(packet) else {
            let name = "mysql_login_too_short";
            out.push(packet.first, packet.last, Weird { name, addl: None, peer: MYSQL.name });
            return Next::Over;
        };
        if opening::is_tls_request(capabilities, packet.length.try_into().unwrap_or(u32::MAX)) {
            let cmd = Some("ssl_request".to_owned());
            out.push(packet.first, packet.last, Mysql { cmd, ..Mysql::default() });
            return Next::Anew(self.frames.of(self.client).waiting());
        }
        self.agreed = Some(capabilities & self.server.unwrap_or(u32::MAX));
        let plugin = login.plugin.clone().or(self.plugin.clone());
        self.login = Some(Login { plugin, ..login });
        Next::Same
    }

    fn server_lets_in(&mut self, packet: &Packet, out: &mut Events) -> Next {
        match (packet.kind(), self.login.is_some()) {
            (Some(9 | 10), false) => self.greeting(packet, out),
            (Some(0xff), false) => {
                let fault = Fault::read(packet);
                out.push(packet.first, packet.last, Mysql::default().with_fault(fault));
            }
            (Some(0xff), true) => {
                let fault = Fault::read(packet);
                let outcome = fault.as_ref().map_or(Outcome::Failure, |fault| outcome(fault.code));
                // After a change of user that fails, the connection is closed, as after a login.
                self.login_ends(outcome, fault, packet.last, out);
                self.phase = Phase::Commands;
            }
            (Some(0xfe), true) => {
                if let Some(login) = &mut self.login {
                    login.switch(packet);
                }
            }
            (Some(0), _) => {
                self.login_ends(Outcome::Success, None, packet.last, out);
                self.phase = Phase::Commands;
                if self.agreed.is_some_and(|both| both & (capability::COMPRESS | capability::ZSTD) != 0) {
                    let name = "mysql_compressed_protocol";
                    out.push(packet.first, packet.last, Weird { name, addl: None, peer: MYSQL.name });
                    return Next::Over;
                }
            }
            // More for the way that both take, or the next of several ways.
            _ => {}
        }
        Next::Same
    }

    fn greeting(&mut self, packet: &Packet, out: &mut Events) {
        let Some(greeting) = Greeting::read(packet.payload) else { return };
        self.server = greeting.capabilities;
        self.plugin = greeting.plugin;
        let (version, protocol) = (Some(greeting.version), Some(greeting.protocol));
        out.push(packet.first, packet.last, Mysql { version, protocol, ..Mysql::default() });
    }

    fn login_ends(&mut self, result: Outcome, fault: Option<Fault>, last: Moment, out: &mut Events) {
        let Some(login) = self.login.take() else { return };
        let (kind, secret) = login.secret();
        let auth = Auth {
            service: MYSQL.name,
            user: login.user.clone(),
            secret_kind: Some(kind),
            secret: secret.filter(|_| self.secrets),
            database: login.database,
            mechanism: login.plugin,
            result,
            server_code: fault.as_ref().map(|fault| fault.code.to_string()),
            attempt: 0,
        };
        self.attempts.tell(login.first, last, auth, out);
        let mysql = Mysql {
            cmd: Some(login.command.to_owned()),
            arg: login.user,
            success: (result != Outcome::Unknown).then_some(result == Outcome::Success),
            response_kind: (result == Outcome::Success).then_some("ok"),
            ..Mysql::default()
        };
        out.push(login.first, last, mysql.with_fault(fault));
    }

    /// A client's packet. True if it is a command that waits for its answer.
    fn command(&mut self, packet: &Packet, out: &mut Events) -> bool {
        let sends_file = self.answered.as_ref().is_some_and(|command| command.response.wants_file());
        if packet.sequence != 0 || sends_file {
            return false;
        }
        if packet.kind() == Some(code::CHANGE_USER) {
            self.change_user(packet, out);
            return false;
        }
        let Some(mut command) = Command::read(packet, self.agreed, self.secrets) else {
            // Nothing of it is there, but the server answers it.
            self.waiting.lost_commands();
            return false;
        };
        if command.argument.is_none()
            && let Some(statement) = &command.statement
        {
            command.argument = self.statements.get(statement).cloned();
        }
        if command.code == Some(code::CLOSE)
            && let Some(statement) = &command.statement
        {
            self.statements.remove(statement);
        }
        let waits = !command.has_no_answer();
        let over = if waits {
            let (at, size) = (command.first, command.size());
            self.waiting.push(command, at, size)
        } else {
            // What came before it, and is not answered yet, may still be.
            vec![command]
        };
        self.unanswered(over, out);
        waits
    }

    /// A login inside of the connection.
    fn change_user(&mut self, packet: &Packet, out: &mut Events) {
        let over = self.waiting.again();
        self.unanswered(over, out);
        let is_known = self.waiting.is_known();
        self.give_up_waiting(out);
        self.login = Login::read_change(packet, self.agreed);
        if is_known {
            self.phase = Phase::Login;
        } else {
            // What the server answers next may be for another command.
            self.login_ends(Outcome::Unknown, None, packet.last, out);
            self.waiting.lost_commands();
        }
    }

    fn answer(&mut self, packet: &Packet, out: &mut Events) {
        if packet.sequence == 0 && packet.kind() == Some(0xff) {
            // Nobody asked: the server shuts down, or the client was too slow.
            let mysql = Mysql::default().with_fault(Fault::read(packet));
            return out.push(packet.first, packet.last, mysql);
        }
        if let Some(mut command) = self.answered.take() {
            match command.response.take(packet, command.answer) {
                Progress::NotThis if packet.sequence != 1 => return self.answered = Some(command),
                Progress::NotThis => {
                    // The end of the answer was not seen, and this may be the next one.
                    let last = command.last;
                    self.tell(command, last, out);
                }
                progress => return self.goes_on(command, progress, packet.last, out),
            }
        }
        if packet.sequence == self.waiting.front(packet.first).map_or(1, |command| command.answer) {
            let mut command = self.waiting.answered(packet.first).unwrap_or_else(|| Command::unseen(packet));
            let progress = command.response.take(packet, command.answer);
            self.goes_on(command, progress, packet.last, out);
        }
    }

    /// A packet of a command's answer came, which is whole now or not.
    fn goes_on(&mut self, mut command: Command, progress: Progress, last: Moment, out: &mut Events) {
        if progress == Progress::GoesOn {
            command.last = last;
            self.answered = Some(command);
        } else {
            self.is_answered(command, last, out);
        }
    }

    fn is_answered(&mut self, command: Command, last: Moment, out: &mut Events) {
        match (command.response.statement, &command.argument) {
            (Some(statement), Some(text)) => self.statements.insert(statement, text),
            (Some(statement), None) => self.statements.remove(&statement),
            (None, _) => {}
        }
        self.tell(command, last, out);
    }

    /// What waits was not answered, or not wholly.
    fn give_up_waiting(&mut self, out: &mut Events) {
        let rest: Vec<_> = self.answered.take().into_iter().chain(self.waiting.give_up()).collect();
        self.unanswered(rest, out);
    }

    /// Tells commands without answers, or without their ends.
    fn unanswered(&mut self, commands: Vec<Command>, out: &mut Events) {
        for command in commands {
            let last = command.last;
            self.tell(command, last, out);
        }
    }

    fn tell(&self, command: Command, last: Moment, out: &mut Events) {
        let cmd = command.name();
        let mut response = command.response;
        // A column without a name has that of its expression; and what is wrong is said of the text behind `near`.
        for name in &mut response.columns {
            *name = sql::told(name.as_bytes(), self.secrets, true);
        }
        let hides = command.argument.as_ref().is_some_and(|text| text.contains(SECRET)) && !self.secrets;
        if let Some(fault) = response.fault.as_mut().filter(|_| hides) {
            fault.message.truncate(fault.message.find(" near ").unwrap_or(fault.message.len()));
        }
        let mysql = Mysql {
            cmd,
            arg: command.argument,
            success: response.success,
            rows: response.rows,
            response: response.text,
            response_kind: response.kind,
            num_columns: response.width,
            columns: Some(response.columns).filter(|columns| !columns.is_empty()),
            statement: command.statement.or(response.statement),
            ..Mysql::default()
        };
        let mysql = if response.fault.is_some() { mysql.with_fault(response.fault) } else { mysql };
        out.push(command.first, last, mysql);
    }
}
