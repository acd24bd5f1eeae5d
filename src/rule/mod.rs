//! Where labels come from: the labels file, its selectors, and the matcher that asks them about each packet.
//!
//! [`RuleSet`] is a labels file, read and checked whole before anything else happens. [`Matcher`] answers which rules a
//! packet matches, by running every rule's libpcap program in the order of the file: the plain way, and the measure for
//! any faster one. [`flow_records`] reads labelled flow records, which name packets by addresses, ports and time.

mod csv_text;
mod filter;
pub mod flow_records;
mod labels_file;
mod matcher;
mod selector;

pub use filter::Filter;
pub use labels_file::{Ids, Rule, RuleSet};
pub use matcher::{Matcher, Rejection};
pub use selector::Selector;
