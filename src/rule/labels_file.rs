//! The labels file: which samples there are, and which packets are theirs.
//!
//! Two shapes, told apart by the first line: a table with a header (`filename,label,…`), or rules without one
//! (`selector,label[,hash_key]`). Everything that can be wrong is found here, before a byte is written, and named with
//! its line and column.

use std::collections::HashMap;
use std::path::Path;

use super::csv_text::{self, Record};
use super::pattern::Named;
use super::selector::{self, Selector};
use crate::error::{Error, Result};
use crate::packet::{ESCAPED, Key, PACKET_FIELD, PEER_KEYS, Sample, SampleId, is_field_name};

/// How samples get their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ids {
    /// Hashed from what the sample is made of, within this namespace.
    Hashed {
        /// The dataset's name; empty for none.
        namespace: String,
    },
    /// 0, 1, 2 … in the order of the labels file.
    Sequential,
}

/// One rule: packets that its selector matches belong to its sample.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The line of the labels file, from 1.
    pub line: u64,
    /// Which packets.
    pub selector: Selector,
    /// The number of the sample in [`RuleSet::samples`].
    pub sample: usize,
}

/// A labels file that was read and found right.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// In the order of the file.
    pub rules: Vec<Rule>,
    /// In the order of their first rules.
    pub samples: Vec<Sample>,
    /// For each sample, the line of its first rule.
    pub sample_lines: Vec<u64>,
    /// Lines that say again what an earlier line says, with that line; they are no rules.
    pub repeats: Vec<(u64, u64)>,
}

impl RuleSet {
    /// Reads a labels file.
    ///
    /// # Errors
    /// The first defect, with file, line and column.
    pub fn read(path: &Path, ids: &Ids) -> Result<Self> {
        let read = || match path == Path::new("-") {
            true => {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
            }
            false => std::fs::read(path),
        };
        read().map_err(Error::from).and_then(|bytes| Self::parse(&bytes, ids)).map_err(|error| error.in_file(path))
    }

    /// Makes a rule set of files and what is said of each, as a table of files would.
    ///
    /// # Errors
    /// One key with several labels.
    pub fn of_files(files: impl IntoIterator<Item = (String, Named)>, ids: &Ids) -> Result<Self> {
        let mut builder = Builder::new(ids);
        for (line, (file, named)) in (1..).zip(files) {
            let selector = Selector::of_file(&file).map_err(Error::labels)?;
            let Named { label, key, fields } = named;
            builder.add(Row { line, selector, label: &label, fields, key: key.as_deref(), id: None })?;
        }
        builder.finish()
    }

    /// Reads the text of a labels file.
    ///
    /// # Errors
    /// The first defect, with line and column.
    pub fn parse(bytes: &[u8], ids: &Ids) -> Result<Self> {
        let records = csv_text::records(bytes)?;
        let Some(first) = records.first() else {
            return Err(Error::labels("the labels file holds no rules"));
        };
        let mut builder = Builder::new(ids);
        if let Some(columns) = Columns::of_header(first)? {
            for record in &records[1..] {
                builder.add(columns.row(record)?)?;
            }
        } else {
            for record in &records {
                builder.add(rule_row(record)?)?;
            }
        }
        builder.finish()
    }
}

/// One line, understood.
struct Row<'a> {
    line: u64,
    selector: Selector,
    label: &'a str,
    fields: Vec<(String, String)>,
    key: Option<&'a str>,
    id: Option<SampleId>,
}

/// Which column of a table holds what.
struct Columns {
    count: usize,
    file: usize,
    label: usize,
    key: Option<usize>,
    id: Option<usize>,
    fields: Vec<(usize, String)>,
}

/// Columns that `pcapml split` adds to its metadata.csv, beside SampleID, and that follow from the packets.
const DERIVED: [&str; 4] = ["packets", "bytes", "firsttimestamp", "lasttimestamp"];

/// Columns that `pcapml split --by flow` adds to these, all of them: they are of the flow, not of its sample.
const OF_FLOWS: [&str; 7] = ["flow_id", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "flow_end_reason"];

