//! Options that other programs have, for those who come from them.

use std::path::Path;

use super::feature_args::Features;
use crate::command::features::{Request, pkt_analyser};
use crate::error::{Error, Result};

/// The set that is no set of columns.
const PKT_ANALYSER: &str = "pkt_analyser";

/// What `features` is asked for.
pub(super) enum Work {
    /// One output of rows.
    Rows(Request),
    /// An output for each capture.
    Each(Request),
    /// Flows as JSON, for each class.
    PktAnalyser(pkt_analyser::Request),
}

/// Options of PyFlowMeter and Pkt_Analyser.
#[derive(Debug, clap::Args)]
pub(super) struct SeedOptions {
    /// Each capture of a directory by itself: <name>_flow.csv of each in the directory that is the output
    #[arg(short, long)]
    recursive: bool,
    /// Of pkt_analyser: both directions are one flow
    #[arg(short = 's', long)]
    session: bool,
    /// Of pkt_analyser: the fields of headers instead of whole IP packets
    #[arg(short, long)]
    map: bool,
    /// Of pkt_analyser: how outputs are named: NAME0.json, NAME1.json and so on [default: class]
    #[arg(short, long, value_name = "NAME")]
    name: Option<String>,
    /// Of pkt_analyser: flows and retransmissions as in the original
    #[arg(long)]
    compat: bool,
    /// Accepted for scripts of PyFlowMeter: it said how often to look for flows that are over
    #[arg(short = 'i', long, value_name = "N")]
    check_interval: Option<f64>,
    /// Accepted for scripts of PyFlowMeter: it said how many flows to look at each time
    #[arg(short = 'l', long, value_name = "N")]
    check_limit: Option<f64>,
}

impl SeedOptions {
    /// True if options were given that other programs need, and this one does not.
    fn has_throttle(&self) -> bool {
        self.check_interval.is_some() || self.check_limit.is_some()
    }

    fn is_of_pkt_analyser(&self) -> bool {
        self.session || self.map || self.compat || self.name.is_some()
    }
}

impl Features {
    /// True if options were given that have no effect here, which is to be told.
    pub(super) fn has_throttle(&self) -> bool {
        self.seeds.has_throttle()
    }

    /// What is asked for.
    pub(super) fn work(&self) -> Result<Work> {
        let seeds = &self.seeds;
        let several = |request: &Request| match request.output.path == Path::new("-") {
            true => Err(Error::request("an output of several files needs a directory").advise("name one instead of -")),
            false => Ok(()),
        };
        if !self.set.iter().any(|set| set == PKT_ANALYSER) {
            if seeds.is_of_pkt_analyser() {
                return Err(Error::request("--session, --map, --name and --compat go with --set pkt_analyser"));
            }
            let request = self.request()?;
            if !seeds.recursive {
                return Ok(Work::Rows(request));
            }
            several(&request)?;
            if self.is_of_all_captures() {
                return Err(Error::request("--label-from, --packets and --partition are about all captures together")
                    .advise("leave them out, or --recursive"));
            }
            return Ok(Work::Each(request));
        }
        if self.set.len() > 1 {
            return Err(Error::request("pkt_analyser is no set of columns, and is not joined with others"));
        }
        if seeds.recursive || self.shapes_rows() {
            return Err(Error::request("pkt_analyser writes JSON Lines of its own for each class").advise(
                "leave out --recursive, --to, --order, --columns, --bare, --undefined, --names, --activity, --mask, and what is about rows",
            ));
        }
        if seeds.compat && self.says_when_flows_end() {
            return Err(Error::request(
                "with --compat, flows end with their capture: --idle-timeout and --active-timeout do nothing",
            ));
        }
        let rows = self.request()?;
        several(&rows)?;
        Ok(Work::PktAnalyser(pkt_analyser::Request {
            rows,
            name: seeds.name.clone().unwrap_or_else(|| "class".to_owned()),
            session: seeds.session,
            map: seeds.map,
            compat: seeds.compat,
        }))
    }
}
