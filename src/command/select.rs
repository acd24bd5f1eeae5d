//! `pcapml select`: the part of a labelled capture that some samples make up, everything else unchanged; masked, where asked.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::masking::Masking;
use super::samples::shown_names;
use super::{Context, Masks, Target, count};
use crate::capture::{Format, Item, Rewriter};
use crate::error::{Error, Result};
use crate::packet::{Opt, Packet, Sample, SampleId, code};
use crate::sample::fields;
use crate::sample::header::{Header, is_header};
use crate::sample::membership::{Runs, Samples};
use crate::sink::Output;

/// Which samples, and where they go. What is given must all be true of a sample; of several labels, ids or values for
/// one field, one.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The part of it.
    pub output: Target,
    /// A list of ids, one on a line.
    pub ids: Option<PathBuf>,
    /// Labels.
    pub labels: Vec<String>,
    /// Fields and their values.
    pub fields: Vec<(String, String)>,
    /// Fields that are zeroed in their packets.
    pub masks: Masks,
    /// Go on if the capture lacks an id of the list, or has nothing of what was asked for.
    pub allow_missing: bool,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// Selects samples.
///
/// # Errors
/// A list of ids with a defect; an id that the capture lacks; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let wanted = request.ids.as_deref().map(read_ids).transpose()?;
    let mut reader = context.open(&request.input)?;
    if reader.format() != Format::Pcapng {
        return Err(Error::request("a pcap file holds no labels to select by").in_file(&request.input));
    }
    let header = Header::read(reader.section_options());
    let masks = Some(&request.masks).filter(|masks| !masks.is_empty());
    let masking = masks.map(|masks| Masking::of(masks, &request.input, header.as_ref())).transpose()?;
    let mut inputs = vec![request.input.clone()];
    inputs.extend(request.ids.clone());
    inputs.extend(request.masks.manifest.clone());
    let output = Output::create(&request.output.path, &context.rules(&request.output, inputs))?;
    let mut selection = Selection {
        request,
        wanted_ids: wanted.as_ref().map(|wanted| wanted.iter().map(|(id, _)| *id).collect()),
        wanted: wanted.unwrap_or_default(),
        out: Rewriter::new(output),
        masking,
        samples: Samples::default(),
        chosen: Vec::new(),
        packets: 0,
        shared: 0,
    };
    let mut runs = Runs::new(header.as_ref());
    context.each_item(&mut reader, request.strict, |item| {
        if let Item::Packet(packet) = item
            && let Err(error) = runs.packet(packet)
        {
            context.fault(&error.in_file(&request.input));
        }
        selection.item(item)
    })?;
    selection.finish(context)
}

/// Reads a list of ids: one on a line; blank lines, and what follows a `#`, do not count.
fn read_ids(path: &Path) -> Result<Vec<(SampleId, u64)>> {
    let read = match path == Path::new("-") {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    let text = read.map_err(|error| Error::from(error).in_file(path))?;
    let mut ids = Vec::new();
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let text = text.split('#').next().unwrap_or_default().trim();
        let header = ["sampleid", "sample_id"].iter().any(|name| text.eq_ignore_ascii_case(name));
        if text.is_empty() || header && ids.is_empty() {
            continue;
        }
        let id = text
            .parse()
            .map_err(|()| Error::labels(format!("'{text}' is no sample id")).at_line(line, None).in_file(path))?;
        ids.push((id, line));
    }
    Ok(ids)
}

struct Selection<'a> {
    request: &'a Request,
    /// The list of ids, with their lines.
    wanted: Vec<(SampleId, u64)>,
    /// The same as a set, if there is a list.
    wanted_ids: Option<HashSet<SampleId>>,
    out: Rewriter<Output>,
    masking: Option<Masking>,
    samples: Samples,
    /// For each sample met, whether it is selected.
    chosen: Vec<bool>,
    packets: u64,
    /// Comments left out of selected packets, because they name samples that are not.
    shared: u64,
}

