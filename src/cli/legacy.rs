//! The command line of pcapml 0.3, as a second front door to the same commands.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::{self, Context, Target};
use crate::error::{Error, Result};
use crate::sink::{Container, TableFormat};

/// The options of pcapml 0.3.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "The command line of pcapml 0.3")]
pub struct Legacy {
    /// Label this directory of captures (with -L and -W)
    #[arg(short = 'D', long = "file-dir", alias = "file_dir", value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Label this capture (with -L and -W)
    #[arg(short = 'P', long = "pcap", value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Split (-O), sort (-s -W) or strip (-p -W) this labelled capture
    #[arg(short = 'M', long = "pcapml", value_name = "FILE")]
    labelled: Option<PathBuf>,
    /// The labels file
    #[arg(short = 'L', long = "label-file", aliases = ["label_file", "labels"], value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The output file
    #[arg(short = 'W', long = "outfile", value_name = "FILE")]
    output: Option<PathBuf>,
    /// The output directory
    #[arg(short = 'O', long = "outdir", value_name = "DIR")]
    output_directory: Option<PathBuf>,
    /// Sort by sample id and time
    #[arg(short = 's', long = "sort")]
    sort: bool,
    /// Strip the labels; writes pcap unless the output is named .pcapng
    #[arg(short = 'p', long = "strip", alias = "pcapml-strip")]
    strip: bool,
    /// Print packets and bytes of each rule
    #[arg(short = 't', long = "stats")]
    stats: bool,
    /// Replace what is there
    #[arg(short = 'f', long = "force")]
    force: bool,
}

impl Legacy {
    /// True if any of them was given.
    pub(super) fn is_given(&self) -> bool {
        let paths = [&self.directory, &self.pcap, &self.labelled, &self.labels, &self.output, &self.output_directory];
        self.sort || self.strip || self.stats || self.force || paths.into_iter().any(Option::is_some)
    }

    fn target(&self, path: &Path) -> Target {
        Target { path: path.to_owned(), force: self.force }
    }
}

/// Serves what pcapml 0.3 served.
pub(super) fn run(legacy: &Legacy, context: &mut Context) -> Result<()> {
    let input = legacy.directory.as_ref().or(legacy.pcap.as_ref());
    match (input, &legacy.labelled, &legacy.labels, &legacy.output, &legacy.output_directory) {
        (Some(input), None, Some(labels), Some(output), None)
            if !(legacy.sort || legacy.strip || legacy.directory.is_some() && legacy.pcap.is_some()) =>
        {
            let request = command::label::Request {
                stats: legacy.stats.then_some(TableFormat::Aligned),
                ..command::label::Request::new(
                    input,
                    command::label::Labels::File(labels.clone()),
                    legacy.target(output),
                )
            };
            command::label::run(&request, context)
        }
        (None, Some(labelled), None, None, Some(directory)) if !legacy.sort && !legacy.strip => {
            command::split::run(&command::split::Request::new(labelled, legacy.target(directory)), context)
        }
        (None, Some(labelled), None, Some(output), None) if legacy.sort && !legacy.strip => {
            command::sort::run(&command::sort::Request::new(labelled, legacy.target(output)), context)
        }
        (None, Some(labelled), None, Some(output), None) if legacy.strip && !legacy.sort => {
            let request = command::strip::Request {
                input: labelled.clone(),
                output: legacy.target(output),
                container: Container::of_name(output).unwrap_or(Container::Pcap),
                per_link_type: false,
                strict: false,
            };
            command::strip::run(&request, context)
        }
        (Some(_), None, ..) => {
            Err(Error::request("one of -D and -P goes with -L FILE and -W FILE, and with nothing else"))
        }
        (None, Some(_), ..) => Err(Error::request("-M goes with -O DIR, with -s and -W FILE, or with -p and -W FILE")),
        _ => Err(Error::request("no command, and neither -D, -P nor -M").advise("see pcapml --help")),
    }
}
