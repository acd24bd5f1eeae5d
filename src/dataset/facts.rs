//! What one reading of a labelled capture tells of each of its samples: counts, times, link types, a digest of its
//! packets, and its flows.
//!
//! [`Facts`] takes packets as they stand in the capture. Counting costs next to nothing; digests and flows are made if
//! they are [`Wanted`]. Memory grows with samples and with their flows (some 100 bytes each), never with packets.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::decode::{self, TransportKind, tcp_flag};
use crate::flow::Keys;
use crate::packet::{FlowKey, Interface, LinkType, Packet, Sample};
use crate::sample::header::Header;
use crate::sample::membership::Samples;
use crate::sample::tally::Tally;

/// What is told besides counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// A digest of each sample's packets.
    pub content: bool,
    /// The flows of each sample.
    pub flows: bool,
}

/// What is known of the samples of a labelled capture.
#[derive(Debug, Default)]
pub struct Facts {
    wanted: Wanted,
    /// What the capture says of itself.
    pub header: Option<Header>,
    samples: Samples,
    facts: Vec<SampleFacts>,
    /// Packets of no sample.
    pub unlabelled: Tally,
    interfaces: HashMap<u32, String>,
    keys: Keys,
    /// For each flow of a sample, where it stands among the sample's.
    flows: HashMap<(usize, FlowKey), usize>,
    /// The samples of the packet at hand.
    current: Vec<usize>,
    /// In each of them, where its flow stands among the sample's.
    places: Vec<Option<usize>>,
}

/// What is known of a sample.
#[derive(Debug, Clone, Default)]
pub struct SampleFacts {
    /// Packets, bytes on the wire, times, interfaces.
    pub tally: Tally,
    /// The bytes that were captured of them.
    pub captured: u64,
    /// The link types of its interfaces.
    pub link_types: BTreeSet<LinkType>,
    /// Its flows, in the order of their first packets in the capture.
    pub flows: Vec<FlowFacts>,
    content: Option<Sha256>,
}

/// What is known of a flow within one sample: all packets of a 5-tuple in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowFacts {
    /// Its ends.
    pub key: FlowKey,
    /// The time of its earliest packet, in nanoseconds since 1970; 0 where packets have none.
    pub first: i64,
    /// The time of its latest.
    pub last: i64,
    /// Who sent the earliest packet, or asked for the connection that it accepts.
    pub initiator: IpAddr,
    /// Which ways its packets go.
    pub ways: Ways,
}

/// Which ways packets of a flow go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// Some are of the key's lower end.
    pub from_low: bool,
    /// Some are of the higher.
    pub from_high: bool,
    /// They acknowledge bytes of TCP that were sent meanwhile.
    pub acknowledge: bool,
    /// What the first one acknowledges that does.
    acknowledged: Option<u32>,
}

/// The SHA-256 of a sample's packets in the order of the capture, each as: link type (u32), whether it has a time (u8),
/// nanoseconds since 1970 (i128, 0 without), length on the wire (u32), captured length (u32), all little-endian; then
/// its captured bytes.
pub type ContentDigest = [u8; 32];

impl Facts {
    /// Nothing is known so far.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes an interface.
    pub fn interface(&mut self, interface: &Interface) {
        if let Some(name) = interface.name().filter(|name| !name.is_empty()) {
            self.interfaces.insert(interface.number, name);
        }
    }

    /// Takes a packet; returns the numbers of its samples.
    pub fn packet(&mut self, packet: &Packet) -> &[usize] {
        let Self { samples, current, .. } = self;
        current.clear();
        samples.of_packet(packet, |number| current.push(number));
        if self.facts.len() < self.samples.all().len() {
            let content = self.wanted.content.then(Sha256::new);
            self.facts.resize(self.samples.all().len(), SampleFacts { content, ..SampleFacts::default() });
        }
        if self.current.is_empty() {
            self.unlabelled.add(packet);
        }
        for &number in &self.current {
            self.facts[number].add(packet);
        }
        self.places.clear();
        self.places.resize(self.current.len(), None);
        if self.wanted.flows {
            self.flow(packet);
        }
        &self.current
    }

    /// The numbers of the samples of the packet taken last, and for each where the packet's flow stands among the sample's
    /// [`SampleFacts::flows`], if it has one.
    pub fn current(&self) -> (&[usize], &[Option<usize>]) {
        (&self.current, &self.places)
    }

