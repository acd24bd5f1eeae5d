//! From packets of flows to encoded records.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use xxhash_rust::xxh3::xxh3_128;

use super::shape::{Common, CommonJson, Shape};
use super::talk::{Assembly, Talk};
use crate::command::pool::ShardTrack;
use crate::command::sorted::{Rows, Sorted, WAITING};
use crate::decode::protocol;
use crate::dissect::{Event, Events, Kind, Limits, kinds};
use crate::error::Result;
use crate::flow::{Biflow, EndReason, Observation, SHARDS, Side, Slot, Track, community_id};
use crate::packet::{LocalNetworks, Sample};
use crate::sample::sort::SortKey;
use crate::sink::{RowEncoder, RowFormat};

/// What every tracker needs.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) shape: Shape,
    /// A type of record is told if it is in here; its number is its place in [`kinds`].
    pub(super) wanted: Arc<HashSet<&'static str>>,
    /// Only conversations are told, and nobody asks what was said.
    pub(super) only_conversations: bool,
    pub(super) limits: Limits,
    pub(super) assembly: Assembly,
    /// Bytes that may wait in all conversations together.
    pub(super) memory: usize,
    pub(super) local: Arc<LocalNetworks>,
    pub(super) captures: Arc<Vec<String>>,
    /// The samples that are known, by number; whoever reads packets adds to them.
    pub(super) samples: Arc<RwLock<Vec<Sample>>>,
    pub(super) records: Sorted,
    /// What was given up for lack of memory.
    pub(super) given_up: Arc<GivenUp>,
}

/// What was given up for lack of memory, how often.
#[derive(Default)]
pub(super) struct GivenUp {
    /// Bytes that waited for missing ones.
    pub(super) bytes: AtomicU64,
    /// Conversations, of which nothing more was told.
    pub(super) conversations: AtomicU64,
}

/// Keeps the conversations of a shard.
pub(super) struct Tracker {
    plan: Plan,
    /// Every type of record.
    kinds: Vec<&'static Kind>,
    encoders: Vec<RowEncoder>,
    talks: Vec<Option<Box<Talk>>>,
    /// Bytes that wait in them.
    held: usize,
    capture: u64,
    events: Events,
    rows: Rows,
}

impl Tracker {
    pub(super) fn new(plan: Plan) -> Self {
        let encoders = match plan.shape.format {
            RowFormat::JsonLines => Vec::new(),
            _ => kinds().into_iter().map(|kind| plan.shape.encoder(kind)).collect(),
        };
        Self {
            plan,
            kinds: kinds(),
            encoders,
            talks: Vec::new(),
            held: 0,
            capture: 0,
            events: Events::default(),
            rows: Rows::default(),
        }
    }

    /// Encodes what a conversation told.
    fn tell(&mut self, flow: &Biflow, talk: &mut Talk) {
        let wanted = &self.plan.wanted;
        let events: Vec<Event> = self.events.drain().filter(|event| wanted.contains(event.kind.path)).collect();
        if events.is_empty() {
            return;
        }
        // It may turn out later who asked.
        let turned = talk.is_turned(flow);
        let common = match talk.common.take() {
            Some((before, common)) if before == turned => common,
            _ => Box::new(self.common(flow, talk)),
        };
        for event in &events {
            self.row(&common, event, flow.key.sample);
        }
        talk.common = Some((turned, common));
    }

    fn row(&mut self, common: &Common, event: &Event, sample: u32) {
        let number = self.kinds.iter().position(|kind| kind.path == event.kind.path).unwrap_or_default();
        self.rows.bytes.push(number as u8);
        match self.encoders.get(number) {
            None => self.plan.shape.json(common, event, &mut self.rows.bytes),
            Some(encoder) => self.plan.shape.row(encoder, common, event, &mut self.rows.bytes),
        }
        let key = SortKey::of_row(self.capture, event.first.time, event.first.packet, sample);
        self.rows.ends.push((key, self.rows.bytes.len()));
    }

