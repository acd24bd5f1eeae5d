//! PostgreSQL: logins, queries, and what the server answers.
//!
//! PostgreSQL's manual, chapter 55 (Frontend/Backend Protocol), versions 3.0 and 3.2, and the startup message of 2.0. Each
//! command is a record: those of the simple protocol, and each message of the extended one but for Flush and Sync. An
//! answer is put to the command that it answers, by its kind, as clients need not wait for it. A login is told when the
//! server lets one in, or not, whatever the two said before. Rows are counted, not told.

mod command;
mod conversation;
mod login;
mod message;
mod opening;
#[cfg(test)]
mod tests;

use self::command::Command;
use self::message::Report;
use super::Protocol;
use super::record::{objects, records};

/// How PostgreSQL is recognised: by a client's first message, or by messages in a row.
pub(super) const PGSQL: Protocol = Protocol {
    name: "pgsql",
    tcp: true,
    udp: false,
    ports: &[5432, 5433, 6432],
    looks: opening::looks,
    begin: conversation::begin,
};

records! {
    /// A command of PostgreSQL and its answer; or an answer alone, as notices are.
    "pgsql" Pgsql {
        /// The user, of the startup message.
        user: Option<String> => / "user.name",
        /// The database, of the startup message.
        database: Option<String> => / "pgsql.database",
        /// What the client calls itself.
        application_name: Option<String> => / "pgsql.application_name",
        /// The command, as Zeek names it: ssl_request, startup, simple_query, parse, bind, describe, execute, close,
        /// terminate, cancel_request.
        frontend: Option<String> => / "pgsql.request.command",
        /// Its argument: a statement. Passwords in it only with `--secrets`.
        frontend_arg: Option<String> => / "pgsql.request.arg",
        /// The server did it.
        success: Option<bool> => / "pgsql.success",
        /// What the server answered: auth_ok, error, command_complete, notice, notification, ssl_reply, …
        backend: Option<String> => / "pgsql.response.kind",
        /// What stands in that: tags of the commands that are done, an error's fields, what a login asked for.
        backend_arg: Option<String> => / "pgsql.response.arg",
        /// Rows that were returned, or changed.
        rows: Option<u64> => / "pgsql.rows",
        /// How many columns the rows have.
        num_columns: Option<u64> => / "pgsql.columns",
        /// Their names.
        columns: Option<Vec<String>> => / "pgsql.column_names",
        /// The name of the prepared statement; empty for the one without a name.
        statement: Option<String> => / "pgsql.statement",
        /// The name of the portal.
        portal: Option<String> => / "pgsql.portal",
        /// The error's severity.
        severity: Option<String> => / "log.level",
        /// Its SQLSTATE.
        sqlstate: Option<String> => / "error.code",
        /// Its text.
        error_message: Option<String> => / "error.message",
        /// The parameters of the startup message.
        parameters: Option<Vec<Parameter>> => / "pgsql.parameters",
        /// Parameters that the server tells of itself.
        server_parameters: Option<Vec<Parameter>> => / "pgsql.server_parameters",
    }
}

objects! {
    /// A parameter.
    Parameter {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    }
}

impl Pgsql {
    /// A command and its answer.
    fn of(command: Command) -> Self {
        let tagged = !command.tags.is_empty();
        let mut backend = match command.ask {
            command::Ask::Startup if command.success == Some(true) => vec!["auth_ok"],
            command::Ask::Startup if tagged => vec!["auth_request"],
            _ if tagged => vec!["command_complete"],
            _ => Vec::new(),
        };
        let mut arguments = command.tags;
        if command.more_tags > 0 {
            arguments.push(format!("and {} more", command.more_tags));
        }
        if let Some(fault) = &command.fault {
            backend.push("error");
            arguments.push(fault.text.clone());
        }
        let pgsql = Self {
            frontend: command.name.map(str::to_owned),
            frontend_arg: command.argument,
            success: command.success,
            backend: Some(backend.join(",")).filter(|text| !text.is_empty()),
            backend_arg: Some(arguments.join(",")).filter(|text| !text.is_empty()),
            rows: command.rows,
            num_columns: command.width,
            columns: Some(command.columns).filter(|columns| !columns.is_empty()),
            statement: command.statement,
            portal: command.portal,
            parameters: command.parameters.map(parameters),
            server_parameters: Some(command.server_parameters).filter(|all| !all.is_empty()).map(parameters),
            ..Self::default()
        };
        match command.fault {
            Some(fault) => pgsql.with_report(fault),
            None => pgsql,
        }
    }

    fn with_report(self, report: Report) -> Self {
        Self { severity: report.severity, sqlstate: report.code, error_message: report.message, ..self }
    }
}

fn parameters(pairs: Vec<(String, String)>) -> Vec<Parameter> {
    pairs.into_iter().map(|(name, value)| Parameter { name, value }).collect()
}
