//! The options that say what a conversation is, and how its bytes are put together.

use clap::ValueEnum;

use super::duration;
use super::feature_args::KeyPart;
use crate::flow::{Keying, Overlap};

/// Which bytes count where two segments of TCP hold the same place.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Wins {
    /// Those that came first
    First,
    /// Those that came last
    Last,
}

/// What a conversation is.
#[derive(Debug, clap::Args)]
pub(super) struct ConversationArgs {
    /// Conversations of the outermost IP header, not of that inside tunnels
    #[arg(long)]
    outer: bool,
    /// What further tells conversations apart
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    key: Vec<KeyPart>,
    /// After how long without a packet a conversation is over
    #[arg(short = 't', long, value_name = "TIME", value_parser = duration::parse, default_value = "3600")]
    pub(super) idle_timeout: i64,
    /// How many conversations may go on at once; where there are more, the one without a packet for longest ends
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = clap::value_parser!(u32).range(64..))]
    pub(super) max_flows: u32,
    /// Which bytes count where two segments of TCP hold the same place
    #[arg(long, value_enum, default_value = "first", value_name = "WHICH")]
    overlap: Wins,
}

impl ConversationArgs {
    /// What tells conversations apart.
    pub(super) fn keying(&self) -> Keying {
        Keying {
            outer: self.outer,
            vlan: self.key.contains(&KeyPart::Vlan),
            tunnel: self.key.contains(&KeyPart::Tunnel),
            ..Keying::default()
        }
    }

    /// Which bytes count.
    pub(super) fn overlap(&self) -> Overlap {
        match self.overlap {
            Wins::First => Overlap::First,
            Wins::Last => Overlap::Last,
        }
    }
}
