//! The command `pcapml`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pcapml::cli::main()
}
