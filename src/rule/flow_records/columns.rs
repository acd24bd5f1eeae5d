//! Which column of a table holds what: by a preset's names or by the user's, against the names that are there.

use std::str::FromStr;

use super::lines::Row;
use super::preset::{PRESETS, Preset};
use super::times;
use crate::error::{Error, Result};

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Source,
    SourcePort,
    Destination,
    DestinationPort,
    Protocol,
    Start,
    End,
    Duration,
    Label,
    /// 0 in records that are benign, although their label is empty.
    Flag,
}

/// Every role, in the order of the enum.
pub(super) const ROLES: [Role; 10] = [
    Role::Source,
    Role::SourcePort,
    Role::Destination,
    Role::DestinationPort,
    Role::Protocol,
    Role::Start,
    Role::End,
    Role::Duration,
    Role::Label,
    Role::Flag,
];

impl Role {
    /// For messages, with its key in `columns:…`.
    fn named(self) -> (&'static str, &'static str) {
        match self {
            Self::Source => ("source address", "src"),
            Self::SourcePort => ("source port", "sport"),
            Self::Destination => ("destination address", "dst"),
            Self::DestinationPort => ("destination port", "dport"),
            Self::Protocol => ("protocol", "proto"),
            Self::Start => ("start time", "start"),
            Self::End => ("end time", "end"),
            Self::Duration => ("duration", "duration"),
            Self::Label => ("label", "label"),
            Self::Flag => ("flag of attacks", "flag"),
        }
    }
}

/// The columns of a table of one's own: `columns:src=…,dst=…,sport=…,dport=…,proto=…,start=…,end=…|duration=…,label=…`.
///
/// `sport` and `dport` may be left out together; one of `end` and `duration` is needed; `label` may come from
/// `--label-column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    /// In lower case.
    names: Vec<(Role, String)>,
}

impl FromStr for ColumnSpec {
    type Err = Error;

    /// Reads what follows `columns:`.
    fn from_str(text: &str) -> Result<Self> {
        let fault = |message: String| Error::request(message).advise(EXAMPLE);
        let mut names: Vec<(Role, String)> = Vec::new();
        for part in text.split(',') {
            let (key, name) =
                part.split_once('=').ok_or_else(|| fault(format!("'{}' is not key=column", part.trim())))?;
            let (key, name) = (key.trim(), name.trim().to_lowercase());
            let role = ROLES.into_iter().filter(|role| *role != Role::Flag).find(|role| role.named().1 == key);
            let role = role.ok_or_else(|| fault(format!("'{key}' is no key of columns:")))?;
            if name.is_empty() || names.iter().any(|(known, _)| *known == role) {
                return Err(fault(format!("'{key}' must name one column")));
            }
            names.push((role, name));
        }
        let has = |role| names.iter().any(|(known, _)| *known == role);
        for role in [Role::Source, Role::Destination, Role::Protocol, Role::Start] {
            if !has(role) {
                return Err(fault(format!("columns: lacks {}= (the {})", role.named().1, role.named().0)));
            }
        }
        if has(Role::SourcePort) != has(Role::DestinationPort) {
            return Err(fault("columns: has one of sport= and dport= without the other".to_owned()));
        }
        if has(Role::End) == has(Role::Duration) {
            return Err(fault("columns: needs one of end= and duration=".to_owned()));
        }
        Ok(Self { names })
    }
}

/// Where a role's column is.
#[derive(Debug, Clone)]
struct Place {
    at: usize,
    name: String,
}

/// The columns of a table by their roles.
#[derive(Debug)]
pub(super) struct Columns {
    places: [Option<Place>; ROLES.len()],
    /// How many fields a row has.
    pub(super) width: usize,
    /// The fields are columns of a table, and have numbers that mean something.
    numbered: bool,
}

/// How columns are found.
#[derive(Clone, Copy)]
pub(super) enum Naming<'a> {
    Preset(&'static Preset),
    Own(&'a ColumnSpec),
}

impl<'a> Naming<'a> {
    /// The names that a role's column may have, in lower case.
    pub(super) fn names(self, role: Role) -> Vec<&'a str> {
        match self {
            Self::Preset(preset) => {
                let names = preset.columns.iter().filter(|(known, _)| *known == role);
                names.flat_map(|(_, names)| names.iter().copied()).collect()
            }
            Self::Own(spec) => {
                spec.names.iter().filter(|(known, _)| *known == role).map(|(_, name)| name.as_str()).collect()
            }
        }
    }
}

