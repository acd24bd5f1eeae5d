//! Packets of any link type, anonymised in every way, and masked.

use pcapml::packet::LinkType;
use pcapml::redact::{
    Anonymizer, Field, HardwareRule, Header, Key, Kind, Mask, Masker, Payload, Ports, Rules, Times, Walk,
};

/// Two bytes of link type, one of choices, two of fields to mask, and the packet.
pub fn packet(data: &[u8]) {
    let Some((&[high, low, choices, f0, f1], packet)) = data.split_first_chunk() else { return };
    let link_type = LinkType(u16::from_be_bytes([high, low]));
    let before = headers(link_type, packet);
    assert!(before.iter().all(|header| header.start <= header.end && header.end <= packet.len()));
    anonymized(link_type, packet, (choices, &before));
    let mask = Field::ALL.into_iter().enumerate().filter(|(at, _)| u16::from_be_bytes([f0, f1]) >> (at % 16) & 1 == 1);
    masked(link_type, packet, mask.map(|(_, field)| field).collect());
}

fn headers(link_type: LinkType, packet: &[u8]) -> Vec<Header> {
    let mut walk = Walk::default();
    walk.walk(link_type, packet);
    walk.headers().to_vec()
}

/// Nothing is longer, the same packet becomes the same again, and the same headers are found in it as far as it goes: but
/// where ports say what follows, if they are replaced.
fn anonymized(link_type: LinkType, packet: &[u8], (choices, before): (u8, &[Header])) {
    let rules = Rules {
        payload: [Payload::Drop, Payload::Keep, Payload::First(20), Payload::First(200)][usize::from(choices & 3)],
        ports: if choices & 4 == 0 { Ports::Keep } else { Ports::Keyed },
        hardware: if choices & 8 == 0 { HardwareRule::Keyed } else { HardwareRule::Vendor },
        times: if choices & 16 == 0 { Times::Keep } else { Times::Zero },
    };
    let key = Key::parse(&[7; 32]).expect("a key");
    let mut anonymizer = Anonymizer::new(&key, rules);
    anonymizer.watch(choices & 32 != 0);
    let once = anonymizer.packet(link_type, packet).to_vec();
    assert!(once.len() <= packet.len());
    assert_eq!(anonymizer.packet(link_type, packet), once);
    let after = headers(link_type, &once);
    if rules.ports == Ports::Keep {
        let places = |headers: &[Header]| -> Vec<(Kind, usize)> {
            // These are known by the first byte of the packet inside.
            let needs_more = |header: &&Header| matches!(header.kind, Kind::GtpU | Kind::Teredo);
            let whole = headers.iter().filter(|header| header.kind != Kind::Payload && header.end <= once.len());
            let shown = whole.filter(|header| !needs_more(header) || header.end < once.len());
            shown.map(|header| (header.kind, header.start)).collect()
        };
        assert!(places(&after).starts_with(&places(before)), "{before:?}\n{after:?}");
    }
}

/// What is masked is as long as before, and masked again it is the same, if it is found again.
fn masked(link_type: LinkType, packet: &[u8], mask: Mask) {
    let mut masker = Masker::new(mask);
    let mut once = packet.to_vec();
    masker.apply(link_type, &mut once);
    if mask.has(Field::Port) || mask.has(Field::Payload) {
        return;
    }
    let mut twice = once.clone();
    masker.apply(link_type, &mut twice);
    assert_eq!(once, twice);
}