    fn flow(&mut self, packet: &Packet) {
        // Fragments are put to their flows in the order of the capture, whoever they belong to.
        let Ok(key) = self.keys.of(packet) else { return };
        let time = packet.time().map_or(0, |time| i64::try_from(time.0).unwrap_or(i64::MAX));
        let Some(seen) = Seen::of(packet) else { return };
        for (&number, at) in self.current.iter().zip(&mut self.places) {
            let flows = &mut self.facts[number].flows;
            *at = Some(match self.flows.entry((number, key)) {
                Entry::Vacant(place) => {
                    // Most samples have one: a vector would begin with room for four.
                    if flows.is_empty() {
                        flows.reserve_exact(1);
                    }
                    let initiator = seen.initiator;
                    let mut ways = Ways::default();
                    ways.take(&key, &seen);
                    flows.push(FlowFacts { key, first: time, last: time, initiator, ways });
                    *place.insert(flows.len() - 1)
                }
                Entry::Occupied(place) => {
                    flows[*place.get()].grow(time, &seen);
                    *place.get()
                }
            });
        }
    }

    /// The samples, in the order of their first packets.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// Each sample, with what is known of it.
    pub fn each(&self) -> impl ExactSizeIterator<Item = (&Sample, &SampleFacts)> {
        self.samples.all().iter().zip(&self.facts)
    }

    /// True if an interface has a name.
    pub fn is_named(&self, interface: u32) -> bool {
        self.interfaces.contains_key(&interface)
    }

    /// An interface by number, and name if it has one.
    pub fn interface_name(&self, number: u32) -> String {
        match self.interfaces.get(&number) {
            Some(name) => format!("{number}:{name}"),
            None => number.to_string(),
        }
    }
}

impl SampleFacts {
    fn add(&mut self, packet: &Packet) {
        self.tally.add(packet);
        self.captured += packet.bytes.len() as u64;
        if self.link_types.last() != Some(&packet.interface.link_type) {
            self.link_types.insert(packet.interface.link_type);
        }
        if let Some(content) = &mut self.content {
            content.update(described(packet));
            content.update(packet.bytes);
        }
    }

    /// The digest of its packets, if it was wanted.
    pub fn content(&self) -> Option<ContentDigest> {
        self.content.clone().map(|content| content.finalize().into())
    }

    /// Its first flow: that of the earliest packet.
    pub fn first_flow(&self) -> Option<&FlowFacts> {
        self.flows.iter().min_by_key(|flow| flow.first)
    }
}

impl FlowFacts {
    fn grow(&mut self, time: i64, seen: &Seen) {
        if time < self.first {
            self.first = time;
            self.initiator = seen.initiator;
        }
        self.last = self.last.max(time);
        self.ways.take(&self.key, seen);
    }
}

impl Ways {
    fn take(&mut self, key: &FlowKey, seen: &Seen) {
        self.from_low |= seen.source == key.low;
        self.from_high |= seen.source == key.high;
        if let Some(number) = seen.acknowledges {
            // SYN and FIN count as one byte each.
            self.acknowledge |= number.wrapping_sub(*self.acknowledged.get_or_insert(number)) > 2;
        }
    }
}

/// What a digest says of a packet before its bytes.
fn described(packet: &Packet) -> [u8; 29] {
    let mut text = [0; 29];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        text[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    let time = packet.time();
    put(&u32::from(packet.interface.link_type.0).to_le_bytes());
    put(&[u8::from(time.is_some())]);
    put(&time.map_or(0, |time| time.0).to_le_bytes());
    put(&packet.original_length.to_le_bytes());
    put(&(packet.bytes.len() as u32).to_le_bytes());
    text
}

/// What a packet says of its flow.
struct Seen {
    source: IpAddr,
    /// Who began the flow if this is its first packet: the sender, or the receiver of what accepts a connection.
    initiator: IpAddr,
    /// The number of the next byte that it waits for.
    acknowledges: Option<u32>,
}

impl Seen {
    fn of(packet: &Packet) -> Option<Self> {
        let layers = decode::layers(packet.interface.link_type, packet.bytes, packet.original_length);
        let ip = layers.ip()?;
        let tcp = ip.transport().ok().and_then(|transport| match transport.kind {
            TransportKind::Tcp(tcp) if tcp.flags & tcp_flag::ACK != 0 => Some(tcp),
            _ => None,
        });
        let accepts = tcp.is_some_and(|tcp| tcp.flags & tcp_flag::SYN != 0);
        Some(Self {
            source: ip.source,
            initiator: if accepts { ip.destination } else { ip.source },
            acknowledges: tcp.map(|tcp| tcp.acknowledgement).filter(|_| !accepts),
        })
    }
}
