//! What is measured of a capture in one reading: of each sample a little, of each class more, of no packet anything.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use super::class::ClassStats;
use super::heavy::Heavy;
use super::opening::{Lengths, Sender};
use super::times::Times;
use crate::decode::{Layers, Network, innermost, layers};
use crate::packet::{FlowKey, LinkType, Packet, Sample};
use crate::sample::tally::Tally;

/// Labels that have numbers of their own, in the order in which they are met: at most 160 kB each (see [`ClassStats`]).
/// The packets of further labels are measured together.
pub(super) const CLASSES: usize = 500;

/// Addresses, and conversations, that are counted at once.
const TALKERS: usize = 1 << 16;

/// What is known of a sample so far.
#[derive(Debug)]
pub(super) struct SampleState {
    /// The number of its class.
    pub(super) class: usize,
    /// When its packet before was seen.
    last: Option<i64>,
    pub(super) opening: Lengths,
}

/// Everything that is measured.
pub(super) struct Census {
    /// By the samples' numbers.
    pub(super) states: Vec<SampleState>,
    pub(super) classes: Vec<ClassStats>,
    by_label: HashMap<String, usize>,
    /// Labels beyond [`CLASSES`].
    pub(super) further: HashSet<String>,
    pub(super) all: Tally,
    /// Packets and bytes on each link type.
    pub(super) links: BTreeMap<LinkType, (u64, u64)>,
    /// Packets that are in no sample.
    pub(super) unlabelled: u64,
    /// Packets of which less was captured than was sent.
    pub(super) cut: u64,
    /// Packets without a time, or with one too far from 1970 to draw.
    pub(super) untimed: u64,
    /// Packets that are earlier than the one before in their sample.
    pub(super) backwards: u64,
    pub(super) times: Times,
    pub(super) hosts: Heavy<IpAddr>,
    pub(super) conversations: Heavy<FlowKey>,
}

impl Default for Census {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            classes: Vec::new(),
            by_label: HashMap::new(),
            further: HashSet::new(),
            all: Tally::default(),
            links: BTreeMap::new(),
            unlabelled: 0,
            cut: 0,
            untimed: 0,
            backwards: 0,
            times: Times::default(),
            hosts: Heavy::new(TALKERS),
            conversations: Heavy::new(TALKERS),
        }
    }
}

impl Census {
    /// Takes a packet of the samples of these numbers, of all that were met.
    pub(super) fn packet(&mut self, packet: &Packet, all: &[Sample], current: &[usize]) {
        self.all.add(packet);
        let (packets, bytes) = self.links.entry(packet.interface.link_type).or_default();
        *packets += 1;
        *bytes += u64::from(packet.original_length);
        self.cut += u64::from((packet.bytes.len() as u64) < u64::from(packet.original_length));
        self.meet(all);
        let inner = innermost(packet.interface.link_type, packet.bytes, packet.original_length);
        let time = packet.time().and_then(|time| i64::try_from(time.0).ok());
        self.untimed += u64::from(time.is_none());
        self.unlabelled += u64::from(current.is_empty());
        for &sample in current {
            self.member(packet, sample, time, &inner);
        }
        self.talk(&inner, packet.original_length, current);
    }

    /// How many labels there are.
    pub(super) fn labels(&self) -> usize {
        self.by_label.len() + self.further.len()
    }

    /// Gives states to samples that were just met, and classes to their labels.
    fn meet(&mut self, all: &[Sample]) {
        for sample in &all[self.states.len()..] {
            let class = self.class_of(sample);
            self.classes[class].samples += 1;
            self.states.push(SampleState { class, last: None, opening: Lengths::default() });
        }
    }

    fn class_of(&mut self, sample: &Sample) -> usize {
        if let Some(&class) = self.by_label.get(&sample.label) {
            return class;
        }
        if self.by_label.len() >= CLASSES {
            self.further.insert(sample.label.clone());
            if self.classes.len() == CLASSES {
                self.classes.push(ClassStats::new(String::new()));
            }
            return CLASSES;
        }
        let class = self.classes.len();
        self.classes.push(ClassStats::new(sample.label.clone()));
        self.by_label.insert(sample.label.clone(), class);
        class
    }

    fn member(&mut self, packet: &Packet, sample: usize, time: Option<i64>, inner: &Layers) {
        let state = &mut self.states[sample];
        let class = &mut self.classes[state.class];
        class.packets += 1;
        class.bytes += u64::from(packet.original_length);
        class.sizes.add(packet.original_length.into());
        *class.links.entry(packet.interface.link_type).or_default() += 1;
        state.opening.add(Sender::of(inner), packet.original_length);
        // The outermost header: where its fields are is the same for all packets.
        let outer = layers(packet.interface.link_type, packet.bytes, packet.original_length);
        if let Network::Ip(ip) = &outer.network {
            class.bytes_of(ip);
        }
        let Some(time) = time else { return };
        match state.last.replace(time).map(|before| time.checked_sub(before)) {
            Some(Some(gap)) if gap >= 0 => class.gaps.add(gap as u64),
            Some(_) => self.backwards += 1,
            None => {}
        }
        self.times.add(state.class, time);
    }

    fn talk(&mut self, inner: &Layers, length: u32, samples: &[usize]) {
        let Network::Ip(ip) = &inner.network else { return };
        let conversation = FlowKey::new(ip.protocol, ip.source, ip.destination, ip.ports());
        let classes = samples.iter().map(|&sample| Some(self.states[sample].class as u32));
        let in_none = samples.is_empty().then_some(None);
        // The packet counts once, whatever it belongs to.
        for (class, length) in classes.chain(in_none).zip(std::iter::once(Some(length)).chain(std::iter::repeat(None)))
        {
            self.hosts.add(ip.source, length, class);
            if ip.source != ip.destination {
                self.hosts.add(ip.destination, length, class);
            }
            self.conversations.add(conversation, length, class);
        }
    }
}
