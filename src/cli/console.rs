//! Messages and progress on standard error.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use crate::command::{Observer, Progress};
use crate::error::Error;

/// Progress is shown of runs that last longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Standard error, as a person sees it.
pub(super) struct Console {
    quiet: bool,
    interactive: bool,
    started: Instant,
    bar: RefCell<Option<ProgressBar>>,
}

impl Console {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            interactive: !quiet && std::io::stderr().is_terminal(),
            started: Instant::now(),
            bar: RefCell::new(None),
        }
    }

    pub(super) fn error(&self, error: &Error) {
        self.say(&format!("{RED}error:{RED:#} {error}"));
    }

    /// After faults: what the result is worth. Said even when quiet.
    pub(super) fn summarise(&self, faults: u64, is_a_check: bool) {
        let noun = if faults == 1 { "fault" } else { "faults" };
        let then = if is_a_check { "" } else { ": the result is whole and valid, and holds what could be read" };
        self.say(&format!("{faults} {noun} in the input{then}"));
    }

    /// Takes the progress bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn say(&self, text: &str) {
        let print = || anstream::eprintln!("pcapml: {text}");
        match self.bar.borrow().as_ref() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn begin(&self, total: Option<u64>) -> ProgressBar {
        let (bar, template) = match total {
            Some(total) => {
                (ProgressBar::new(total), "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}, {eta} left")
            }
            None => (ProgressBar::new_spinner(), "{spinner} {bytes}, {bytes_per_sec}, {msg}, {elapsed}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar
    }
}

impl Observer for Console {
    fn fault(&self, error: &Error) {
        self.error(error);
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.say(&format!("{CYAN}{text}{CYAN:#}"));
        }
    }

    fn progress(&self, progress: Progress) {
        if !self.interactive || self.started.elapsed() < PATIENCE {
            return;
        }
        let mut bar = self.bar.borrow_mut();
        let bar = bar.get_or_insert_with(|| self.begin(progress.total));
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} packets", indicatif::HumanCount(progress.packets)));
    }
}
