//! A row for each packet of each sample, in the order of the captures.
//!
//! Rows are written as packets are read. What stands before them, fields of samples among it, must be known before the
//! first: captures whose rows carry labels are therefore read twice, the first time for their comments alone. Rows of a
//! pipe, which can be read once, wait instead.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::accounting::{Accounting, Reason};
use super::belonging::{Belonging, Labels};
use super::enforced::Enforced;
use super::packet_pool::{Encode, Made, Pool};
use super::prefix::Prefix;
use super::twins::Twins;
use super::units::Unit;
use super::writer::{Record, Writer, format, metadata_of};
use super::{Request, Result, RowOrder, RowUnit, SplitTable, check_outputs};
use crate::capture::{Item, Reader};
use crate::command::Context;
use crate::command::captures;
use crate::command::dataset_files::DatasetFile;
use crate::error::Error;
use crate::feature::{PacketSet, Refused};
use crate::packet::{Packet, Sample};
use crate::redact::Field;
use crate::sample::sort::{SortKey, Sorter};
use crate::sink::{Metadata, RowFormat, RowShape};
use crate::table::{Column, ColumnKind};

/// Makes the rows of a set.
///
/// # Errors
/// As of the command.
pub(super) fn run(request: &Request, context: &Context) -> Result<()> {
    check(request)?;
    let format = format(request)?;
    let files = captures::captures(&request.inputs, context)?;
    let enforced = Enforced::of(request, &files)?;
    let request = &Request { set: enforced.set(&request.set), ..request.clone() };
    let Some(mut set) = PacketSet::of(&request.set)? else { return Ok(()) };
    enforced.tell(set.hidden(), context);
    let splits = request.splits.as_ref().map(SplitTable::read).transpose()?;
    check_outputs(request, &files, context)?;
    let labels = request.label_from.as_ref().map(|from| Labels::of(from, &files)).transpose()?;
    // An array has one kind of numbers: with others beside them, those of a byte would take eight. Columns that were
    // asked for by name are wanted nevertheless.
    if format == RowFormat::Npy && request.set.columns.is_empty() {
        for name in set.keep_bytes_and_bits() {
            context.note(format!("the column '{name}' has no place in the output"));
        }
    }
    let bare = request.set.bare || set.as_nprint() || format == RowFormat::Npy;
    let timed = !enforced.mask.has(Field::Time);
    let mut columns = if bare { Vec::new() } else { own_columns(timed) };
    columns.extend(set.columns());
    let shape = RowShape { undefined: request.undefined, ..RowShape::new(format, columns.clone()) };
    let encode = Encode { set: Arc::new(set), encoder: shape.encoder(), outer: request.keying.outer, bare, timed };
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let known = known_samples(bare, labels.as_ref(), &files);
    let prefix = known.as_ref().map(|samples| Prefix::new(&names, samples, splits.as_ref(), bare));
    let rows = match &prefix {
        Some(prefix) => Rows::Written(Box::new(create((request, &enforced), format, &columns, prefix, context)?)),
        None => {
            let sorter = Sorter::new(request.memory, None, context.threads);
            Rows::Waiting(sorter, captures::directory(&request.output.path), Vec::new())
        }
    };
    let out = Out { rows, told: Accounting::default() };
    let pool = Pool::new(&encode, &columns, context.threads)?;
    let work = Work::new((request, enforced), pool, Belonging::of(labels.as_ref())?, out);
    let (mut belonging, Out { rows, told }) = work.files(&files, context)?;
    let odd = belonging.report(context)?;
    belonging.tell_conflicts(context);
    context.refuse_faults(request.strict, odd)?;
    told.tell_rows(request.explain, context);
    let prefix = Prefix::new(&names, belonging.samples(), splits.as_ref(), bare);
    prefix.tell_splits(context);
    let sorter = match rows {
        Rows::Written(writer) => return writer.finish(context),
        Rows::Waiting(sorter, ..) => sorter,
    };
    let mut writer = create((request, &enforced), format, &columns, &prefix, context)?;
    sorter.finish(|record| writer.record(record))?;
    writer.finish(context)
}

/// Begins the output.
fn create<'a>(
    (request, enforced): (&Request, &Enforced),
    format: RowFormat,
    columns: &[Column],
    prefix: &'a Prefix<'a>,
    context: &Context,
) -> Result<Writer<'a>> {
    Writer::create(request, format, columns.to_vec(), prefix, metadata(request, enforced), context)
}

/// Sees that nothing is asked for that is about other rows.
fn check(request: &Request) -> Result<()> {
    if request.rows != RowUnit::Packet {
        return Err(Error::request("the set has a row for each packet").advise("leave out --rows"));
    }
    if request.order == RowOrder::End || request.packets.is_some() {
        return Err(Error::request("--order end and --packets are about flows, and the rows are of packets")
            .advise("leave them out"));
    }
    Ok(())
}

/// The samples, if they can be known before the first row is written.
fn known_samples(bare: bool, labels: Option<&Labels>, files: &[DatasetFile]) -> Option<Vec<Sample>> {
    match labels {
        _ if bare => Some(Vec::new()),
        Some(labels) => Some(labels.set.samples.clone()),
        None => captures::samples(files).map(|samples| samples.all().to_vec()),
    }
}

