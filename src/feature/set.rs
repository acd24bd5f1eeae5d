//! Which columns rows have: sets by name, own sets from files, chosen columns.

use std::path::Path;

use super::dictionary::{STATS, sets};
use super::legacy::{Legacy, Peer, Quirk};
use super::names::Names;
use super::packet::PacketOptions;
use super::sets::{IDENTITY, NamedSet, SETS};
use super::state::{Needs, need};
use super::totals::{TOTALS, Total};
use super::view::View;
use super::{Feature, Limits};
use crate::error::{Error, Result};
use crate::redact::Mask;
use crate::table::{Cell, Column};

/// The most first packets that a list may hold.
const MAX_LISTED: usize = 65_535;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct SetRequest {
    /// Sets, by name: `cic`, `splt:30`, or files that list names, one a line.
    pub sets: Vec<String>,
    /// Of these, only the columns of these names, in this order; empty: all.
    pub columns: Vec<String>,
    /// Nothing that tells flows apart before them.
    pub bare: bool,
    /// How `cic` spells its columns.
    pub names: Names,
    /// Which errors `cic-legacy` makes.
    pub legacy: Legacy,
    /// What is asked of sets of packets.
    pub packets: PacketOptions,
    /// The fields of packets that no column may rest on.
    pub masked: Mask,
}

/// The columns of rows.
#[derive(Debug, Clone, Default)]
pub struct FeatureSet {
    /// Columns about a whole sample, which stand before those about flows.
    totals: Vec<Total>,
    features: Vec<(String, Feature)>,
    /// How many first packets lists hold.
    pub listed: usize,
    /// It has its own label, which is that of the sample.
    pub bare: bool,
    /// Whose flows the rows are about.
    pub peer: Peer,
    /// Columns that are left out, because they would show what is masked.
    pub hidden: Vec<String>,
}

impl FeatureSet {
    /// The set that is asked for.
    ///
    /// # Errors
    /// An unknown set or column, or a column of two definitions.
    pub fn new(request: &SetRequest) -> Result<Self> {
        let mut set = Self { bare: request.bare, ..Self::default() };
        let of_flows = request.sets.iter().any(|name| name != STATS);
        if !request.bare && of_flows {
            IDENTITY.iter().for_each(|feature| set.features.push((feature.name.to_owned(), *feature)));
        }
        if request.sets.iter().any(|name| name == STATS) {
            set.totals = TOTALS.to_vec();
        }
        for name in request.sets.iter().filter(|name| *name != STATS) {
            set.add(name, request)?;
        }
        set.hide(request.masked);
        set.choose(&request.columns, request.masked)?;
        Ok(set)
    }

    fn add(&mut self, name: &str, request: &SetRequest) -> Result<()> {
        let (known, number) = match find(name) {
            Some(found) => found,
            None if Path::new(name).is_file() => return self.add_file(name, request),
            None => {
                return Err(Error::request(format!("there is no set '{name}'")).advise(format!(
                    "there are {}; or give a file that lists names of columns",
                    set_names().join(", ")
                )));
            }
        };
        self.list(name, number)?;
        match known.peer(request.legacy) {
            Peer::None => {}
            peer if self.peer == Peer::None || self.peer == peer => self.peer = peer,
            _ => return Err(Error::request("two sets cut flows in two ways").advise("take them one by one")),
        }
        for feature in known.columns(request.legacy) {
            let shown = request.names.of(feature.name);
            // The sample's label stands before the set already, and engines that ignore case would see it twice.
            if feature.name == "Label" && !request.bare {
                continue;
            }
            self.push(shown, feature)?;
        }
        Ok(())
    }