impl Columns {
    /// Understands a header line; `None` if the line is a rule.
    fn of_header(record: &Record) -> Result<Option<Self>> {
        if selector::begins_like_one(&record.fields[0]) {
            return Ok(None);
        }
        let names: Vec<String> = record.fields.iter().map(|name| name.trim().to_lowercase()).collect();
        let find = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let (file, label) = (find(&["filename", "file"]), find(&["label"]));
        let (file, label) = match (file, label) {
            (Some(file), Some(label)) => (file, label),
            (Some(_), None) => {
                let there: Vec<&str> = record.fields.iter().collect();
                return Err(Error::labels(format!("the header has no column 'label', but {}", there.join(", ")))
                    .at_line(record.line, None));
            }
            _ => {
                let error = Error::labels(
                    "neither a header (filename,label,…) nor a rule (BPF:…, TS_START:…, TS_END:… or FILE:…)",
                );
                return Err(hinted(error, record).at_line(record.line, Some(1)));
            }
        };
        let mut columns = Self {
            count: names.len(),
            file,
            label,
            key: find(&["hash_key"]),
            id: find(&["sampleid"]),
            fields: Vec::new(),
        };
        let of_flows = OF_FLOWS.iter().all(|name| names.iter().any(|other| other == name));
        for (at, (name, written)) in names.iter().zip(&record.fields).enumerate() {
            let place = |error: Error| error.at_line(record.line, Some(at as u64 + 1));
            if names[..at].contains(name) {
                return Err(place(Error::labels(format!("column '{}' stands twice", written.trim()))));
            }
            let known = [Some(file), Some(label), columns.key, columns.id].contains(&Some(at));
            let name = name.as_str();
            let derived = columns.id.is_some() && (DERIVED.contains(&name) || of_flows && OF_FLOWS.contains(&name));
            if !known && !derived {
                check_field_name(written.trim()).map_err(place)?;
                columns.fields.push((at, written.trim().to_owned()));
            }
        }
        Ok(Some(columns))
    }

    fn row<'a>(&self, record: &'a Record) -> Result<Row<'a>> {
        let place = |at: usize| move |error: String| Error::labels(error).at_line(record.line, Some(at as u64 + 1));
        record.expect(self.count)?;
        let field = |at: Option<usize>| at.map(|at| &record.fields[at]).filter(|text| !text.is_empty());
        let id = field(self.id)
            .map(|text| text.parse().map_err(|()| format!("'{text}' is no sample id")))
            .transpose()
            .map_err(place(self.id.unwrap_or_default()))?;
        Ok(Row {
            line: record.line,
            selector: Selector::of_file(&record.fields[self.file]).map_err(place(self.file))?,
            label: label(record, self.label)?,
            fields: self
                .fields
                .iter()
                .filter(|(at, _)| !record.fields[*at].is_empty())
                .map(|(at, name)| (name.clone(), record.fields[*at].to_owned()))
                .collect(),
            key: field(self.key),
            id,
        })
    }
}

/// Columns that listings of samples have themselves.
const LISTED: [&str; 12] = [
    "file",
    "filename",
    "sampleid",
    "sample_id",
    "hash_key",
    "packets",
    "bytes",
    "first_time",
    "last_time",
    "interfaces",
    "firsttimestamp",
    "lasttimestamp",
];

pub(super) fn check_field_name(name: &str) -> Result<()> {
    if LISTED.contains(&name.to_lowercase().as_str()) {
        return Err(Error::labels(format!("a column '{name}': listings of samples have a column of that name"))
            .advise(format!("rename it, for instance to '{name}_'")));
    }
    if PEER_KEYS.contains(&name) {
        return Err(Error::labels(format!("a column '{name}': other pcapml readers take that name for the label"))
            .advise(format!("rename it, for instance to '{name}_'")));
    }
    if name == ESCAPED || name.starts_with(PACKET_FIELD) {
        return Err(Error::labels(format!("a column '{name}': that name has a meaning of its own in packet comments"))
            .advise("rename it"));
    }
    match is_field_name(name) {
        true => Ok(()),
        false => {
            Err(Error::labels(format!("a column '{name}': names are a letter, then letters, digits, '_', '-' and '.'"))
                .advise("rename it"))
        }
    }
}

