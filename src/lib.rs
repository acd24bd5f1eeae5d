//! Labelled network captures: one pcapng in which every packet carries a comment `sampleID,label[,key=value…]`.
//!
//! The library is laid out in floors; a module uses only modules of lower floors, and a test keeps it so. Bottom up:
//! [`error`], [`time`] and [`space`]; [`packet`] and [`table`], the vocabulary; [`capture`], bytes on disk to packets and back;
//! [`decode`], bytes to layers; [`sample`] and [`rule`], which packet belongs to which sample; [`redact`], what
//! packets must not tell; [`flow`], conversations;
//! [`feature`], what is computed of them; [`dataset`], samples as a whole, and [`sink`], finished files; [`publish`], what others need to
//! use a dataset; [`command`], one
//! function per subcommand; [`cli`], what a person types; and, as a cargo feature, the module of the Python package.

pub mod capture;
pub mod cli;
pub mod command;
pub mod dataset;
pub mod decode;
pub mod dissect;
pub mod error;
pub mod feature;
pub mod flow;
pub mod packet;
pub mod publish;
#[cfg(feature = "python")]
mod python;
pub mod redact;
pub mod rule;
pub mod sample;
pub mod sink;
pub mod space;
pub mod table;
pub mod time;