    /// Takes the number of packets behind a set's name.
    fn list(&mut self, name: &str, number: Option<&str>) -> Result<()> {
        let Some(number) = number else { return Ok(()) };
        let listed = number.parse().ok().filter(|listed| (1..=MAX_LISTED).contains(listed));
        let listed =
            listed.ok_or_else(|| Error::request(format!("{name}: the number of packets is from 1 to {MAX_LISTED}")))?;
        if self.listed != 0 && self.listed != listed {
            return Err(Error::request("two sets list different numbers of packets"));
        }
        self.listed = listed;
        Ok(())
    }

    /// Adds a column; one that is there already, with the same meaning, is not there twice.
    fn push(&mut self, name: &str, feature: &Feature) -> Result<()> {
        let twin = self.features.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        if self.totals.iter().any(|total| total.name.eq_ignore_ascii_case(name)) {
            return Err(different(name));
        }
        match twin {
            None => self.features.push((name.to_owned(), *feature)),
            Some((_, known)) if known.doc == feature.doc && known.unit == feature.unit => {}
            Some(_) => return Err(different(name)),
        }
        Ok(())
    }

    fn add_file(&mut self, path: &str, request: &SetRequest) -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::from(error).in_file(Path::new(path)))?;
        for (line, name) in (1..).zip(text.lines()) {
            let name = name.trim();
            if name.is_empty() || name.starts_with('#') {
                continue;
            }
            let place = |error: Error| error.at_line(line, None).in_file(Path::new(path));
            let feature = self.named(name).map_err(place)?;
            self.push(request.names.of(feature.name), feature).map_err(place)?;
        }
        Ok(())
    }

    /// The column that a line of a file names: `NAME`, or `SET/NAME` where several sets have one of that name.
    fn named(&mut self, line: &str) -> Result<&'static Feature> {
        let none = || {
            Error::labels(format!("there is no column '{line}' about flows"))
                .advise("pcapml features --list names them")
        };
        // Units have slashes too: `Flow Bytes/s`.
        if let Some((set, name)) = line.split_once('/')
            && let Some((known, number)) = find(set)
        {
            self.list(set, number)?;
            return known.features.iter().find(|feature| feature.name == name).ok_or_else(none);
        }
        let mut found = all().filter(|(_, feature)| feature.name == line);
        let (set, feature) = found.next().ok_or_else(none)?;
        if let Some((other, _)) = found.find(|(_, other)| other.doc != feature.doc || other.unit != feature.unit) {
            return Err(Error::labels(format!("both {set} and {other} have a column '{line}'"))
                .advise(format!("write {set}/{line} or {other}/{line}")));
        }
        if feature.needs & (need::LISTED | need::LISTED_DATA) != 0 && self.listed == 0 {
            return Err(Error::labels(format!("'{line}' lists packets, and nothing says how many"))
                .advise(format!("write {set}30/{line} for 30 of them")));
        }
        Ok(feature)
    }

    /// Leaves out the columns that tell a masked field.
    fn hide(&mut self, masked: Mask) {
        let totals = self.totals.extract_if(.., |total| total.tells.meets(masked)).map(|total| total.name.to_owned());
        self.hidden = totals.collect();
        let features = self.features.extract_if(.., |(_, feature)| feature.tells.meets(masked));
        self.hidden.extend(features.map(|(name, _)| name));
    }

    fn choose(&mut self, columns: &[String], masked: Mask) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let (mut totals, mut features) = (Vec::new(), Vec::new());
        for (at, name) in columns.iter().enumerate() {
            if columns[..at].contains(name) {
                return Err(Error::request(format!("the column '{name}' is asked for twice")));
            }
            let total = self.totals.iter().find(|total| total.name == name);
            let feature = self.features.iter().find(|(known, _)| known == name);
            match (total, feature) {
                (Some(_), _) if !features.is_empty() => {
                    return Err(Error::request(format!(
                        "'{name}' is about samples, and stands before what is about flows"
                    ))
                    .advise("name it first"));
                }
                (Some(total), _) => totals.push(*total),
                (None, Some(feature)) => features.push(feature.clone()),
                (None, None) if self.hidden.contains(name) => return Err(is_hidden(name, masked)),
                (None, None) => {
                    let there: Vec<String> = self.columns().into_iter().map(|column| column.name).collect();
                    return Err(Error::request(format!("there is no column '{name}'"))
                        .advise(format!("there are {}", there.join(", "))));
                }
            }
        }
        (self.totals, self.features) = (totals, features);
        Ok(())
    }

    /// The columns, in order: those about the whole sample first.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = self.totals.iter().map(Total::column).collect();
        columns.extend(self.flow_columns());
        columns
    }

    /// The columns about a flow.
    pub fn flow_columns(&self) -> Vec<Column> {
        self.features.iter().map(|(name, feature)| feature.column(name)).collect()
    }

    /// The columns about a whole sample; none unless `stats` is asked for.
    pub fn totals(&self) -> &[Total] {
        &self.totals
    }

    /// What they are computed from.
    pub fn needs(&self) -> Needs {
        let counts = if self.peer.has(Quirk::NoSinglePackets) { need::COUNTS } else { 0 };
        self.features.iter().fold(counts, |needs, (_, feature)| needs | feature.needs)
    }

    /// True if a flow has no row.
    pub fn leaves_out(&self, view: &View) -> bool {
        self.peer.has(Quirk::NoSinglePackets) && view.counts().packets.iter().sum::<u64>() < 2
    }

    /// What the state must know besides.
    pub fn limits(&self, activity: i64) -> Limits {
        Limits { activity, listed: self.listed }
    }

    /// The cells of a flow, in order.
    pub fn cells<'a>(&self, view: &View<'a>) -> Vec<Cell<'a>> {
        self.features.iter().map(|(_, feature)| (feature.value)(view)).collect()
    }
}