/// Adds what the line looks as if it was meant to be.
fn hinted(error: Error, record: &Record) -> Error {
    let line: Vec<&str> = record.fields.iter().collect();
    let joined = line.join(",");
    if joined.contains([';', '\t']) {
        error.advise("columns are separated by commas")
    } else if line.iter().skip(1).any(|field| selector::begins_like_one(field)) {
        error.advise("the selector is the first column: BPF:tcp port 80,http")
    } else if line.iter().any(|field| field.eq_ignore_ascii_case("label")) {
        error.advise("a table of files has a column 'filename'; flow records go to --flows, hosts to --by host")
    } else {
        error.advise("write the header filename,label first, or BPF: before a filter")
    }
}

fn rule_row(record: &Record) -> Result<Row<'_>> {
    let count = record.fields.len();
    if !(2..=3).contains(&count) {
        let error = Error::labels(format!("{count} columns; a rule has two or three: selector,label[,hash_key]"));
        return Err(error.at_line(record.line, None).advise("quote a selector or label that holds a comma"));
    }
    // A comma where a `|` belongs: the rest of the selector would become the label, and the label the key.
    let misplaced = (1..).zip(record.fields.iter()).skip(1).find(|(_, field)| selector::begins_like_one(field));
    if let Some((column, field)) = misplaced {
        return Err(Error::labels(format!("'{field}' looks like part of the selector"))
            .at_line(record.line, Some(column))
            .advise("join the parts of a selector by '|'"));
    }
    let selector =
        Selector::parse(&record.fields[0]).map_err(|error| Error::labels(error).at_line(record.line, Some(1)))?;
    Ok(Row {
        line: record.line,
        selector,
        label: label(record, 1)?,
        fields: Vec::new(),
        key: record.fields.get(2).filter(|key| !key.is_empty()),
        id: None,
    })
}

fn label(record: &Record, at: usize) -> Result<&str> {
    let label = &record.fields[at];
    let place = |error: Error| error.at_line(record.line, Some(at as u64 + 1));
    if label.is_empty() {
        return Err(place(Error::labels("an empty label")));
    }
    Ok(label)
}

/// What makes two rows one sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    Id(SampleId),
    Key(String),
    Selector(String),
}

/// Collects rows, and sees what contradicts what.
struct Builder<'a> {
    ids: &'a Ids,
    set: RuleSet,
    numbers: HashMap<Identity, usize>,
    identities: Vec<Identity>,
    /// For each selector, the row that has it.
    selectors: HashMap<String, (u64, usize)>,
}

impl<'a> Builder<'a> {
    fn new(ids: &'a Ids) -> Self {
        Self {
            ids,
            set: RuleSet::default(),
            numbers: HashMap::new(),
            identities: Vec::new(),
            selectors: HashMap::new(),
        }
    }

    fn add(&mut self, row: Row) -> Result<()> {
        let canonical = row.selector.canonical();
        let identity = match (row.id, row.key) {
            (Some(id), _) => Identity::Id(id),
            (None, Some(key)) => Identity::Key(key.to_owned()),
            (None, None) => Identity::Selector(canonical.clone()),
        };
        self.check_selector(&canonical, &row)?;
        let sample = match self.numbers.get(&identity) {
            Some(&number) => {
                self.check_same(number, &row, &identity)?;
                number
            }
            None => self.new_sample(identity, &row),
        };
        match self.selectors.get(&canonical) {
            Some(&(line, earlier)) if earlier == sample => {
                self.set.repeats.push((row.line, line));
                return Ok(());
            }
            _ => self.selectors.entry(canonical).or_insert((row.line, sample)),
        };
        self.set.rules.push(Rule { line: row.line, selector: row.selector, sample });
        Ok(())
    }

    fn check_selector(&self, canonical: &str, row: &Row) -> Result<()> {
        match self.selectors.get(canonical) {
            Some(&(line, sample)) if self.set.samples[sample].label != row.label => Err(Error::labels(format!(
                "'{canonical}' is labelled '{}' here and '{}' on line {line}",
                row.label, self.set.samples[sample].label
            ))
            .at_line(row.line, Some(1))),
            _ => Ok(()),
        }
    }