    /// What all records of a conversation have in common.
    fn common(&self, flow: &Biflow, talk: &Talk) -> Common {
        let turned = talk.is_turned(flow);
        let orig_is_low = flow.forward_is_low != turned;
        let end = |low: bool| (flow.key.address(low), flow.key.port(low));
        let (mut originator, mut responder) = (end(orig_is_low), end(!orig_is_low));
        if let Some((kind, code)) = flow.first_message() {
            (originator.1, responder.1) = (Some(kind.into()), Some(code.into()));
        }
        let samples = self.plan.samples.read().unwrap_or_else(PoisonError::into_inner);
        let [one, other] = talk.hardware.map(|address| address.map(hardware_text));
        let mut common = Common {
            file: self.plan.captures.get(self.capture as usize).cloned(),
            uid: uid(self.capture, flow),
            community_id: community_id(flow),
            originator,
            responder,
            proto: protocol_name(flow.key.protocol),
            vlan: talk.vlan,
            inner_vlan: talk.inner_vlan,
            tunnel: talk.tunnel.map(|kind| kind.name()),
            hardware: if turned { [other, one] } else { [one, other] },
            sample: samples.get(flow.key.sample as usize).cloned(),
            json: CommonJson::default(),
        };
        common.json = self.plan.shape.json_of(&common);
        common
    }

    /// What a conversation holds has changed; if all together hold too much, this one gives up what waits.
    fn weigh(&mut self, talk: &mut Talk) {
        let given_up = Arc::clone(&self.plan.given_up);
        if self.is_too_much(talk) && talk.give_up_waiting(&mut self.events) {
            given_up.bytes.fetch_add(1, Ordering::Relaxed);
        }
        if self.is_too_much(talk) && talk.give_up_messages(&mut self.events) {
            given_up.conversations.fetch_add(1, Ordering::Relaxed);
            self.is_too_much(talk);
        }
    }

    /// Adds up what all hold, where this one may have changed.
    fn is_too_much(&mut self, talk: &mut Talk) -> bool {
        let held = talk.held();
        self.held = self.held + held - std::mem::replace(&mut talk.weighed, held);
        // A body of each side has room in any case.
        self.held > (self.plan.memory / SHARDS).max(2 * self.plan.limits.body)
    }
}

impl Track for Tracker {
    fn begin(&mut self, slot: Slot, flow: &Biflow, packet: &Observation) {
        if self.talks.len() <= slot as usize {
            self.talks.resize_with(slot as usize + 1, || None);
        }
        let Plan { limits, assembly, only_conversations, .. } = &self.plan;
        self.talks[slot as usize] = Some(Box::new(Talk::new(flow, packet, !only_conversations, limits, assembly)));
    }

    fn packet(&mut self, slot: Slot, flow: &Biflow, packet: &Observation, payload: &[u8]) {
        let Some(mut talk) = self.talks[slot as usize].take() else { return };
        talk.packet(flow, packet, payload, &mut self.events);
        self.weigh(&mut talk);
        if !self.events.is_empty() {
            self.tell(flow, &mut talk);
        }
        self.talks[slot as usize] = Some(talk);
    }

    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason) {
        let Some(mut talk) = self.talks[slot as usize].take() else { return };
        self.held -= talk.weighed;
        self.rows.evicted += u64::from(reason == EndReason::LackOfResources);
        let orig_is_low = flow.forward_is_low != talk.is_turned(flow);
        let local = Arc::clone(&self.plan.local);
        let is_local = |side: Side| {
            let address: IpAddr = flow.key.address(orig_is_low == (side == Side::Originator));
            local.contains(address)
        };
        talk.end(flow, reason, is_local, &mut self.events);
        self.tell(flow, &mut talk);
    }
}

impl ShardTrack for Tracker {
    fn next_capture(&mut self, capture: u64) {
        self.capture = capture;
    }

    fn is_full(&self) -> bool {
        self.rows.bytes.len() >= WAITING
    }

    fn hand_over(&mut self) -> Result<()> {
        self.plan.records.take(&mut self.rows)
    }
}

/// A name for a conversation, as Zeek's look: `C` and 17 letters and digits.
pub(in crate::command) fn uid(capture: u64, flow: &Biflow) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let key = &flow.key;
    let named = format!("{capture}|{}|{}|{}", flow.first_number, key.sample, key.hash());
    let mut number = xxh3_128(named.as_bytes());
    let mut text = String::from("C");
    for _ in 0..17 {
        text.push(DIGITS[(number % 62) as usize] as char);
        number /= 62;
    }
    text
}

fn hardware_text(address: [u8; 6]) -> String {
    let mut text = String::with_capacity(17);
    for (number, byte) in address.iter().enumerate() {
        let colon = if number > 0 { ":" } else { "" };
        // Writing to memory cannot fail.
        let _ = write!(text, "{colon}{byte:02x}");
    }
    text
}

/// The name of a protocol over IP: that of IANA, but of ICMPv6 as Zeek has it.
pub(in crate::command) fn protocol_name(number: u8) -> String {
    match protocol::name(number) {
        _ if number == protocol::ICMPV6 => "icmp".to_owned(),
        Some(name) => name.to_owned(),
        None => number.to_string(),
    }
}
