//! `pcapml compare`: two labellings of the same traffic, packet by packet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::answers::Answer;
use super::{Context, Target, count};
use crate::capture::{Format, Item};
use crate::error::{Error, Result};
use crate::publish::compare::{Comparison, Outcome, Seen, Side};
use crate::publish::confusion::mistakes_table;
use crate::sample::membership::Samples;
use crate::sink::TableFormat;

/// How many mistakes an aligned table shows.
const SHOWN: usize = 20;

/// What to compare, and where that goes.
#[derive(Debug, Clone)]
pub struct Request {
    /// The labelled capture that is right.
    pub truth: PathBuf,
    /// The labelled capture that is judged.
    pub test: PathBuf,
    /// Packets that are in one of them only do not count.
    pub matched_only: bool,
    /// Where the figures go.
    pub output: Target,
    /// How they are written.
    pub format: TableFormat,
    /// Where the matrix of labels goes.
    pub confusion: Option<PathBuf>,
}

/// Compares.
///
/// # Errors
/// A capture without labels; captures that have no packet in common; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let inputs = [request.truth.clone(), request.test.clone()];
    if inputs.iter().all(|path| path == Path::new("-")) {
        return Err(
            Error::request("both captures are standard input, which can be read once").advise("name one of them")
        );
    }
    let mut answer = Answer::begin(&request.output, &inputs, context)?;
    let target = |path: &PathBuf| Target { path: path.clone(), force: request.output.force };
    let matrix = request.confusion.as_ref().map(|path| Answer::begin(&target(path), &inputs, context)).transpose()?;
    let mut comparison = Comparison::default();
    read(&request.truth, Side::Truth, &mut comparison, context)?;
    read(&request.test, Side::Test, &mut comparison, context)?;
    if let Some(label) = comparison.reserved_label() {
        return Err(Error::request(format!("a label is '{label}', which has a meaning of its own here"))
            .advise("rename it: pcapml relabel"));
    }
    if !comparison.is_labelled(Side::Truth) {
        return Err(Error::request("no packet carries a label").in_file(&request.truth));
    }
    let outcome = comparison.outcome(request.matched_only);
    if outcome.matched == 0 {
        return Err(strangers(&mut comparison, outcome.altered).in_file(&request.test));
    }
    tell(&outcome, request, context);
    match request.format {
        TableFormat::Json => answer.json(&outcome.json()),
        TableFormat::Csv => answer.table(&outcome.table(), TableFormat::Csv)?,
        TableFormat::Aligned => shown(&outcome, &mut answer)?,
    }
    if let Some(mut matrix) = matrix {
        matrix.table(&outcome.confusion.matrix()?, TableFormat::Csv)?;
        matrix.finish(context)?;
    }
    answer.finish(context)
}

fn read(path: &Path, side: Side, comparison: &mut Comparison, context: &Context) -> Result<()> {
    let mut reader = context.open(path)?;
    if reader.format() != Format::Pcapng {
        return Err(Error::request("a pcap file holds no labels to compare").in_file(path));
    }
    let mut samples = Samples::default();
    let mut of = Vec::new();
    // Most packets are in the samples of the one before, and all in those of an earlier one.
    let mut sets: HashMap<Vec<usize>, u32> = HashMap::new();
    context.each_item(&mut reader, false, |item| {
        let Item::Packet(packet) = item else { return Ok(()) };
        of.clear();
        samples.of_packet(packet, |number| of.push(number));
        let labels = match sets.get(of.as_slice()) {
            Some(&set) => set,
            None => {
                let labels = of.iter().map(|&number| samples.all()[number].label.as_str());
                let set = comparison.labels.number(labels);
                sets.insert(of.clone(), set);
                set
            }
        };
        comparison.add(side, packet.interface, Seen::of(packet, labels));
        Ok(())
    })?;
    match comparison.packets(side) {
        0 => Err(Error::request("a capture without packets").in_file(path)),
        _ => Ok(()),
    }
}

/// The captures have no packet in common.
fn strangers(comparison: &mut Comparison, altered: u64) -> Error {
    let shifted = comparison.shifted();
    let text = "none of its packets is in the truth";
    if shifted.contents == 0 && altered > 0 {
        let number = count(altered, "packet");
        return Error::request(format!("{text}, although {number} differ in bytes only: cut or anonymised?"))
            .advise("compare captures that were made from one");
    }
    let Some(difference) = shifted.difference else {
        return match shifted.contents {
            0 => Error::request(text).advise("see that both are of the same traffic, and were not cut or anonymised"),
            contents => Error::request(format!("{text}, although {contents} packets are the same but for their times")),
        };
    };
    let sign = if difference < 0 { "-" } else { "" };
    let (seconds, rest) = (difference.unsigned_abs() / 1_000_000_000, difference.unsigned_abs() % 1_000_000_000);
    Error::request(format!(
        "{text}, although {} are the same but for their times, which differ by {sign}{seconds}.{rest:09} s at the first",
        count(shifted.contents, "packet")
    ))
    .advise("move its times: editcap -t")
}

fn tell(outcome: &Outcome, request: &Request, context: &Context) {
    let [truth, test] = &outcome.sides;
    context.note(format!(
        "{} of the truth, {} of the test: {} in both",
        count(truth.packets, "packet"),
        test.packets,
        outcome.matched
    ));
    for (side, name, other) in [(truth, "truth", "test"), (test, "test", "truth")] {
        if side.alone > 0 {
            context.note(format!(
                "{} in the {name} only, {} of them labelled: {}",
                count(side.alone, "packet"),
                side.alone_labelled,
                match request.matched_only {
                    true => "left out".to_owned(),
                    false => format!("without a label in the {other} (--matched-only leaves them out)"),
                }
            ));
        }
        context.note_any(side.copies, "packet", format!("in the {name} only: copies of packets that the {other} has"));
    }
    context.note_any(
        outcome.altered,
        "pair",
        "of these with one time and one length on the wire that differ in bytes only: cut or anonymised?",
    );
    if outcome.unit > outcome.finest {
        context.note(format!("times are compared in {}: some packets have no finer ones", unit(outcome.unit)));
    }
    if test.labelled == 0 {
        context.note("no packet of the test carries a label");
    }
    context.note_any(
        outcome.ambiguous,
        "pair",
        "of identical packets with different labels: paired so that as many as possible agree",
    );
}

/// A unit of so many nanoseconds.
fn unit(nanoseconds: u32) -> String {
    match nanoseconds {
        1_000_000_000 => "whole seconds".to_owned(),
        1_000_000 => "milliseconds".to_owned(),
        1_000 => "microseconds".to_owned(),
        _ => format!("units of {nanoseconds} ns"),
    }
}

fn shown(outcome: &Outcome, answer: &mut Answer) -> Result<()> {
    answer.table(&outcome.labels_table(), TableFormat::Aligned)?;
    answer.add(b"\n");
    answer.table(&outcome.packets_table(), TableFormat::Aligned)?;
    let (all, labelled) = (outcome.agreement(), outcome.labelled_agreement());
    let of = "of packets that either labels";
    answer.add(format!("\nagreement  {all:.4}; {labelled:.4} {of}\n").as_bytes());
    let mistakes = outcome.confusion.mistakes();
    if !mistakes.is_empty() {
        answer.add(b"\n");
        answer.table(&mistakes_table(&mistakes, SHOWN, "packets"), TableFormat::Aligned)?;
    }
    if mistakes.len() > SHOWN {
        let more = mistakes.len() - SHOWN;
        answer.add(format!("… and {more} more: --confusion, or --format json\n").as_bytes());
    }
    Ok(())
}