impl Columns {
    /// Finds the columns in a header.
    pub(super) fn of_header(naming: Naming, label: Option<&str>, header: &[String]) -> Result<Self> {
        let lower: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
        let mut places = [const { None }; ROLES.len()];
        for (role, place) in ROLES.into_iter().zip(&mut places) {
            let own = label.map(|label| label.trim().to_lowercase());
            let names = match (role, &own) {
                (Role::Label, Some(label)) => vec![label.as_str()],
                // The flag belongs to the preset's own label.
                (Role::Flag, Some(_)) => Vec::new(),
                _ => naming.names(role),
            };
            let found = names.iter().find_map(|name| lower.iter().position(|there| there == name));
            if let Some(at) = found {
                let name = header.get(at).cloned().unwrap_or_default();
                if lower.iter().skip(at + 1).any(|other| Some(other) == lower.get(at)) {
                    return Err(Error::labels(format!("column '{name}' stands twice")));
                }
                *place = Some(Place { at, name });
            } else if role == Role::Label {
                let wanted = names.first().copied().unwrap_or("label");
                return Err(no_label(wanted, header));
            } else if !names.is_empty() && !matches!(role, Role::End | Role::Duration | Role::Flag) {
                return Err(missing(role, &names, header));
            }
        }
        let columns = Self { places, width: header.len(), numbered: true };
        if columns.at(Role::End).is_none() && columns.at(Role::Duration).is_none() {
            return Err(missing(Role::End, &["end", "duration"], header));
        }
        Ok(columns)
    }

    /// The columns of rows whose fields are the roles themselves, in their order.
    pub(super) fn of_roles(naming: Naming, label: Option<&str>) -> Self {
        let place = |at: usize, role: Role| {
            let name = match (role, label) {
                (Role::Label, Some(label)) => label,
                _ => *naming.names(role).first()?,
            };
            Some(Place { at, name: name.to_owned() })
        };
        let mut places = [const { None }; ROLES.len()];
        for (at, (role, found)) in ROLES.into_iter().zip(&mut places).enumerate() {
            *found = place(at, role);
        }
        Self { places, width: ROLES.len(), numbered: false }
    }

    fn place(&self, role: Role) -> Option<&Place> {
        self.places.get(role as usize).and_then(Option::as_ref)
    }

    /// The number of the role's column, from 0.
    pub(super) fn at(&self, role: Role) -> Option<usize> {
        self.place(role).map(|place| place.at)
    }

    /// The role's field; empty if there is no such column.
    pub(super) fn field<'r>(&self, row: &'r Row, role: Role) -> &'r [u8] {
        self.at(role).map_or(&[], |at| row.field(at))
    }

    /// An error that names the row's line and the role's column.
    pub(super) fn fault(&self, row: &Row, role: Role, message: &str) -> Error {
        let place = self.place(role);
        let name = place.map_or(role.named().0, |place| place.name.as_str());
        let column = place.filter(|_| self.numbered).map(|place| place.at as u64 + 1);
        Error::labels(format!("{name}: {message}")).at_line(row.line, column)
    }

    /// True if the row is the header again.
    pub(super) fn is_header(&self, row: &Row) -> bool {
        [Role::Source, Role::Start].into_iter().all(|role| {
            self.place(role).is_some_and(|place| row.field(place.at).eq_ignore_ascii_case(place.name.as_bytes()))
        })
    }
}

