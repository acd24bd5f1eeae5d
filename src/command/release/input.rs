//! What a capture and its table of splits must be to be released, and what is to be told of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CHALLENGE, Request};
use crate::command::{Context, count, facts};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result};
use crate::packet::{LinkType, SampleId};
use crate::rule::{NO_SPLIT, Splits};
use crate::sample::header::{Header, Order};

/// What is known of the input before anything is written.
pub(super) struct Input {
    /// In which its ids were made.
    pub(super) namespace: String,
    /// Its packets of no sample, which no release holds.
    pub(super) unlabelled: u64,
    /// What its readers should know.
    pub(super) cautions: Vec<String>,
}

impl Input {
    /// Reads the capture.
    ///
    /// # Errors
    /// A capture with faults, or whose samples stand in an order that tells of them; a table that lacks samples, or has
    /// others.
    pub(super) fn read(request: &Request, splits: &Splits, context: &Context) -> Result<Self> {
        let facts = facts::read(&request.input, Wanted::default(), context)?;
        if context.faults() > 0 {
            return Err(Error::request("it has faults, and is not released").in_file(&request.input));
        }
        let hidden = splits.ids_of(CHALLENGE);
        let has_challenge = !hidden.is_empty();
        check_order(request, &facts, has_challenge)?;
        check_ids(request, &facts, splits)?;
        let challenge =
            facts.each().filter(|(sample, _)| hidden.contains(&sample.id)).map(|(_, stat)| &stat.link_types);
        let cautions = cautions(facts.header.as_ref(), has_challenge.then_some(challenge));
        let header = facts.header.unwrap_or_default();
        for caution in &cautions {
            let advice = match caution == GUESSABLE {
                true => "; pcapml anonymize --ids rekey, then pcapml partition",
                false => "",
            };
            context.note(format!("WARNING: {caution}{advice}"));
        }
        let unlabelled = facts.unlabelled.packets;
        context.note_any(unlabelled, "packet", "of no sample left out");
        Ok(Self { namespace: header.dataset.unwrap_or_default(), unlabelled, cautions })
    }
}

/// Ids are made of something, and of what is published (FORMAT.md, section 3).
const GUESSABLE: &str = "ids may tell the labels of the challenge: they are made of names of files, of rules, keys or flows, or \
    count in the order of a labels file, so that whoever guesses these can see which sample is which";

/// Packets are not made anew.
const LINKS: &str = "link types may tell the labels of the challenge: its samples were not all captured on links of the same \
    types";

/// What readers of a release should know whose capture says this of itself, and the samples of whose challenge, if it has
/// one, are of these link types.
pub(in crate::command) fn cautions<'a>(
    header: Option<&Header>,
    challenge: Option<impl Iterator<Item = &'a BTreeSet<LinkType>>>,
) -> Vec<String> {
    let Some(mut links) = challenge else { return Vec::new() };
    let anonymized = header.and_then(|header| header.others.get("anonymized"));
    let first = links.next();
    let differ = links.any(|others| Some(others) != first);
    let told = [(GUESSABLE, !is_rekeyed(anonymized)), (LINKS, differ)];
    told.into_iter().filter(|(_, is_told)| *is_told).map(|(text, _)| text.to_owned()).collect()
}

/// True if no id can be made of what a sample is.
fn is_rekeyed(anonymized: Option<&Value>) -> bool {
    anonymized.is_some_and(|facts| facts["ids"] == "rekey" || is_rekeyed(facts.get("before")))
}

/// Samples that stand in one run each are what readers can take in passing; those of a challenge must not stand as
/// somebody listed them.
fn check_order(request: &Request, facts: &Facts, has_challenge: bool) -> Result<()> {
    let order = facts.header.as_ref().and_then(|header| header.order);
    let wrong = |what: &str, advice: &str| Err(Error::request(what).in_file(&request.input).advise(advice));
    match order {
        Some(Order::Id) => Ok(()),
        Some(order) if order.is_contiguous() && has_challenge => wrong(
            "its samples do not stand by id: the order may tell the labels of the challenge",
            "pcapml sort puts them so",
        ),
        Some(order) if order.is_contiguous() => Ok(()),
        _ => wrong(
            "its samples do not stand in one run each",
            "pcapml sort puts them so; readers can then take them in passing",
        ),
    }
}

/// The table must name every sample, and no other: one that it forgets would vanish without a word.
fn check_ids(request: &Request, facts: &Facts, splits: &Splits) -> Result<()> {
    let there: BTreeSet<SampleId> = facts.each().map(|(sample, _)| sample.id).collect();
    let named: BTreeSet<SampleId> = splits.iter().map(|(id, _)| id).chain(splits.left_out()).collect();
    let error = |text: String| Error::labels(text).in_file(&request.splits);
    let first = |ids: &[SampleId]| ids.iter().take(1).map(ToString::to_string).collect::<String>();
    let absent: Vec<SampleId> = named.difference(&there).copied().collect();
    if !absent.is_empty() {
        let text = format!("{} not in the capture, the first is {}", count(absent.len() as u64, "id"), first(&absent));
        return Err(error(text).advise("is it of this capture? See pcapml check"));
    }
    let forgotten: Vec<SampleId> = there.difference(&named).copied().collect();
    if !forgotten.is_empty() {
        let number = count(forgotten.len() as u64, "sample");
        let text = format!("it does not say where {number} of the capture belong, the first is {}", first(&forgotten));
        return Err(error(text).advise(format!("give each a row; the split '{NO_SPLIT}' means in none, on purpose")));
    }
    Ok(())
}
