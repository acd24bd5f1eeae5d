//! The files of a split: a pcap for each group of packets, and one more for each further link type in it.

use std::collections::HashMap;

use crate::capture::{Losses, pcap_header, pcap_record, refine};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::packet::{LinkType, Packet};
use crate::sample::tally::Tally;
use crate::sink::{Directory, ManyFiles, TableFormat, write_table};
use crate::table::Table;

/// One output file: packets of one group and one link type.
pub(super) struct Part {
    pub(super) group: usize,
    link_type: LinkType,
    nanoseconds: bool,
    pub(super) tally: Tally,
}

/// All output files.
pub(super) struct Parts {
    files: ManyFiles,
    /// As many as there are files, with the same numbers.
    parts: Vec<Part>,
    by_group: HashMap<(usize, LinkType), usize>,
    pub(super) losses: Losses,
    /// How often a file name was given.
    names: HashMap<String, u32>,
}

impl Parts {
    pub(super) fn new(directory: &Directory, memory: usize, context: &Context) -> Self {
        Self {
            files: ManyFiles::new(directory, memory, context.threads),
            parts: Vec::new(),
            by_group: HashMap::new(),
            losses: Losses::default(),
            names: HashMap::new(),
        }
    }

    /// Writes a packet to the file of a group, which is named `<stem>.pcap`.
    pub(super) fn write(&mut self, group: usize, packet: &Packet, stem: impl FnOnce() -> String) -> Result<()> {
        let number = self.part(group, packet, stem)?;
        let (part, losses) = (&mut self.parts[number], &mut self.losses);
        part.tally.add(packet);
        let nanoseconds = part.nanoseconds;
        self.files.append(number, |out| pcap_record(out, packet, nanoseconds, losses))
    }

    fn part(&mut self, group: usize, packet: &Packet, stem: impl FnOnce() -> String) -> Result<usize> {
        let interface = packet.interface;
        let nanoseconds = !interface.resolution.fits_microseconds();
        let key = (group, interface.link_type);
        if let Some(&part) = self.by_group.get(&key) {
            if nanoseconds && !self.parts[part].nanoseconds {
                // The first packet of a finer interface: the file was begun with microseconds.
                self.files.rewrite(part, refine)?;
                self.parts[part].nanoseconds = true;
            }
            return Ok(part);
        }
        let name = self.unique(stem());
        let part = self.files.begin(name);
        self.files.append(part, |out| out.extend_from_slice(&pcap_header(interface, nanoseconds)))?;
        self.parts.push(Part { group, link_type: interface.link_type, nanoseconds, tally: Tally::default() });
        self.by_group.insert(key, part);
        Ok(part)
    }

    /// `<stem>.pcap`, or another name if a file has that one.
    fn unique(&mut self, stem: String) -> String {
        let given = self.names.entry(stem.clone()).or_default();
        *given += 1;
        match *given {
            1 => format!("{stem}.pcap"),
            again => format!("{stem}~{again}.pcap"),
        }
    }

    /// Gives the files of groups with several link types their names, and writes the metadata: what `table` makes of all
    /// files, each with its name.
    pub(super) fn finish(
        mut self,
        directory: &Directory,
        stem: impl Fn(usize) -> String,
        table: impl FnOnce(&mut dyn Iterator<Item = (&Part, &str)>) -> Table,
    ) -> Result<()> {
        let mut counts: HashMap<usize, u32> = HashMap::new();
        for part in &self.parts {
            *counts.entry(part.group).or_default() += 1;
        }
        for number in 0..self.parts.len() {
            let Part { group, link_type, .. } = self.parts[number];
            if counts.get(&group).is_some_and(|&count| count > 1) {
                let name = self.unique(format!("{}_linktype-{}", stem(group), link_type.0));
                self.files.rename(number, name)?;
            }
        }
        self.files.flush()?;
        let files = &self.files;
        let mut named = self.parts.iter().enumerate().map(|(number, part)| (part, files.name(number)));
        let table = table(&mut named);
        let path = directory.path().join("metadata.csv");
        let mut file = std::fs::File::create(&path).map_err(|error| Error::from(error).in_file(&path))?;
        write_table(&table, TableFormat::Csv, &mut file).map_err(|error| error.in_file(&path))
    }
}
