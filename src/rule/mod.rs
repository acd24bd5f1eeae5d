//! Where labels come from: the labels file, its selectors, and the matcher that asks them about each packet.
//!
//! [`RuleSet`] is a labels file, read and checked whole before anything else happens. [`PlainMatcher`] says which rules
//! a packet matches by running every rule's libpcap program in the order of the file: that is what rules mean.
//! [`Matcher`] gives the same answer by a few look-ups.
//! [`SampleLabels`], [`Splits`] and [`Predictions`] are tables of samples: what each is, where it was put, and what somebody
//! takes it for.
//! [`flow_records`] reads labelled flow records, which name packets by addresses, ports and time.

mod classifier;
mod conditions;
mod corrections;
mod csv_text;
mod filter;
mod filters;
pub mod flow_records;
mod hosts;
mod id_list;
mod index;
mod labelled_rows;
mod labels_file;
mod matcher;
mod memory;
mod op;
mod packet_labels;
mod pattern;
mod plain_matcher;
mod predictions;
mod record_index;
mod sample_labels;
mod sample_table;
mod selector;
pub mod shifts;
mod splits;
mod windows;

pub use corrections::Corrections;
pub use filter::Filter;
pub use filters::Rejection;
pub use hosts::{HostMap, HostRow};
pub use id_list::IdList;
pub use labelled_rows::RowLabel;
pub use labels_file::{Ids, Rule, RuleSet};
pub use matcher::Matcher;
pub use packet_labels::{PacketLabels, PacketRow};
pub use pattern::{Named, Pattern};
pub use plain_matcher::{PlainMatcher, Verdict};
pub use predictions::{Chances, Prediction, Predictions};
pub use record_index::{Found, RecordIndex};
pub use sample_labels::SampleLabels;
pub use sample_table::{SampleRow, SampleTable, parse_digest};
pub use selector::Selector;
pub use splits::{CHALLENGE, Membership, NO_SPLIT, SplitRow, Splits, is_split_name};
