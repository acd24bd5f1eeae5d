//! A row for each packet of each sample, in the order of the captures.
//!
//! Rows are written as packets are read. What stands before them, fields of samples among it, must be known before the
//! first: captures whose rows carry labels are therefore read twice, the first time for their comments alone. Rows of a
//! pipe, which can be read once, wait instead.

use std::path::PathBuf;
use std::sync::Arc;

use super::accounting::Accounting;
use super::captures;
use super::packet_pool::{Encode, Made, Pool};
use super::rows::{Prefix, Writer, format, metadata_of};
use super::tracker::NO_SAMPLE;
use super::{Request, Result};
use crate::capture::{Item, Reader};
use crate::command::Context;
use crate::error::Error;
use crate::feature::{PacketSet, Refused};
use crate::packet::Packet;
use crate::sample::membership::Samples;
use crate::sample::sort::{SortKey, Sorter};
use crate::sink::{Metadata, RowFormat, RowShape};
use crate::table::{Column, ColumnKind};

/// Makes the rows of a set.
///
/// # Errors
/// As of the command.
pub(super) fn run(request: &Request, mut set: PacketSet, context: &Context) -> Result<()> {
    let format = format(request)?;
    let files = captures::captures(&request.inputs)?;
    let inputs = files.iter().map(|file| file.path.clone()).collect();
    context.rules(&request.output, inputs).check(&request.output.path)?;
    // An array has one kind of numbers: with others beside them, those of a byte would take eight. Columns that were
    // asked for by name are wanted nevertheless.
    if format == RowFormat::Npy && request.set.columns.is_empty() {
        for name in set.keep_bytes_and_bits() {
            context.note(format!("the column '{name}' has no place in the output"));
        }
    }
    let bare = request.set.bare || set.as_nprint() || format == RowFormat::Npy;
    let mut columns = if bare { Vec::new() } else { own_columns() };
    columns.extend(set.columns());
    let shape = RowShape { undefined: request.undefined, ..RowShape::new(format, columns.clone()) };
    let encode = Encode { set: Arc::new(set), encoder: shape.encoder(), outer: request.keying.outer, bare };
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let known = if bare { Some(Samples::default()) } else { captures::samples(&files) };
    let prefix = known.as_ref().map(|samples| Prefix::new(&names, samples.all(), bare));
    let create = |prefix| Writer::create(request, format, columns.clone(), prefix, metadata(request), context);
    let rows = match &prefix {
        Some(prefix) => Rows::Written(Box::new(create(prefix)?)),
        None => {
            let sorter = Sorter::new(request.memory, None, context.threads);
            Rows::Waiting(sorter, captures::directory(&request.output.path), Vec::new())
        }
    };
    let pool = Pool::new(&encode, &columns, context.threads)?;
    let work =
        Work { pool, samples: Samples::default(), current: Vec::new(), out: Out { rows, told: Accounting::default() } };
    let (samples, Out { rows, told }) = work.files(&files, request, context)?;
    if request.strict && context.faults() > 0 {
        return Err(Error::request("nothing was written, because --strict was given"));
    }
    told.tell_rows(request.explain, context);
    match rows {
        Rows::Written(writer) => writer.finish(context),
        Rows::Waiting(sorter, ..) => {
            let prefix = Prefix::new(&names, samples.all(), bare);
            let mut writer = create(&prefix)?;
            writer.sorted(sorter)?;
            writer.finish(context)
        }
    }
}

/// What stands between the sample and the set's columns.
fn own_columns() -> Vec<Column> {
    vec![
        Column::new("packet", ColumnKind::Count, "The packet's number in its capture, from 1."),
        Column::new("time", ColumnKind::Time, "When it was captured, since 1970."),
    ]
}

/// What the output says of how it was made.
fn metadata(request: &Request) -> Metadata {
    let masks = request.set.packets.masks;
    metadata_of(&serde_json::json!({
        "sets": request.set.sets,
        "outer": request.keying.outer,
        "fill": request.set.packets.fill,
        "mask": {
            "ports": masks.ports,
            "seq": masks.sequence,
            "ttl": masks.ttl,
            "id": masks.identification,
            "options": masks.options,
            "tstamp": masks.timestamps,
        },
    }))
}

/// Captures that are being read.
struct Work<'a> {
    pool: Pool,
    samples: Samples,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    out: Out<'a>,
}

/// Where rows go, and the account of them.
struct Out<'a> {
    rows: Rows<'a>,
    told: Accounting<Refused>,
}

enum Rows<'a> {
    Written(Box<Writer<'a>>),
    /// The sorter, where it may put files, and memory for a record.
    Waiting(Sorter, PathBuf, Vec<u8>),
}

impl<'a> Work<'a> {
    /// Makes the rows of all captures; the samples that were met, and where the rows are.
    fn files(
        mut self,
        files: &[super::DatasetFile],
        request: &Request,
        context: &Context,
    ) -> Result<(Samples, Out<'a>)> {
        let read = captures::each(files, request.strict, context, |number, reader, _| {
            self.file(number as u32, reader, request, context)
        });
        let Self { pool, samples, mut out, .. } = self;
        // Why a thread stopped is worth more than that it did.
        pool.finish(|made| out.take(made)).and(read)?;
        Ok((samples, out))
    }

    fn file(&mut self, capture: u32, reader: &mut Reader, request: &Request, context: &Context) -> Result<()> {
        context.each_item(reader, request.strict, |item| match item {
            Item::Packet(packet) => self.packet(capture, packet),
            _ => Ok(()),
        })
    }

    #[inline]
    fn packet(&mut self, capture: u32, packet: &Packet) -> Result<()> {
        let Self { pool, samples, current, out } = self;
        current.clear();
        samples.of_packet(packet, |number| current.push(number as u32));
        if current.is_empty() {
            current.push(NO_SAMPLE);
        }
        pool.take(packet, capture, current, |made| out.take(made))
    }
}

impl Out<'_> {
    /// Takes what became of a packet.
    #[inline]
    fn take(&mut self, made: Made) -> Result<()> {
        self.told.read += 1;
        let cells = match made.cells {
            Ok(cells) => cells,
            Err(refused) => {
                self.told.outside(refused);
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
            Rows::Written(writer) => writer.row(capture, sample, cells),
            Rows::Waiting(sorter, directory, record) => {
                record.clear();
                record.extend_from_slice(&capture.to_le_bytes());
                record.extend_from_slice(&sample.to_le_bytes());
                record.extend_from_slice(cells);
                // The order of packets, whatever their times; of one packet's samples, as they came.
                let key = SortKey::of_row(capture.into(), 0, number, 0);
                let pushed = sorter.push(key, record, directory);
                pushed.map_err(|error| Error::from(error).in_file(directory.as_path()))
            }
        }
    }
}