/// A column that was asked for by name shows what is masked.
pub(super) fn is_hidden(name: &str, masked: Mask) -> Error {
    Error::request(format!("the column '{name}' shows what is masked: {masked}"))
        .advise("leave it out; --allow-disallowed takes fields that the capture disallows")
}

fn different(name: &str) -> Error {
    Error::request(format!("two sets have a column '{name}', and do not mean the same"))
        .advise("take the sets one by one, or choose columns")
}

/// A set by its name, and the number that follows it.
fn find(name: &str) -> Option<(&'static NamedSet, Option<&str>)> {
    SETS.iter().find_map(|set| match set.name.ends_with(':') {
        true => name.strip_prefix(set.name).map(|number| (set, Some(number))),
        false => (name == set.name).then_some((set, None)),
    })
}

/// All columns about flows, with the names of their sets.
fn all() -> impl Iterator<Item = (&'static str, &'static Feature)> {
    let of_sets = SETS.iter().flat_map(|set| set.features.iter().map(|feature| (set.name, feature)));
    IDENTITY.iter().map(|feature| ("identity", feature)).chain(of_sets)
}

/// The names of all sets.
pub fn set_names() -> Vec<String> {
    sets().map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> Result<FeatureSet> {
        let sets = names.iter().map(|name| (*name).to_owned()).collect();
        FeatureSet::new(&SetRequest { sets, bare: true, ..SetRequest::default() })
    }

    #[test]
    fn sets_have_the_columns_that_others_expect() {
        assert_eq!(set(&["cic"]).unwrap().columns().len(), 84);
        assert_eq!(set(&["pyflowmeter"]).unwrap().columns().len(), 48);
        assert_eq!(set(&["nfstream"]).unwrap().columns().len(), 77);
        assert_eq!(set(&["splt:10"]).unwrap().listed, 10);
        for wrong in ["cics", "splt:0", "splt:", "splt"] {
            assert!(set(&[wrong]).is_err(), "{wrong}");
        }
        assert!(set(&["stats", "cic"]).unwrap().columns().len() > 84);
        // Both have a protocol: one as a number, one as a word.
        assert!(set(&["flows", "pyflowmeter"]).is_err());
    }
}