    fn check_same(&self, number: usize, row: &Row, identity: &Identity) -> Result<()> {
        let sample = &self.set.samples[number];
        let differs = |what: &str| {
            let name = match identity {
                Identity::Id(id) => format!("sample id {id}"),
                Identity::Key(key) => format!("hash_key '{key}'"),
                Identity::Selector(selector) => format!("'{selector}'"),
            };
            Error::labels(format!("{name} has another {what} here than on line {}", self.set.sample_lines[number]))
                .at_line(row.line, None)
        };
        if sample.label != row.label {
            return Err(differs("label"));
        }
        if sample.fields != row.fields {
            return Err(differs("set of fields"));
        }
        Ok(())
    }

    fn new_sample(&mut self, identity: Identity, row: &Row) -> usize {
        let number = self.set.samples.len();
        let id = match (self.ids, &identity) {
            (_, Identity::Id(id)) => *id,
            (Ids::Sequential, _) => SampleId(number as u64),
            (Ids::Hashed { namespace }, Identity::Key(key)) => SampleId::of(namespace, Key::Key(key)),
            (Ids::Hashed { namespace }, Identity::Selector(_)) => row.selector.sample_id(namespace),
        };
        self.set.samples.push(Sample { id, label: row.label.to_owned(), fields: row.fields.clone() });
        self.set.sample_lines.push(row.line);
        self.numbers.insert(identity.clone(), number);
        self.identities.push(identity);
        number
    }

