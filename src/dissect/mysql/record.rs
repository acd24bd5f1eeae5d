//! What is told of MySQL.

use super::packet::Fault;
use crate::dissect::record::records;

records! {
    /// A command of MySQL and its answer; or an answer alone, as the greeting is.
    "mysql" Mysql {
        /// The command: login, query, init_db, stmt_execute, quit …, as Zeek names them; ssl_request if TLS follows.
        cmd: Option<String> => / "mysql.request.command",
        /// Its argument: a statement, a database, the user who logs in. Passwords in it only with `--secrets`.
        arg: Option<String> => / "mysql.request.arg",
        /// The server did it.
        success: Option<bool> => / "mysql.success",
        /// Rows that were changed, or returned.
        rows: Option<u64> => / "mysql.rows",
        /// The server's message.
        response: Option<String> => / "mysql.response.message",
        /// What kind of answer it is: ok, error, rows, prepared, eof, text, local_infile, stream.
        response_kind: Option<&'static str> => / "mysql.response.kind",
        /// The error's code.
        error_code: Option<u16> => / "error.code",
        /// Its SQLSTATE.
        sqlstate: Option<String> => / "mysql.sqlstate",
        /// How many columns the rows have.
        num_columns: Option<u64> => / "mysql.columns",
        /// Their names.
        columns: Option<Vec<String>> => / "mysql.column_names",
        /// The number of the prepared statement.
        statement: Option<u32> => / "mysql.statement_id",
        /// The version of the server, in its greeting.
        version: Option<String> => / "mysql.server_version",
        /// The version of the protocol, in its greeting.
        protocol: Option<u8> => / "mysql.protocol_version",
    }
}

impl Mysql {
    /// With an error.
    pub(super) fn with_fault(self, fault: Option<Fault>) -> Self {
        let Some(fault) = fault else { return self };
        Self {
            success: Some(false),
            response: Some(fault.message),
            response_kind: Some("error"),
            error_code: Some(fault.code),
            sqlstate: fault.state,
            ..self
        }
    }
}
