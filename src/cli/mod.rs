//! What a person types, and what is told to them.
//!
//! [`args`] defines every option once; help, man pages and completions come from it. Typed-in text is turned into a
//! request of [`crate::command`] here and nowhere else.

mod anonymize_args;
pub mod args;
mod check_args;
mod compare_args;
mod console;
mod conversation_args;
mod dissect_args;
mod duration;
mod export_args;
mod feature_args;
mod label_args;
mod legacy;
mod lint_args;
mod mask_args;
mod packet_args;
mod partition_args;
mod print_args;
mod release_args;
mod report_args;
mod row_args;
mod score_args;
mod seed_args;
mod size;
mod split_args;
mod stream_args;
mod talker_args;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::command::{self, Context};
use crate::error::{Error, Result};
use crate::sink::remove_unfinished;
use args::{Args, Subcommand};
use console::Console;
use export_args::{Export, ExportTo};
use feature_args::Features;
use seed_args::Work;

/// The status when all was done.
const DONE: u8 = 0;
/// The status of wrong use, and of requests of which nothing could be done.
const NOTHING_DONE: u8 = 1;
/// The status when all was done, but some input was bad.
const BAD_INPUT: u8 = 2;
/// The status after a signal.
const INTERRUPTED: i32 = 130;

/// A signal has come.
static INTERRUPT: AtomicBool = AtomicBool::new(false);

/// Does what the command line asks for.
pub fn main() -> ExitCode {
    ExitCode::from(main_with(std::env::args_os()))
}

/// Does what these words ask for, of which the first is the program's name; the status is for the system.
pub fn main_with(words: impl IntoIterator<Item = OsString>) -> u8 {
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    // Without a handler a signal still leaves nothing under a final name, only temporary files.
    let _ = ctrlc::set_handler(|| {
        INTERRUPT.store(true, Ordering::SeqCst);
        remove_unfinished();
        std::process::exit(INTERRUPTED);
    });
    let console = Console::new(args.global.quiet);
    let mut tables = anstream::stdout();
    let mut context = Context::new(&console, args.global.threads(), &mut tables);
    let result = run(&args, &mut context);
    let faults = context.faults();
    console.finish();
    while INTERRUPT.load(Ordering::SeqCst) {
        // The handler is removing files, which may be why the run failed; it ends the process.
        std::thread::park();
    }
    match result {
        Ok(()) if faults == 0 => DONE,
        Ok(()) => {
            let is_a_check = matches!(args.command, Some(Subcommand::Check(_) | Subcommand::Verify(_)));
            console.summarise(faults, is_a_check);
            BAD_INPUT
        }
        Err(error) if error.is_broken_pipe() => DONE,
        Err(error) => {
            console.error(&error);
            NOTHING_DONE
        }
    }
}

/// Does what these words ask for, for a program that is told and shows what it likes; how many inputs were bad.
///
/// # Errors
/// Words that make no sense; whatever the command fails for.
pub fn execute(
    words: impl IntoIterator<Item = OsString>,
    observer: &dyn command::Observer,
    tables: &mut dyn std::io::Write,
) -> Result<u64> {
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            write!(tables, "{}", error.render())?;
            return Ok(0);
        }
        Err(error) => {
            let text = error.render().to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            return Err(Error::request(text.split("\n\n").next().unwrap_or_default().trim()));
        }
    };
    let mut context = Context::new(observer, args.global.threads(), tables);
    run(&args, &mut context)?;
    Ok(context.faults())
}

/// The command line as it is defined.
pub fn definition() -> clap::Command {
    Args::command()
}

/// Help and versions are no errors; everything else is wrong use, for which clap's own status would be 2.
fn usage(error: &clap::Error) -> u8 {
    // If even that cannot be printed, the status still says it.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => DONE,
        _ => NOTHING_DONE,
    }
}

fn run(args: &Args, context: &mut Context) -> Result<()> {
    let Some(subcommand) = &args.command else {
        return legacy::run(&args.legacy, context);
    };
    if args.legacy.is_given() {
        return Err(Error::request("the options of pcapml 0.3 stand alone, without a subcommand"));
    }
    match subcommand {
        Subcommand::Label(args) => match args.explained() {
            Some(packet) => command::label::explain(&args.request()?, packet, context),
            None => command::label::run(&args.request()?, context),
        },
        Subcommand::Relabel(args) => command::relabel::run(&args.request(), context),
        Subcommand::Sort(args) => command::sort::run(&args.request(), context),
        Subcommand::Split(args) => command::split::run(&args.request()?, context),
        Subcommand::Strip(args) => command::strip::run(&args.request()?, context),
        Subcommand::Samples(args) => command::samples::run(&args.request(), context),
        Subcommand::Summary(args) => command::summary::run(&args.request(), context),
        Subcommand::Select(args) => command::select::run(&args.request()?, context),
        Subcommand::Partition(args) => command::partition::run(&args.request()?, context),
        Subcommand::Check(args) => command::check::run(&args.request(), context),
        Subcommand::Diff(args) => command::diff::run(&args.request(), context),
        Subcommand::Anonymize(args) => command::anonymize::run(&args.request(), context),
        Subcommand::Cat(args) => command::cat::run(&args.request(), context),
        Subcommand::Convert(args) => command::convert::run(&args.request()?, context),
        Subcommand::Flows(args) => match args.list() {
            Some(format) => command::features::list(format?, context),
            None => command::features::run(&args.request()?, context),
        },
        Subcommand::Features(args) => match args.list() {
            Some(format) => command::features::list(format?, context),
            None => features(args, context),
        },
        Subcommand::Streams(args) => command::streams::run(&args.request()?, context),
        Subcommand::Dissect(args) => match args.list() {
            Some(format) => command::dissect::list(format, context),
            None => command::dissect::run(&args.request()?, context),
        },
        Subcommand::Talkers(args) => command::talkers::run(&args.request()?, context),
        Subcommand::Report(args) => command::report::run(&args.request(), context),
        Subcommand::Print(args) => command::print::run(&args.request()?, context),
        Subcommand::Lint(args) => match args.list() {
            Some(format) => command::lint::list(format, context),
            None => command::lint::run(&args.request()?, context),
        },
        Subcommand::Release(args) => command::release::run(&args.request(), context),
        Subcommand::Verify(args) => command::verify::run(&args.request(), context),
        Subcommand::Compare(args) => command::compare::run(&args.request()?, context),
        Subcommand::Score(args) => command::score::run(&args.request()?, context),
        Subcommand::Export(Export { to: ExportTo::Huggingface(args) }) => {
            command::export::huggingface::run(&args.request()?, context)
        }
        Subcommand::Completions { shell } => {
            clap_complete::generate(*shell, &mut Args::command(), "pcapml", &mut context.tables);
            Ok(())
        }
    }
}

fn features(args: &Features, context: &mut Context) -> Result<()> {
    let work = args.work()?;
    if args.has_throttle() {
        command::features::each::tell_throttle(context);
    }
    match work {
        Work::Rows(request) => command::features::run(&request, context),
        Work::Each(request) => command::features::each::run(&request, context),
        Work::PktAnalyser(request) => command::features::pkt_analyser::run(&request, context),
    }
}