/// The preset that a header fits, and if several do, the first whose times look like those of the first row.
pub(super) fn detect(header: &[String], first: Option<&Row>) -> Result<&'static Preset> {
    let lower: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
    let find = |names: &[&str]| lower.iter().position(|there| names.contains(&there.as_str()));
    let fits = |preset: &&'static Preset| {
        let has = |role| find(&Naming::Preset(preset).names(role)).is_some();
        let needed =
            [Role::Source, Role::SourcePort, Role::Destination, Role::DestinationPort, Role::Protocol, Role::Start];
        needed.into_iter().all(has) && (has(Role::End) || has(Role::Duration))
    };
    let candidates: Vec<&'static Preset> = PRESETS.iter().filter(fits).collect();
    let timely = candidates.iter().find(|preset| {
        let at = find(&Naming::Preset(preset).names(Role::Start));
        let text = at.zip(first).map(|(at, row)| row.field(at));
        text.is_some_and(|text| times::fits(preset.times, preset.years, text))
    });
    // The last is the general one; its errors will say what is wrong with the times.
    timely.or(candidates.last()).copied().ok_or_else(|| unknown(header))
}

/// Tables that cannot serve, although their makers are known.
fn without_addresses(header: &[String]) -> Option<Error> {
    let has = |names: &[&str]| header.iter().any(|there| names.contains(&there.to_lowercase().as_str()));
    let cic = has(&["flow duration"]) && has(&["destination port", "dst port"]);
    let unsw = has(&["attack_cat"]) && has(&["ct_srv_src"]);
    let which = match () {
        () if has(&["source ip", "src ip", "srcip"]) => return None,
        () if cic => "like CIC-IDS2017's MachineLearningCVE and nine of CSE-CIC-IDS2018's ten files",
        () if unsw => "like UNSW-NB15's training and testing sets",
        () => return None,
    };
    Some(
        Error::labels(format!("these records have no addresses ({which}): packets cannot be found by them"))
            .advise("take the files with addresses, or write rules (BPF:…|TS_START:…|TS_END:…) from the dataset's schedule of attacks"),
    )
}

fn unknown(header: &[String]) -> Error {
    without_addresses(header).unwrap_or_else(|| {
        Error::labels(format!("no known format has these columns: {}", listed(header))).advise(EXAMPLE)
    })
}

fn missing(role: Role, names: &[&str], header: &[String]) -> Error {
    without_addresses(header).unwrap_or_else(|| {
        let names = names.join("' or '");
        let message =
            format!("the header has no column for the {} ('{names}'), but {}", role.named().0, listed(header));
        Error::labels(message).advise(EXAMPLE)
    })
}

/// No column has the label.
pub(super) fn no_label(wanted: &str, header: &[String]) -> Error {
    Error::labels(format!("there is no column '{wanted}', but {}", listed(header)))
        .advise("say with --label-column which one holds the labels")
}

/// Column names for a message; a file that is no table may have many.
fn listed(header: &[String]) -> String {
    const MOST: usize = 100;
    const LONGEST: usize = 60;
    let names = header.iter().take(MOST).map(|name| {
        let short: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
        if short.is_empty() { "''".to_owned() } else { short }
    });
    let shown = names.collect::<Vec<_>>().join(", ");
    match header.len() {
        count if count > MOST => format!("{shown} and {} more", count - MOST),
        _ => shown,
    }
}

const EXAMPLE: &str =
    "name the columns: --format columns:src=…,dst=…,sport=…,dport=…,proto=…,start=…,end=… (or duration=…),label=…";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_columns_are_checked() {
        let spec = |text: &str| text.parse::<ColumnSpec>().map_err(|error| error.to_string());
        assert!(spec("src=A,dst=B,proto=P,start=S,end=E,label=L").is_ok());
        assert!(spec("src=A, dst=B, sport=C, dport=D, proto=P, start=S, duration=E").is_ok());
        for (text, message) in [
            ("", "'' is not key=column"),
            ("src=a,who=b", "'who' is no key"),
            ("src=a,src=b", "'src' must name one column"),
            ("src=,dst=b", "'src' must name one column"),
            ("src=a,dst=b,proto=p", "lacks start="),
            ("src=a,dst=b,proto=p,start=s", "one of end= and duration="),
            ("src=a,dst=b,proto=p,start=s,end=e,duration=d", "one of end= and duration="),
            ("src=a,dst=b,sport=c,proto=p,start=s,end=e", "without the other"),
            ("src=a,dst=b,proto=p,start=s,end=e,flag=f", "'flag' is no key"),
        ] {
            let error = spec(text).unwrap_err();
            assert!(error.contains(message) && error.contains("columns:src="), "{text}: {error}");
        }
    }
}
