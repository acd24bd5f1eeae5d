//! `pcapml features --set pkt_analyser`: JSON Lines of flows with their packets, a file for each class.

mod classes;
mod flows;

use std::fs::File;
use std::io::{BufWriter, Write};

use super::accounting::Accounting;
use crate::capture::{Item, Reader};
use crate::command::{Context, count, list, open_one};
use crate::dataset::disallowed_in;
use crate::error::{Error, Result};
use crate::feature::JsonForm;
use crate::sink::{Directory, TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};
use classes::{Class, classes};
use flows::{Analyser, Counts, Left};

/// What to write, of what, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The input (a directory of directories, one for each class; a directory of captures, or a capture), the output
    /// directory, what tells flows apart, when they end, and how the accounting is shown.
    pub rows: super::Request,
    /// How the names of outputs begin: `<name>0.json`, `<name>1.json`, by the names of the classes.
    pub name: String,
    /// Both directions are one flow; otherwise each is its own.
    pub session: bool,
    /// Header fields instead of IP packets.
    pub map: bool,
    /// As Pkt_Analyser: no protocol in the key; flows end with their capture; a retransmission has sequence number and length
    /// of one of the last ten segments; with `map` only flows of at least ten packets.
    pub compat: bool,
}

impl Request {
    fn form(&self) -> JsonForm {
        match self.map {
            true => JsonForm::Fields { both: self.session },
            false => JsonForm::Plain,
        }
    }
}

/// Writes the flows of each class.
///
/// # Errors
/// An input without captures, or that does not say its classes; a capture that cannot be opened, if it is the only one; an
/// output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let rows = &request.rows;
    let [input] = rows.inputs.as_slice() else {
        return Err(Error::request("pkt_analyser takes one input: a directory with a directory for each class"));
    };
    if request.name.contains('/') || request.name.starts_with(['.', '-']) || request.name.is_empty() {
        return Err(Error::request(format!("'{}' is no beginning of file names", request.name)));
    }
    let classes = classes(input)?;
    let captures = classes.iter().flat_map(|class| &class.captures).map(|file| &file.path);
    if !rows.allow_disallowed && !disallowed_in(captures)?.is_empty() {
        return Err(Error::request("pkt_analyser shows packets as they are, and the input disallows fields of them")
            .in_file(input)
            .advise("give --allow-disallowed, or mask them first: pcapml select --mask disallowed"));
    }
    let directory = Directory::create(&rows.output.path, &context.rules(&rows.output, Vec::new()))?;
    if input.is_dir() {
        let captures = classes.iter().flat_map(|class| &class.captures);
        context.expect(captures.filter_map(|file| std::fs::metadata(&file.path).ok()).map(|file| file.len()).sum());
    }
    let mut accounting = Accounting::default();
    let mut written = Vec::new();
    for (number, class) in classes.iter().enumerate() {
        let name = format!("{}{number}.json", request.name);
        let path = directory.path().join(&name);
        let analyser = read(request, class, &directory, &mut accounting, context)?;
        let write = || -> Result<Counts> {
            let mut out = BufWriter::new(File::create_new(&path)?);
            let counts = analyser.write(&mut out)?;
            out.flush()?;
            Ok(counts)
        };
        written.push((name, class, write().map_err(|error| error.in_file(&path))?));
    }
    context.refuse_faults(rows.strict, false)?;
    write_index(&written, &directory)?;
    let others = directory.commit()?;
    context.note_any(others, "file", "in the directory not of this run");
    tell(&written, &accounting, request, context);
    Ok(())
}

/// Reads the captures of a class.
fn read<'a>(
    request: &'a Request,
    class: &Class,
    directory: &'a Directory,
    accounting: &mut Accounting<Left>,
    context: &Context,
) -> Result<Analyser<'a>> {
    let rows = &request.rows;
    let mut analyser = Analyser::new(request, directory.path(), context.threads);
    let mut memory = Vec::new();
    for file in &class.captures {
        // A capture that was named by itself is all there is, and is shown as it goes.
        let opened = if rows.inputs.contains(&file.path) {
            context.open(&file.path)
        } else {
            match open_one(&file.path, std::mem::take(&mut memory)) {
                Err(error) if !rows.strict => {
                    context.fault(&error);
                    continue;
                }
                opened => opened,
            }
        };
        let mut reader: Reader = opened?;
        context.each_item(&mut reader, rows.strict, |item| match item {
            Item::Packet(packet) => analyser.packet(packet, accounting),
            _ => Ok(()),
        })?;
        analyser.end_capture(accounting)?;
        memory = reader.into_memory();
    }
    Ok(analyser)
}

/// Writes classes.csv: which file holds which class.
fn write_index(written: &[(String, &Class, Counts)], directory: &Directory) -> Result<()> {
    let columns = vec![
        Column::new("File", ColumnKind::Text, "The file's name."),
        Column::new("Class", ColumnKind::Text, "The directory that its captures were in."),
        Column::new("Captures", ColumnKind::Count, "Captures in that directory."),
        Column::new("Flows", ColumnKind::Count, "Flows in the file, one a line."),
        Column::new("Packets", ColumnKind::Count, "Packets in the file."),
    ];
    let row = |(name, class, counts): &(String, &Class, Counts)| {
        vec![
            Value::Text(name.clone()),
            Value::Text(class.name.clone()),
            Value::Count(class.captures.len() as u64),
            Value::Count(counts.flows),
            Value::Count(counts.packets),
        ]
    };
    let table = Table { columns, rows: written.iter().map(row).collect() };
    let path = directory.path().join("classes.csv");
    let mut file = File::create_new(&path).map_err(|error| Error::from(error).in_file(&path))?;
    write_table(&table, TableFormat::Csv, &mut file).map_err(|error| error.in_file(&path))
}

fn tell(written: &[(String, &Class, Counts)], accounting: &Accounting<Left>, request: &Request, context: &Context) {
    let line = |(name, class, counts): &(String, &Class, Counts)| {
        format!("{name}: {}, {}", class.name, count(counts.flows, "flow"))
    };
    list("classes (classes.csv has them all)", written.iter().map(line), context);
    let sum = |of: fn(&Counts) -> u64| written.iter().map(|(_, _, counts)| of(counts)).sum::<u64>();
    let told = [
        (sum(|counts| counts.empty), "without payload not written".to_owned()),
        (
            sum(|counts| counts.evicted),
            format!("ended for lack of resources: there were more than {} at once", request.rows.max_flows),
        ),
    ];
    for (flows, what) in told.into_iter().filter(|(flows, _)| *flows > 0) {
        context.note(format!("{} {what}", count(flows, "flow")));
    }
    let forgotten = sum(|counts| counts.forgotten);
    if forgotten > 0 {
        let what = "times a stretch of sequence numbers was forgotten: what is sent again of it counts as new";
        context.note(format!("{forgotten} {what}"));
    }
    let cut = sum(|counts| counts.cut);
    context.note_any(cut, "packet", "captured in part: their bytes are fewer than data_len");
    accounting.tell(sum(|counts| counts.flows), request.rows.explain, context);
}