/// What stands between the sample and the set's columns.
fn own_columns(timed: bool) -> Vec<Column> {
    let number = Column::new("packet", ColumnKind::Count, "The packet's number in its capture, from 1.");
    let time = Column::new("time", ColumnKind::Time, "When it was captured, since 1970.");
    std::iter::once(number).chain(timed.then_some(time)).collect()
}

/// What the output says of how it was made.
fn metadata(request: &Request, enforced: &Enforced) -> Metadata {
    let mut options = serde_json::json!({
        "sets": request.set.sets,
        "outer": request.keying.outer,
        "first": request.first,
        "dedup": request.dedup,
        "fill": request.set.packets.fill,
    });
    enforced.note_in(&mut options);
    metadata_of(&options)
}

/// Captures that are being read.
struct Work<'a> {
    request: &'a Request,
    enforced: Enforced,
    pool: Pool,
    belonging: Belonging<'a>,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    /// How many packets of each sample (or capture) were taken, if that is limited.
    taken: HashMap<Unit, u64>,
    twins: Twins,
    out: Out<'a>,
}

/// Where rows go, and the account of them.
struct Out<'a> {
    rows: Rows<'a>,
    told: Accounting<Reason<Refused>>,
}

enum Rows<'a> {
    Written(Box<Writer<'a>>),
    /// The sorter, where it may put files, and memory for a record.
    Waiting(Sorter, PathBuf, Vec<u8>),
}

impl<'a> Work<'a> {
    fn new((request, enforced): (&'a Request, Enforced), pool: Pool, belonging: Belonging<'a>, out: Out<'a>) -> Self {
        let (current, taken) = (Vec::new(), HashMap::new());
        Self { request, enforced, pool, belonging, current, taken, twins: Twins::new(true), out }
    }

    /// Makes the rows of all captures; what says which samples they are of, and where the rows are.
    fn files(mut self, files: &[DatasetFile], context: &Context) -> Result<(Belonging<'a>, Out<'a>)> {
        let read = captures::each(files, self.request.strict, context, |number, reader, file| {
            self.belonging.next_file(file)?;
            self.twins.next_file();
            self.file(number as u32, reader, context).map_err(|error| error.in_file(&file.path))
        });
        let Self { pool, belonging, mut out, .. } = self;
        // Why a thread stopped is worth more than that it did.
        pool.finish(|made| out.take(made)).and(read)?;
        Ok((belonging, out))
    }

    fn file(&mut self, capture: u32, reader: &mut Reader, context: &Context) -> Result<()> {
        context.each_item(reader, self.request.strict, |item| match item {
            Item::Packet(packet) => self.packet(capture, packet),
            Item::Interface(interface, _) => self.belonging.interface(interface),
            Item::Section(block) => self.enforced.check(block, self.request),
            Item::Other(_) => Ok(()),
        })
    }

    #[inline]
    fn packet(&mut self, capture: u32, packet: &Packet) -> Result<()> {
        self.current.clear();
        self.belonging.of_packet(packet, &mut self.current)?;
        if self.request.dedup {
            self.twins.take(packet, &self.current);
            self.current.retain(|sample| !self.twins.found().contains(sample));
            if self.current.is_empty() {
                return self.out.leave_out(Reason::Twin);
            }
        }
        if let Some(first) = self.request.first {
            let taken = &mut self.taken;
            self.current.retain(|&sample| {
                let taken = taken.entry(Unit::of(capture.into(), sample)).or_default();
                *taken += 1;
                *taken <= first
            });
            if self.current.is_empty() {
                return self.out.leave_out(Reason::BehindFirst);
            }
        }
        let out = &mut self.out;
        self.pool.take(packet, capture, &self.current, |made| out.take(made))
    }
}

impl Out<'_> {
    /// A packet gets no row, whatever it is.
    fn leave_out(&mut self, reason: Reason<Refused>) -> Result<()> {
        self.told.read += 1;
        self.told.outside(reason);
        Ok(())
    }

    /// Takes what became of a packet.
    #[inline]
    fn take(&mut self, made: Made) -> Result<()> {
        self.told.read += 1;
        let cells = match made.cells {
            Ok(cells) => cells,
            Err(refused) => {
                self.told.outside(Reason::Of(refused));
                return Ok(());
            }
        };
        self.told.in_flows += 1;
        self.told.memberships += made.samples.len() as u64;
        made.samples.iter().try_for_each(|&sample| self.row(made.capture, made.number, sample, cells))
    }

    #[inline]
    fn row(&mut self, capture: u32, number: u64, sample: u32, cells: &[u8]) -> Result<()> {
        match &mut self.rows {
            Rows::Written(writer) => writer.row(capture, sample, [cells, &[]]),
            Rows::Waiting(sorter, directory, record) => {
                record.clear();
                Record::begin(capture, sample, record);
                record.extend_from_slice(cells);
                // The order of packets, whatever their times; of one packet's samples, as they came.
                let key = SortKey::of_row(capture.into(), 0, number, 0);
                let pushed = sorter.push(key, record, directory);
                pushed.map_err(|error| Error::from(error).in_file(directory.as_path()))
            }
        }
    }
}
