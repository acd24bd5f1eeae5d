//! Which samples packets belong to: by their comments, or by what else says so.

use crate::command::Context;
use crate::command::dataset_files::DatasetFile;
use crate::command::label::{self, Labeller};
use crate::command::memberships::NO_SAMPLE;
use crate::error::{Error, Result};
use crate::packet::{Interface, Packet, Sample};
use crate::rule::{Rule, RuleSet};
use crate::sample::membership::Samples;

/// What says which samples packets belong to.
pub(super) enum Belonging<'a> {
    /// The packets' comments.
    Comments(Samples),
    /// A labels file, or the captures' names.
    Labels(Box<dyn Labeller + 'a>, &'a RuleSet),
}

impl<'a> Belonging<'a> {
    /// That of these labels, or else of the packets' comments.
    pub(super) fn of(labels: Option<&'a Labels>) -> Result<Self> {
        match labels {
            Some(labels) => Ok(Self::Labels(label::by_rules(&labels.request, &labels.set)?, &labels.set)),
            None => Ok(Self::Comments(Samples::default())),
        }
    }

    /// Puts the numbers of a packet's samples into `current`, which is empty; if it has none, [`NO_SAMPLE`].
    #[inline]
    pub(super) fn of_packet(&mut self, packet: &Packet, current: &mut Vec<u32>) -> Result<()> {
        match self {
            Self::Comments(samples) => samples.of_packet(packet, |number| current.push(number as u32)),
            Self::Labels(labeller, _) => {
                if crate::sample::membership::first_id(packet).is_some() {
                    return Err(Error::request("the capture has labels already")
                        .at(packet.position())
                        .advise("leave out --label-from, or take them off first: pcapml strip"));
                }
                labeller.choose(packet, current)?;
            }
        }
        if current.is_empty() {
            current.push(NO_SAMPLE);
        }
        Ok(())
    }

    /// The samples that are known.
    pub(super) fn samples(&self) -> &[Sample] {
        match self {
            Self::Comments(samples) => samples.all(),
            Self::Labels(labeller, _) => labeller.samples(),
        }
    }

    /// What follows is of this file.
    pub(super) fn next_file(&mut self, file: &DatasetFile) -> Result<()> {
        match self {
            Self::Comments(_) => Ok(()),
            Self::Labels(labeller, _) => labeller.next_file(file),
        }
    }

    /// What follows may be of this interface.
    pub(super) fn interface(&mut self, interface: &Interface) -> Result<()> {
        match self {
            Self::Comments(_) => Ok(()),
            Self::Labels(labeller, _) => labeller.interface(interface),
        }
    }

    /// Tells ids that stand for several samples.
    pub(super) fn tell_conflicts(&self, context: &Context) {
        if let Self::Comments(samples) = self {
            context.tell_conflicts(samples, None);
        }
    }

    /// The sample of a capture as a whole, if it has one: although it may hold no packet.
    pub(super) fn of_file(&self, file: &DatasetFile) -> Option<u32> {
        let Self::Labels(_, set) = self else { return None };
        let whole = |rule: &&Rule| rule.selector.file.as_ref() == Some(&file.name) && !rule.selector.is_conditional();
        set.rules.iter().find(whole).map(|rule| rule.sample as u32)
    }

    /// Tells what was odd about the labels.
    pub(super) fn report(&mut self, context: &Context) -> Result<bool> {
        match self {
            Self::Comments(_) => Ok(false),
            Self::Labels(labeller, _) => labeller.report(context),
        }
    }
}

/// What a labelling needs that is not for a capture of labels.
pub(super) struct Labels {
    pub(super) request: label::Request,
    pub(super) set: RuleSet,
}

impl Labels {
    /// The labels of these captures.
    pub(super) fn of(from: &label::Labels, captures: &[DatasetFile]) -> Result<Self> {
        if let Some(twins) = twins(captures) {
            return Err(Error::request(format!("two captures are named '{twins}', and labels go by names"))
                .advise("give the directory that holds both"));
        }
        let output = crate::command::Target { path: "-".into(), force: false };
        let request = label::Request::new(std::path::Path::new("-"), from.clone(), output);
        let set = label::rules_of(&request, captures).map_err(|error| match from {
            label::Labels::Names(_) => Error::request("no capture's name says a label").advise(
                "--label-from is asked about names relative to the directory that was given, such as day1/vpn.pcap",
            ),
            _ => error,
        })?;
        Ok(Self { request, set })
    }
}

fn twins(captures: &[DatasetFile]) -> Option<&str> {
    let mut seen = std::collections::HashSet::new();
    captures.iter().map(|file| file.name.as_str()).find(|name| !seen.insert(*name))
}
