//! Which columns rows have: sets by name, own sets from files, chosen columns.

use std::path::Path;

use super::names::Names;
use super::packet::{PacketOptions, packet_set_names};
use super::sets::{IDENTITY, NamedSet, SETS};
use super::state::Needs;
use super::view::View;
use super::{Feature, Limits};
use crate::error::{Error, Result};
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
    /// What is asked of sets of packets.
    pub packets: PacketOptions,
}

/// The columns of rows.
#[derive(Debug, Clone, Default)]
pub struct FeatureSet {
    features: Vec<(String, Feature)>,
    /// How many first packets lists hold.
    pub listed: usize,
    /// It has its own label, which is that of the sample.
    pub bare: bool,
}

impl FeatureSet {
    /// The set that is asked for.
    ///
    /// # Errors
    /// An unknown set or column, or a column of two definitions.
    pub fn new(request: &SetRequest) -> Result<Self> {
        let mut set = Self { bare: request.bare, ..Self::default() };
        if !request.bare {
            IDENTITY.iter().for_each(|feature| set.features.push((feature.name.to_owned(), *feature)));
        }
        for name in &request.sets {
            set.add(name, request)?;
        }
        set.choose(&request.columns)?;
        Ok(set)
    }

    fn add(&mut self, name: &str, request: &SetRequest) -> Result<()> {
        let (known, number) = match find(name) {
            Some(found) => found,
            None if Path::new(name).is_file() => return self.add_file(name, request),
            None => {
                return Err(Error::request(format!("there is no set '{name}'")).advise(format!(
                    "there are {}; or give a file that lists names of columns",
                    set_names().into_iter().chain(packet_set_names()).collect::<Vec<_>>().join(", ")
                )));
            }
        };
        if let Some(number) = number {
            let listed =
                number.parse().ok().filter(|listed| (1..=MAX_LISTED).contains(listed)).ok_or_else(|| {
                    Error::request(format!("{name}: the number of packets is from 1 to {MAX_LISTED}"))
                })?;
            if self.listed != 0 && self.listed != listed {
                return Err(Error::request("two sets list different numbers of packets"));
            }
            self.listed = listed;
        }
        for feature in known.features {
            let shown = request.names.of(feature.name);
            // The sample's label stands before the set already, and engines that ignore case would see it twice.
            if feature.name == "Label" && !request.bare {
                continue;
            }
            self.push(shown, feature)?;
        }
        Ok(())
    }

    /// Adds a column; one that is there already, with the same meaning, is not there twice.
    fn push(&mut self, name: &str, feature: &Feature) -> Result<()> {
        let twin = self.features.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match twin {
            None => self.features.push((name.to_owned(), *feature)),
            Some((_, known)) if known.doc == feature.doc && known.unit == feature.unit => {}
            Some(_) => {
                return Err(Error::request(format!("two sets have a column '{name}', and do not mean the same"))
                    .advise("take the sets one by one, or choose columns"));
            }
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
            let feature = all().find(|feature| feature.name == name).ok_or_else(|| {
                Error::labels(format!("there is no column '{name}'"))
                    .at_line(line, None)
                    .in_file(Path::new(path))
                    .advise("pcapml features --list names them all")
            })?;
            self.push(request.names.of(feature.name), feature)?;
        }
        Ok(())
    }

    fn choose(&mut self, columns: &[String]) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let mut chosen = Vec::new();
        for name in columns {
            let found = self.features.iter().find(|(known, _)| known == name).cloned();
            chosen.push(found.ok_or_else(|| {
                let there: Vec<&str> = self.features.iter().map(|(name, _)| name.as_str()).collect();
                Error::request(format!("there is no column '{name}'")).advise(format!("there are {}", there.join(", ")))
            })?);
        }
        self.features = chosen;
        Ok(())
    }

    /// The columns, in order.
    pub fn columns(&self) -> Vec<Column> {
        self.features.iter().map(|(name, feature)| feature.column(name)).collect()
    }

    /// What they are computed from.
    pub fn needs(&self) -> Needs {
        self.features.iter().fold(0, |needs, (_, feature)| needs | feature.needs)
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

/// A set by its name, and the number that follows it.
fn find(name: &str) -> Option<(&'static NamedSet, Option<&str>)> {
    SETS.iter().find_map(|set| match set.name.ends_with(':') {
        true => name.strip_prefix(set.name).map(|number| (set, Some(number))),
        false => (name == set.name).then_some((set, None)),
    })
}

fn all() -> impl Iterator<Item = &'static Feature> {
    IDENTITY.iter().chain(SETS.iter().flat_map(|set| set.features))
}

/// The names of all sets; of those with a number, `splt:N`.
pub fn set_names() -> Vec<String> {
    SETS.iter()
        .map(|set| if set.name.ends_with(':') { format!("{}N", set.name) } else { set.name.to_owned() })
        .collect()
}

/// All features by their sets: the name of the set, what it is, its features.
pub fn dictionary() -> impl Iterator<Item = (String, &'static str, &'static [Feature])> {
    let identity = ("identity".to_owned(), "what tells flows apart: stands before every set", IDENTITY);
    std::iter::once(identity).chain(set_names().into_iter().zip(SETS).map(|(name, set)| (name, set.doc, set.features)))
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
        assert!(set(&["flows", "nfstream"]).is_err() || !set(&["flows", "nfstream"]).unwrap().columns().is_empty());
    }

    #[test]
    fn every_feature_says_what_it_is() {
        for (set, _, features) in dictionary() {
            for (at, feature) in features.iter().enumerate() {
                assert!(feature.doc.ends_with('.'), "{set} {}", feature.name);
                assert!(!features[..at].iter().any(|other| other.name == feature.name), "{set} {} twice", feature.name);
            }
        }
    }
}