    /// Two samples with one id could not be told apart afterwards.
    fn finish(self) -> Result<RuleSet> {
        let mut by_id: HashMap<SampleId, usize> = HashMap::new();
        for (number, sample) in self.set.samples.iter().enumerate() {
            if let Some(&earlier) = by_id.get(&sample.id) {
                return Err(Error::labels(format!(
                    "{:?} and {:?} (line {}) have one sample id, {}",
                    self.identities[number], self.identities[earlier], self.set.sample_lines[earlier], sample.id
                ))
                .at_line(self.set.sample_lines[number], None));
            }
            by_id.insert(sample.id, number);
        }
        if self.set.rules.is_empty() {
            return Err(Error::labels("the labels file holds a header and no rows"));
        }
        Ok(self.set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed() -> Ids {
        Ids::Hashed { namespace: String::new() }
    }

    fn parse(text: &str) -> RuleSet {
        RuleSet::parse(text.as_bytes(), &hashed()).unwrap()
    }

    fn fault(text: &str) -> String {
        RuleSet::parse(text.as_bytes(), &hashed()).unwrap_err().to_string()
    }

    #[test]
    fn a_table_names_files_labels_and_fields() {
        let set = parse("FileName,os,Label,hash_key\nb.pcap,linux,web,\na.pcap,,mail,k\nc.pcap,,mail,k\n");
        assert_eq!(set.rules.len(), 3);
        assert_eq!(set.samples.len(), 2);
        assert_eq!(set.samples[0].id, SampleId::of("", Key::File("b.pcap")));
        assert_eq!(set.samples[0].fields, [("os".to_owned(), "linux".to_owned())]);
        assert_eq!(set.samples[1].id, SampleId::of("", Key::Key("k")));
        assert!(set.samples[1].fields.is_empty());
    }

    #[test]
    fn our_own_metadata_is_a_table_too() {
        let set = parse(
            "File,Label,SampleID,Packets,Bytes,FirstTimestamp,LastTimestamp,os\n5_web.pcap,web,5,1,2,3,4,x\n5_web_linktype-113.pcap,web,5,1,2,3,4,x\n",
        );
        assert_eq!(set.samples.len(), 1);
        assert_eq!(set.samples[0].id, SampleId(5));
        assert_eq!(set.samples[0].fields.len(), 1);
    }

    #[test]
    fn rules_of_pcapml_0_3_are_read() {
        let set = parse(
            "BPF:host 192.168.10.25,mac os,\n# comment\nBPF:host 192.168.10.19,ubuntu,hashme\nBPF:host 10.0.0.1,ubuntu,hashme\n",
        );
        assert_eq!(set.samples.len(), 2);
        assert_eq!(set.samples[0].id, SampleId(3_556_510_873_631_773_963));
        assert_eq!(set.samples[1].id, SampleId(6_644_437_368_242_738_148));
        assert_eq!(set.rules[1].line, 3);
        let sequential = RuleSet::parse(b"BPF:ip,a\nBPF:ip6,b\n", &Ids::Sequential).unwrap();
        assert_eq!(sequential.samples[1].id, SampleId(1));
    }

    #[test]
    fn labels_may_look_like_anything_but_a_selector() {
        assert_eq!(parse("BPF:ip,file\nBPF:ip6,PROFILE: admin,filename\n").samples[1].label, "PROFILE: admin");
        assert_eq!(parse("filename,label\na,eBPF:xdp\nb,BPF:x\n").samples[0].label, "eBPF:xdp");
        assert_eq!(parse("file,label,sampleid,packets,bytes\na,b,5,1,2\n").samples[0].fields, []);
    }

    #[test]
    fn the_order_of_lines_does_not_change_ids() {
        let one = parse("BPF:ip,a\nTS_END:5,b\n");
        let other = parse("# x\nTS_END:5,c\nBPF:  ip,a\n");
        assert_eq!(one.samples[0].id, other.samples[1].id);
        assert_eq!(one.samples[1].id, other.samples[0].id);
    }

    #[test]
    fn every_defect_has_a_place() {
        for (text, want) in [
            ("", "the labels file holds no rules"),
            ("filename,label\n", "the labels file holds a header and no rows"),
            ("filename,lable\na,b\n", "line 1: the header has no column 'label', but filename, lable"),
            (
                "filename;label\na;b\n",
                "line 1, column 1: neither a header (filename,label,…) nor a rule (BPF:…, TS_START:…, TS_END:… or FILE:…); columns are separated by commas",
            ),
            (
                "web,BPF:tcp\n",
                "line 1, column 1: neither a header (filename,label,…) nor a rule (BPF:…, TS_START:…, TS_END:… or FILE:…); the selector is the first",
            ),
            ("BPF:tcp port 80,TS_START:5,web\n", "line 1, column 2: 'TS_START:5' looks like part of the selector"),
            ("filename,label,Packets\na,b,5\n", "line 1, column 3: a column 'Packets': listings of samples"),
            ("a.pcap,web\n", "line 1, column 1: neither a header"),
            ("filename,label,Label\na,b,c\n", "line 1, column 3: column 'Label' stands twice"),
            (
                "filename,label,proc\na,b,c\n",
                "line 1, column 3: a column 'proc': other pcapml readers take that name for the label; rename it, for instance to 'proc_'",
            ),
            ("filename,label,e\na,b,c\n", "line 1, column 3: a column 'e'"),
            ("filename,label,p.x\na,b,c\n", "line 1, column 3: a column 'p.x'"),
            ("filename,label,a b\na,b,c\n", "line 1, column 3: a column 'a b'"),
            ("filename,label\na,b\n\nc\n", "line 4: 1 columns where the header has 2"),
            ("filename,label\na,\n", "line 2, column 2: an empty label"),
            ("filename,label\n,b\n", "line 2, column 1: an empty file name"),
            ("filename,label\n../a,b\n", "line 2, column 1: '../a' leads out"),
            ("filename,label\na,b\na,c\n", "line 3, column 1: 'FILE:a' is labelled 'c' here and 'b' on line 2"),
            ("filename,label,hash_key\na,b,k\nc,d,k\n", "line 3: hash_key 'k' has another label here than on line 2"),
            (
                "filename,label,os,hash_key\na,b,x,k\nc,b,y,k\n",
                "line 3: hash_key 'k' has another set of fields here than on line 2",
            ),
            ("filename,label,SampleID\na,b,x\n", "line 2, column 3: 'x' is no sample id"),
            ("BPF:ip,a,b,c\n", "line 1: 4 columns"),
            ("filename,label,file\na,b,c\n", "line 1, column 3: a column 'file': listings of samples"),
            ("BPF:ip\n", "line 1: 1 columns"),
            ("BPF:ip,a\nnonsense,b\n", "line 2, column 1: 'nonsense' begins with none"),
            ("BPF:ip,a\nTS_START:9|TS_END:5,b\n", "line 2, column 1: the window ends before it starts"),
            ("BPF:ip,a\nBPF:ip,b\n", "line 2, column 1: 'BPF:ip' is labelled 'b' here and 'a' on line 1"),
        ] {
            let error = fault(text);
            assert!(error.starts_with(want), "{text:?}: {error}");
        }
    }
}
