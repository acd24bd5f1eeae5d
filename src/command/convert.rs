//! `pcapml convert`: pcap to pcapng and back, repair of legacy times, chunks.

use std::path::PathBuf;

use super::{Context, Target};
use crate::capture::{Dialect, Item, Reader, SnapLen};
use crate::error::Result;
use crate::packet::{Opt, Options};
use crate::sample::header::Header;
use crate::sink::{CaptureFiles, CaptureShape, Container};

/// How to cut the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunks {
    /// Not at all.
    None,
    /// After so many packets.
    Packets(u64),
    /// Before a file's packets exceed so many bytes.
    Size(u64),
}

/// What to convert.
#[derive(Debug, Clone)]
pub struct Request {
    /// A capture.
    pub input: PathBuf,
    /// The same, in another format.
    pub output: Target,
    /// That format.
    pub container: Container,
    /// How to cut it.
    pub chunks: Chunks,
    /// One output for each link type.
    pub per_link_type: bool,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// Converts a capture.
///
/// # Errors
/// If the input cannot be opened, the output cannot be written, or the format cannot hold a packet.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let reader = context.open(&request.input)?;
    convert(request, reader, context, &mut |_| false).map(drop)
}

/// Converts a capture that is open; packet options that are `dropped` are left out, and their number is returned.
pub(super) fn convert(
    request: &Request,
    reader: Reader,
    context: &Context,
    dropped: &mut dyn FnMut(&Opt) -> bool,
) -> Result<u64> {
    match attempt(request, reader, context, dropped, false) {
        Err(Refusal::TooCoarse) => {
            // Only now is it known that a later interface counts nanoseconds.
            let again = context.open(&request.input)?;
            attempt(request, again, context, dropped, true).map_err(Refusal::into_error)
        }
        other => other.map_err(Refusal::into_error),
    }
}

enum Refusal {
    Error(crate::error::Error),
    TooCoarse,
}

impl Refusal {
    fn into_error(self) -> crate::error::Error {
        match self {
            Self::Error(error) => error,
            Self::TooCoarse => crate::error::Error::request("an interface counts nanoseconds"),
        }
    }
}

fn attempt(
    request: &Request,
    mut reader: Reader,
    context: &Context,
    dropped: &mut dyn FnMut(&Opt) -> bool,
    nanoseconds: bool,
) -> Result<u64, Refusal> {
    let rules = context.rules(&request.output, vec![request.input.clone()]);
    let shape = CaptureShape {
        container: request.container,
        section: section(&reader),
        snap_len: SnapLen::Keep,
        dialect: Dialect::Pcapng,
        nanoseconds,
        per_link_type: request.per_link_type,
        numbered: request.chunks != Chunks::None,
    };
    let mut files = CaptureFiles::create(&request.output.path, rules, shape).map_err(Refusal::Error)?;
    let (mut packets, mut bytes, mut left_out) = (0_u64, 0_u64, 0_u64);
    let done = context.each_item(&mut reader, request.strict, |item| match item {
        Item::Section(_) => Ok(()),
        Item::Interface(interface, _) => files.interface(interface),
        Item::Other(block) => files.block(block),
        Item::Packet(packet) => {
            let size = packet.block.len() as u64;
            let full = match request.chunks {
                Chunks::None => false,
                Chunks::Packets(most) => packets == most,
                Chunks::Size(most) => packets > 0 && bytes + size > most,
            };
            if full {
                files.next_chunk()?;
                (packets, bytes) = (0, 0);
            }
            packets += 1;
            bytes += size;
            files.packet(packet, &[], |option| {
                let drop = dropped(option);
                left_out += u64::from(drop);
                !drop
            })
        }
    });
    // Nothing may have left yet: a pipe or device cannot take back what was written to it.
    let again = request.input.is_file() && request.output.is_replaceable();
    match done {
        Err(_) if files.was_too_coarse() && again && !nanoseconds => return Err(Refusal::TooCoarse),
        other => other.map_err(Refusal::Error)?,
    }
    let losses = files.commit().map_err(Refusal::Error)?;
    context.note_losses(losses);
    Ok(left_out)
}

/// The options of the output's section: those of the input's first, so that labelled captures say their order.
fn section(reader: &Reader) -> Vec<u8> {
    let inherited: Options = reader.section_options();
    Header::read(inherited).unwrap_or_default().options(inherited)
}
