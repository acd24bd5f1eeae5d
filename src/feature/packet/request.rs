//! From names of sets to a [`PacketSet`].

use super::bytes::{MAX_LENGTH, Vectors};
use super::dictionary::{LENGTH, VECTOR};
use super::headers::FIELDS;
use super::nprint::{self, Nprint};
use super::{Item, PacketOptions, PacketSet};
use crate::error::{Error, Result};
use crate::feature::{SetRequest, is_hidden};
use crate::table::{Column, ColumnKind};

/// What stands where a header is absent, if nothing else is asked for.
const FILL: i8 = -1;

/// Sets by their unit.
struct Sorted<'a> {
    /// With a row for each packet; behind `nprint:…` the words that a comma set apart.
    packet: Vec<(&'a str, Vec<&'a str>)>,
    /// All others.
    other: Vec<&'a str>,
}

impl PacketSet {
    /// The set that is asked for; none if its rows are not of packets.
    ///
    /// # Errors
    /// Sets of packets beside others; a set twice, or of an impossible size; options of sets that were not asked for.
    pub fn of(request: &SetRequest) -> Result<Option<Self>> {
        let Sorted { packet, other } = sorted(&request.sets);
        if let (Some((one, _)), Some(other)) = (packet.first(), other.first()) {
            return Err(Error::request(format!("'{one}' has a row for each packet, and '{other}' has not"))
                .advise("ask for them one by one"));
        }
        let mut set = Self {
            vectors: None,
            nprint: None,
            has_fields: false,
            as_nprint: false,
            masked: request.masked,
            hidden: Vec::new(),
            entries: Vec::new(),
        };
        for (name, words) in &packet {
            set.add(name, words, &request.packets)?;
        }
        set.check(&request.packets, !packet.is_empty())?;
        if packet.is_empty() {
            return Ok(None);
        }
        set.hide();
        set.choose(&request.columns)?;
        if request.packets.as_nprint {
            set.as_nprint = true;
            let doc = "The address of the packet's sender.";
            set.entries.insert(0, (Column::new("src_ip", ColumnKind::Text, doc), Item::Index));
        }
        Ok(Some(set))
    }

    fn add(&mut self, name: &str, words: &[&str], options: &PacketOptions) -> Result<()> {
        let before = self.entries.len();
        let twice = match name.split_once(':') {
            Some(("bytes", number)) => self.add_vectors(number)?,
            Some(("nprint", first)) => {
                let words: Vec<&str> = std::iter::once(first).chain(words.iter().copied()).collect();
                self.add_nprint(&words, options.fill)?
            }
            _ => {
                let fields = FIELDS.iter().map(|field| (field.column(), Item::Field(field)));
                self.entries.extend(fields);
                std::mem::replace(&mut self.has_fields, true)
            }
        };
        if twice {
            self.entries.truncate(before);
            return Err(Error::request(format!("'{name}' is asked for twice")));
        }
        Ok(())
    }

    fn add_vectors(&mut self, number: &str) -> Result<bool> {
        let length =
            number.parse().ok().filter(|length| (1..=MAX_LENGTH).contains(length)).ok_or_else(|| {
                Error::request(format!("bytes:{number}: the number of bytes is from 1 to {MAX_LENGTH}"))
            })?;
        let vector = Column::new("bytes", ColumnKind::Bytes(length), VECTOR);
        self.entries.push((vector, Item::Vector));
        self.entries.push((Column::new("length", ColumnKind::Count, LENGTH).of_unit("bytes"), Item::Length));
        Ok(self.vectors.replace(Vectors { length }).is_some())
    }

    fn add_nprint(&mut self, words: &[&str], fill: Option<i8>) -> Result<bool> {
        let nprint = Nprint::of(words, fill.unwrap_or(FILL)).ok_or_else(|| {
            Error::request(format!("nprint:{}: not headers, or one twice", words.join(",")))
                .advise(format!("there are {}, N from 1 to 65535", nprint::words()))
        })?;
        self.entries.extend(nprint.columns().map(|(column, place)| (column, Item::Bits(place))));
        Ok(self.nprint.replace(nprint).is_some())
    }

    /// Sees that every option has something to act on.
    fn check(&self, options: &PacketOptions, of_packets: bool) -> Result<()> {
        let useless = if options.fill.is_some() && self.nprint.is_none() {
            "--fill is for the set nprint"
        } else if options.as_nprint && (self.nprint.is_none() || self.vectors.is_some() || self.has_fields) {
            "--to nprint is for the set nprint alone"
        } else {
            return Ok(());
        };
        let advice = if of_packets { "leave it out" } else { "name the set with --set" };
        Err(Error::request(useless).advise(advice))
    }

    /// Leaves out the columns that are a masked field.
    fn hide(&mut self) {
        let masked = self.masked;
        let shows = |item: &Item| matches!(item, Item::Field(field) if field.tells().meets(masked));
        self.hidden = self.entries.extract_if(.., |(_, item)| shows(item)).map(|(column, _)| column.name).collect();
    }

    fn choose(&mut self, columns: &[String]) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let mut chosen = Vec::new();
        for name in columns {
            let found = self.entries.iter().find(|(column, _)| column.name == *name).cloned();
            chosen.push(found.ok_or_else(|| {
                if self.hidden.contains(name) {
                    return is_hidden(name, self.masked);
                }
                let there: Vec<&str> = self.entries.iter().map(|(column, _)| column.name.as_str()).collect();
                Error::request(format!("there is no column '{name}'")).advise(format!("there are {}", there.join(", ")))
            })?);
        }
        self.entries = chosen;
        Ok(())
    }
}

/// Tells sets of packets from others. `nprint:4,tcp` came in two parts.
fn sorted(names: &[String]) -> Sorted<'_> {
    let mut sorted = Sorted { packet: Vec::new(), other: Vec::new() };
    let mut in_nprint = false;
    for name in names {
        match sorted.packet.last_mut() {
            Some((_, words)) if in_nprint && nprint::is_header(name) => words.push(name),
            _ => {
                in_nprint = name.starts_with("nprint:");
                match in_nprint || name.starts_with("bytes:") || name == "headers" {
                    true => sorted.packet.push((name, Vec::new())),
                    false => sorted.other.push(name),
                }
            }
        }
    }
    sorted
}
