//! `pcapml cat`: joins labelled captures, one after the other.

use std::collections::HashMap;
use std::path::PathBuf;

use super::samples::conflict;
use super::{Context, Target, count};
use crate::capture::{Dialect, Item, Reader, SnapLen};
use crate::error::{Error, Result, Shown};
use crate::packet::{Options, Packet, SampleId};
use crate::sample::comment;
use crate::sample::header::{Header, Order};
use crate::sample::membership::{Runs, Samples};
use crate::sink::{CaptureFiles, CaptureShape, Container};

/// What to join.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, in this order.
    pub inputs: Vec<PathBuf>,
    /// All in one.
    pub output: Target,
    /// Packets of one id in several captures are one sample.
    pub merge_samples: bool,
    /// One output for each link type.
    pub per_link_type: bool,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

/// Joins captures.
///
/// # Errors
/// If an input cannot be opened, two have samples of one id, or the output cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let headers = headers(request)?;
    let shape = CaptureShape {
        container: Container::Pcapng,
        section: joined(request, &headers).options(Options::NONE),
        snap_len: SnapLen::Unlimited,
        dialect: Dialect::Pcapng,
        nanoseconds: false,
        per_link_type: request.per_link_type,
        numbered: false,
    };
    let rules = context.rules(&request.output, request.inputs.clone());
    let mut files = CaptureFiles::create(&request.output.path, rules, shape)?;
    let mut owners = Owners { request, by_id: HashMap::new(), last: Vec::new() };
    let mut samples = Samples::default();
    let mut packets = 0;
    for (number, input) in request.inputs.iter().enumerate() {
        let mut reader = context.open(input)?;
        files.next_source();
        owners.last.clear();
        let mut runs = Runs::new(headers[number].as_ref());
        context.each_item(&mut reader, request.strict, |item| match item {
            Item::Section(_) => Ok(()),
            Item::Interface(interface, _) => files.interface(interface),
            Item::Other(block) => files.block(block),
            Item::Packet(packet) => {
                packets += 1;
                runs.packet(packet).map_err(|error| error.in_file(input))?;
                owners.packet(number, packet)?;
                samples.of_packet(packet, |_| {});
                files.packet(packet, &[], |_| true)
            }
        })?;
    }
    if let Some((_, one, other)) = samples.conflicts().first() {
        return Err(conflict(one, other).advise("relabel one of the captures"));
    }
    context.note_link_types(files.link_types(), request.per_link_type);
    let losses = files.commit()?;
    context.note_losses(losses);
    context.note(format!(
        "joined {}: {} of {}",
        count(request.inputs.len() as u64, "capture"),
        count(packets, "packet"),
        count(samples.all().len() as u64, "sample")
    ));
    Ok(())
}

/// What each input says of itself; a pipe cannot be asked in advance.
fn headers(request: &Request) -> Result<Vec<Option<Header>>> {
    let header = |input: &PathBuf| match input.is_file() {
        true => Ok(Header::read(Reader::open(input, 1)?.section_options())),
        false => Ok(None),
    };
    request.inputs.iter().map(header).collect()
}

/// What can be said of all of them together.
fn joined(request: &Request, headers: &[Option<Header>]) -> Header {
    let contiguous =
        |header: &Option<Header>| header.as_ref().and_then(|header| header.order).is_some_and(Order::is_contiguous);
    let dataset = |header: &Option<Header>| header.as_ref().and_then(|header| header.dataset.clone());
    let first = headers.first().and_then(dataset);
    Header {
        order: (!request.merge_samples && headers.iter().all(contiguous)).then_some(Order::Contiguous),
        dataset: first.filter(|name| headers.iter().all(|header| dataset(header).as_ref() == Some(name))),
        disallow: disallowed(headers),
        masked: masked(headers),
        ..Header::default()
    }
}

/// What any of them disallows.
fn disallowed(headers: &[Option<Header>]) -> Vec<String> {
    let all = headers.iter().flatten().flat_map(|header| &header.disallow);
    all.fold(Vec::new(), |mut names, name| {
        if !names.contains(name) {
            names.push(name.clone());
        }
        names
    })
}

/// What is masked in all of them.
fn masked(headers: &[Option<Header>]) -> Vec<String> {
    let Some((Some(first), others)) = headers.split_first() else { return Vec::new() };
    let has = |header: &Option<Header>, name| header.as_ref().is_some_and(|header| header.masked.contains(name));
    first.masked.iter().filter(|name| others.iter().all(|other| has(other, name))).cloned().collect()
}

/// Which input each sample comes from.
struct Owners<'a> {
    request: &'a Request,
    by_id: HashMap<SampleId, usize>,
    /// The comment seen last: mostly the next one is equal.
    last: Vec<u8>,
}

impl Owners<'_> {
    fn packet(&mut self, input: usize, packet: &Packet) -> Result<()> {
        for text in packet.comments() {
            if self.last == text {
                continue;
            }
            self.last.clear();
            self.last.extend_from_slice(text);
            let Some(id) = comment::id(text) else { continue };
            let owner = *self.by_id.entry(id).or_insert(input);
            if owner != input && !self.request.merge_samples {
                return Err(Error::request(format!(
                    "sample {id} is in this capture and in {}",
                    Shown(&self.request.inputs[owner])
                ))
                .at(packet.position())
                .in_file(&self.request.inputs[input])
                .advise("label them with different --namespace, or give --merge-samples to make one sample of both"));
            }
        }
        Ok(())
    }
}