impl Selection<'_> {
    fn item(&mut self, item: &Item) -> Result<()> {
        let Self { out, masking, .. } = self;
        match (item, masking) {
            (Item::Packet(packet), _) => self.packet(packet),
            (Item::Section(block), None) => out.section(block, |_| true),
            (Item::Section(block), Some(masking)) => {
                let comment = masking.section(block)?.comment();
                out.section_with(block, comment.as_bytes(), |option| !is_header(option.code, option.text()))
            }
            (Item::Interface(_, block), Some(masking)) => {
                out.interface(block, |option| masking.keeps_of_interface(option))
            }
            (Item::Other(block), Some(masking)) => match masking.keeps_block(block) {
                true => out.block(block),
                false => Ok(()),
            },
            (Item::Interface(_, block) | Item::Other(block), None) => out.block(block),
        }
    }

    fn packet(&mut self, packet: &Packet) -> Result<()> {
        let mut memberships = Vec::new();
        self.samples.of_packet(packet, |number| memberships.push(number));
        // What a sample is decides once, when it is met.
        for sample in &self.samples.all()[self.chosen.len()..] {
            self.chosen.push(is_chosen(self.request, self.wanted_ids.as_ref(), sample));
        }
        memberships.retain(|&number| self.chosen[number]);
        if memberships.is_empty() {
            return Ok(());
        }
        self.packets += 1;
        let Self { out, masking, samples, chosen, shared, .. } = self;
        let mut keep = |option: &Opt| {
            let named = (option.code == code::OPT_COMMENT).then(|| samples.of_comment(option.text())).flatten();
            let keep = named.is_none_or(|number| chosen[number]);
            *shared += u64::from(!keep);
            keep
        };
        match masking {
            None => out.packet(packet, keep),
            Some(masking) => {
                let masked = masking.packet(packet, &memberships)?;
                out.packet(&masked, |option| Masking::keeps_of_packet(option) && keep(option))
            }
        }
    }

    fn finish(self, context: &Context) -> Result<()> {
        let there: HashSet<SampleId> = self.samples.all().iter().map(|sample| sample.id).collect();
        let missing: Vec<_> = self.wanted.iter().filter(|(id, _)| !there.contains(id)).collect();
        if let Some((id, line)) = missing.first() {
            let text = format!("{} not in the capture, the first is {id}", count(missing.len() as u64, "id"));
            if !self.request.allow_missing {
                let error = Error::labels(text).at_line(*line, None);
                let error = error.in_file(self.request.ids.as_deref().unwrap_or(Path::new("")));
                return Err(error.advise("give --allow-missing to select the others"));
            }
            context.note(text);
        }
        if !self.request.allow_missing {
            self.check_labels()?;
        }
        let selected = self.chosen.iter().filter(|chosen| **chosen).count() as u64;
        if selected == 0 && !self.request.allow_missing {
            return Err(Error::request("no sample is what was asked for")
                .in_file(&self.request.input)
                .advise("see pcapml samples"));
        }
        self.out.finish()?.commit()?;
        if let Some(masking) = &self.masking {
            masking.tell(context);
        }
        if self.shared > 0 {
            context
                .note(format!("{} left out: they name samples that were not selected", count(self.shared, "comment")));
        }
        context.note(format!(
            "selected {} of {}, {}",
            selected,
            count(self.samples.all().len() as u64, "sample"),
            count(self.packets, "packet")
        ));
        Ok(())
    }
}

impl Selection<'_> {
    /// Sees that every label and field that was asked for exists: a mistyped one must not go unnoticed.
    fn check_labels(&self) -> Result<()> {
        let samples = self.samples.all();
        let absent = |what: String, there: &[String]| {
            Error::request(what)
                .in_file(&self.request.input)
                .advise(format!("there are: {} (--allow-missing goes on)", shown_names(there)))
        };
        for label in &self.request.labels {
            if !samples.iter().any(|sample| sample.label == *label) {
                let there: BTreeSet<String> = samples.iter().map(|sample| sample.label.clone()).collect();
                let there: Vec<String> = there.into_iter().collect();
                return Err(absent(format!("no sample has the label '{label}'"), &there));
            }
        }
        for (key, value) in &self.request.fields {
            let values: BTreeSet<String> =
                samples.iter().filter_map(|sample| sample.field(key)).map(str::to_owned).collect();
            if values.is_empty() {
                return Err(absent(format!("no sample has a field '{key}'"), &fields::names(samples)));
            }
            if !values.contains(value) {
                let there: Vec<String> = values.into_iter().collect();
                return Err(absent(format!("no sample has {key}={value}"), &there));
            }
        }
        Ok(())
    }
}

fn is_chosen(request: &Request, wanted: Option<&HashSet<SampleId>>, sample: &Sample) -> bool {
    let by_id = wanted.is_none_or(|wanted| wanted.contains(&sample.id));
    let by_label = request.labels.is_empty() || request.labels.contains(&sample.label);
    // Each field that was named must have one of the values named for it.
    let by_fields = request.fields.iter().all(|(key, _)| {
        let mut values = request.fields.iter().filter(|(other, _)| other == key);
        values.any(|(_, value)| sample.field(key) == Some(value))
    });
    by_id && by_label && by_fields
}
