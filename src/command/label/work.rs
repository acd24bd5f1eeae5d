//! Packets from captures, through what labels them, to the output.

use super::comments::{Comments, SOURCE};
use super::labeller::{Labeller, SampleNumber};
use super::{Request, form};
use crate::capture::{Item, Reader};
use crate::command::dataset_files::DatasetFile;
use crate::command::{Context, count};
use crate::error::{Error, Result};
use crate::packet::{ByteOrder, Packet};
use crate::sample::comment::Recogniser;
use crate::sink::{CaptureFiles, Container, write_table};

/// A labelling that is going on.
pub(super) struct Work<'a> {
    request: &'a Request,
    labeller: &'a mut dyn Labeller,
    pub(super) output: Option<CaptureFiles>,
    comments: Comments,
    /// The samples of the current packet.
    chosen: Vec<SampleNumber>,
    /// The options that label the current packet, if it belongs to several samples.
    first: Vec<u8>,
    recogniser: Recogniser,
    /// For each sample, whether it has packets.
    met: Vec<bool>,
    labelled: u64,
    unlabelled: u64,
    /// Comments of an earlier labelling.
    replaced: u64,
    /// Packets that begin with a big-endian number, as their captures are.
    big_endian: u64,
}

impl<'a> Work<'a> {
    /// `sources` gives every sample the field that names its file.
    pub(super) fn new(request: &'a Request, labeller: &'a mut dyn Labeller, sources: bool) -> Self {
        Self {
            request,
            labeller,
            output: None,
            comments: Comments::new(form(request.compat), sources),
            chosen: Vec::new(),
            first: Vec::new(),
            recogniser: Recogniser::default(),
            met: Vec::new(),
            labelled: 0,
            unlabelled: 0,
            replaced: 0,
            big_endian: 0,
        }
    }

    /// Labels one capture, and gives its buffer back.
    pub(super) fn file(&mut self, file: &DatasetFile, mut reader: Reader, context: &Context) -> Result<Vec<u8>> {
        let Some(mut output) = self.output.take() else {
            return Ok(Vec::new());
        };
        output.next_source();
        self.labeller.next_file(file)?;
        self.comments.next_file(&file.name);
        context.each_item(&mut reader, self.request.strict, |item| match item {
            Item::Section(_) => Ok(()),
            Item::Interface(interface, _) => {
                self.labeller.interface(interface)?;
                output.interface(interface)
            }
            Item::Packet(packet) => self.packet(packet, &mut output),
            Item::Other(block) => output.block(block),
        })?;
        self.output = Some(output);
        Ok(reader.into_memory())
    }

    #[inline]
    fn packet(&mut self, packet: &Packet, output: &mut CaptureFiles) -> Result<()> {
        self.chosen.clear();
        self.labeller.choose(packet, &mut self.chosen)?;
        if self.chosen.is_empty() {
            self.unlabelled += 1;
            if !self.request.keep_unlabeled {
                return Ok(());
            }
        } else {
            self.labelled += 1;
        }
        self.big_endian += u64::from(packet.interface.byte_order == ByteOrder::Big);
        let samples = self.labeller.samples();
        if self.met.len() < samples.len() {
            self.met.resize(samples.len(), false);
        }
        for &number in &self.chosen {
            self.met[number as usize] = true;
        }
        let first = match self.chosen.as_slice() {
            [] => &[],
            [one] => self.comments.option(samples, *one)?,
            several => {
                self.first.clear();
                for &number in several {
                    self.first.extend_from_slice(self.comments.option(samples, number)?);
                }
                &self.first
            }
        };
        // Labels of packets that are left out go with them, and that is told already.
        let (replaced, recogniser) = (&mut self.replaced, &mut self.recogniser);
        output.packet(packet, first, |option| {
            let old = recogniser.is_label(option);
            *replaced += u64::from(old);
            !old
        })
    }

    /// Ends the output, and tells what was done.
    pub(super) fn finish(mut self, odd: bool, context: &mut Context) -> Result<()> {
        let odd = self.labeller.report(context)? || odd || self.labelled == 0 && self.unlabelled > 0;
        context.refuse_faults(self.request.strict, odd)?;
        let Some(output) = self.output.take() else {
            return Err(Error::request("no capture could be read; nothing was written"));
        };
        context.note_link_types(output.link_types(), self.request.per_link_type);
        let losses = output.commit()?;
        context.note_losses(losses);
        context.note_any(self.replaced, "comment", "of an earlier labelling taken off");
        context.note_any(self.big_endian, "packet", "of a big-endian capture begin with a number in that order and stay as they are: tcpdump's filters will not \
                 know them in the output, which is little-endian");
        self.tell(context);
        if self.labelled == 0 && self.unlabelled > 0 {
            context.fault(&Error::request("no packet got a label: are these the labels of this capture?"));
        }
        if Container::of_name(&self.request.output.path) == Some(Container::Pcap) {
            context.note("the output is pcapng, whatever its name says: pcap holds no labels");
        }
        match self.request.stats {
            Some(format) => write_table(&self.labeller.stats(), format, context.tables),
            None => Ok(()),
        }
    }

    fn tell(&self, context: &Context) {
        let samples = self.met.iter().filter(|met| **met).count();
        let labelled = format!("labelled {} of {}", count(self.labelled, "packet"), count(samples as u64, "sample"));
        let because = self.labeller.unlabelled_because();
        let left = match self.request.keep_unlabeled {
            _ if self.unlabelled == 0 => String::new(),
            true => format!("; {} {because} and were kept without a label", count(self.unlabelled, "packet")),
            false => format!(
                "; {} {because} and were left out (--keep-unlabeled keeps them)",
                count(self.unlabelled, "packet")
            ),
        };
        context.note(labelled + &left);
        context.note_any(
            self.comments.abroad() as u64,
            "sample",
            "with packets of several captures: source names the first, and p.source a packet's own",
        );
    }
}

/// Sees that no sample has a field of the name that says where it comes from.
pub(super) fn check_source_field(labeller: &dyn Labeller) -> Result<()> {
    match labeller.samples().iter().any(|sample| sample.field(SOURCE).is_some()) {
        true => Err(Error::labels(format!("a column '{SOURCE}', which is what --source writes"))
            .advise("rename the column, or leave out --source")),
        false => Ok(()),
    }
}
