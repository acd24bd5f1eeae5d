//! The one definition of which fields there are: whose each is, how its values are shown, and what can be done about it.

use std::net::Ipv6Addr;

use super::look;
use crate::dataset::{EndFields, FirstFields, Layout, SampleFacts};
use crate::decode::protocol;
use crate::publish::lint::one_rule::Scale;
use crate::publish::lint::{Rule, Severity, Subject};
use crate::redact::Field;
use crate::time::{Resolution, Timestamp};

/// A day, and an hour, in seconds.
const DAY: i128 = 86_400;
const HOUR: i128 = 3_600;

/// A field.
pub(super) struct Clue {
    /// What it is, behind "the initiator's" or "the".
    pub(super) what: &'static str,
    pub(super) scales: &'static [Scale],
    pub(super) of: Of,
    pub(super) shown: fn(u128, &Subject) -> String,
    pub(super) cure: Cure,
}

/// Whose it is.
pub(super) enum Of {
    /// Each end has one.
    Ends(fn(&EndFields) -> Option<u128>),
    /// A sample has one, by its first packets.
    Sample(fn(&FirstFields) -> Option<u128>),
    /// A sample has one, by all.
    Facts(fn(&SampleFacts) -> Option<u128>),
}

/// What can be done about it.
pub(super) enum Cure {
    /// Hide it.
    Mask(Field),
    /// It cannot be hidden in packets.
    Advice(&'static str),
}

/// A rule for each field.
macro_rules! shortcuts {
    ($($name:literal, $what:literal, [$($scale:ident),+], $of:expr, $shown:expr, $cure:expr;)*) => {
        pub(in crate::publish::lint) const RULES: &[Rule] = &[$(Rule {
            name: concat!("shortcut-", $name),
            severity: Severity::Warning,
            doc: concat!("The ", $what, " alone predicts the label of samples that were not seen."),
            look: |subject| {
                let scales = &[$(Scale::$scale),+];
                look(subject, &Clue { what: $what, scales, of: $of, shown: $shown, cure: $cure })
            },
        }),*];
    };
}

shortcuts! {
    "address", "IP address", [Name], Of::Ends(|end| Some(match end.address? {
        std::net::IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        std::net::IpAddr::V6(address) => u128::from(address),
    })), |value, _| Ipv6Addr::from(value).to_canonical().to_string(), Cure::Mask(Field::Address);
    "mac", "hardware address", [Name], Of::Ends(|end| end.hardware.map(big)), |value, _| hardware(value, 6),
        Cure::Mask(Field::Hardware);
    "vendor", "vendor of the hardware address", [Name], Of::Ends(|end| end.hardware.map(|address| big(address) >> 24)),
        |value, _| hardware(value, 3), Cure::Mask(Field::Hardware);
    "vlan", "VLAN", [Name], Of::Sample(|first| first.vlan.map(u128::from)),
        |value, _| value.checked_sub(1).map_or_else(|| "none".to_owned(), |vlan| vlan.to_string()),
        Cure::Mask(Field::Vlan);
    "protocol", "IP protocol", [Name], Of::Sample(|first| first.protocol.map(u128::from)),
        |value, _| protocol::name(value as u8).map_or_else(|| value.to_string(), str::to_owned),
        Cure::Advice("say so where results are compared: a baseline that knows only the protocol is as good");
    "port", "port", [Name, Number], Of::Ends(|end| end.port.map(u128::from)), plain, Cure::Mask(Field::Port);
    "ttl", "time to live", [Number], Of::Ends(|end| end.ttl.map(u128::from)), plain, Cure::Mask(Field::Ttl);
    "tos", "type of service", [Name], Of::Ends(|end| end.service.map(u128::from)), |value, _| format!("{value:#04x}"),
        Cure::Mask(Field::Service);
    "ip-id", "IP identification", [Number], Of::Ends(|end| end.identification.map(u128::from)), plain,
        Cure::Mask(Field::Identification);
    "ip-flags", "IP flags", [Name], Of::Ends(|end| end.flags.map(u128::from)), |value, _| flags(value),
        Cure::Mask(Field::Flags);
    "ip-options", "layout of IP options", [Name], Of::Ends(|end| end.options.map(kinds)), |value, _| layout(value, |_| None),
        Cure::Mask(Field::Options);
    "flow-label", "IPv6 flow label", [Number], Of::Ends(|end| end.flow_label.map(u128::from)),
        |value, _| format!("{value:#07x}"), Cure::Mask(Field::FlowLabel);
    "window", "TCP window", [Number], Of::Ends(|end| end.window.map(u128::from)), plain, Cure::Mask(Field::Window);
    "sequence", "first TCP sequence number", [Number], Of::Ends(|end| end.sequence.map(u128::from)), plain,
        Cure::Mask(Field::Sequence);
    "tcp-options", "layout of TCP options", [Name], Of::Ends(|end| end.tcp_options.map(kinds)),
        |value, _| layout(value, tcp_option), Cure::Mask(Field::TcpOptions);
    "mss", "largest TCP segment", [Number], Of::Ends(|end| end.segment.map(u128::from)), plain,
        Cure::Mask(Field::TcpOptions);
    "window-scale", "TCP window scale", [Number], Of::Ends(|end| end.scale.map(u128::from)), plain,
        Cure::Mask(Field::TcpOptions);
    "timestamp", "TCP timestamp", [Number], Of::Ends(|end| end.timestamp.map(u128::from)), plain,
        Cure::Mask(Field::TcpTimestamp);
    "checksum", "validity of checksums", [Name],
        Of::Ends(|end| end.checksums.map(|(ip, transport)| (ip as u128) << 8 | transport as u128)),
        |value, _| checksums(value), Cure::Mask(Field::Checksum);
    "payload-byte", "first byte of payload", [Name], Of::Ends(|end| end.payload.map(u128::from)),
        |value, _| format!("{value:#04x}"), Cure::Mask(Field::Payload);
    "link-type", "link type", [Name], Of::Sample(|first| first.frame.map(|frame| frame.link_type.0.into())),
        |value, _| crate::packet::LinkType(value as u16).to_string(),
        Cure::Advice("record all labels in the same way, or leave out what is below IP (readers that begin at IP do not see it)");
    "interface", "interface", [Name], Of::Sample(|first| first.frame.map(|frame| frame.interface.into())),
        |value, subject| subject.facts.interface_name(value as u32),
        Cure::Advice("models must not see the interface; record each label on each of them");
    "snap-length", "snap length", [Number], Of::Sample(|first| first.frame.map(|frame| frame.snap_length.into())), plain,
        Cure::Advice("cut all packets to the shortest snap length (editcap -s), so that no model sees it by their lengths");
    "resolution", "resolution of times", [Name], Of::Sample(|first| first.frame.map(|frame| frame.resolution.octet().into())),
        |value, _| resolution(value), Cure::Mask(Field::Time);
    "decimals", "number of decimals in times", [Number], Of::Sample(|first| Some(first.decimals.into())), plain,
        Cure::Mask(Field::Time);
    "captured-length", "captured length of the first packet", [Number],
        Of::Sample(|first| first.frame.map(|frame| frame.captured.into())), plain,
        Cure::Advice("if that is how applications begin, report a baseline that knows only this; if packets were cut, cut all alike");
    "longest-packet", "longest captured packet", [Number], Of::Sample(|first| Some(first.largest.into())), plain,
        Cure::Advice("if packets were cut, or put together by offloading, for some labels alone, do so for all; else report a baseline that knows only this");
    "cut", "fact whether packets were cut", [Name],
        Of::Facts(|facts| Some((facts.captured < facts.tally.bytes).into())),
        |value, _| if value == 0 { "whole" } else { "cut" }.to_owned(), Cure::Advice("cut the packets of all labels alike");
    "packets", "number of packets", [Number], Of::Facts(|facts| Some(facts.tally.packets.into())), plain,
        Cure::Advice("report a baseline that knows only this, or give models the same number of packets of each sample");
    "duration", "duration", [Number], Of::Facts(|facts| Some(duration(facts))),
        |value, _| format!("{} s", value as f64 / 1e9),
        Cure::Advice("if recordings were ended by hand or by a clock, end all alike; else report a baseline that knows only this");
    "date", "date", [Number], Of::Facts(|facts| Some(since_the_beginning(facts.tally.first?, DAY))), |value, _| date(value),
        Cure::Mask(Field::Time);
    "hour", "hour of the day (UTC)", [Number],
        Of::Facts(|facts| u128::try_from(facts.tally.first?.seconds().rem_euclid(DAY) / HOUR).ok()), plain,
        Cure::Mask(Field::Time);
}

fn plain(value: u128, _: &Subject) -> String {
    value.to_string()
}

fn big(address: [u8; 6]) -> u128 {
    address.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

fn hardware(value: u128, bytes: usize) -> String {
    let all = value.to_be_bytes();
    let texts: Vec<String> = all.iter().skip(16 - bytes).map(|byte| format!("{byte:02x}")).collect();
    texts.join(":")
}

fn kinds(layout: Layout) -> u128 {
    u128::from_be_bytes(layout)
}

/// Kinds of options, by name where they have one; the zeros behind them are left out.
fn layout(value: u128, name: impl Fn(u8) -> Option<&'static str>) -> String {
    let kinds = value.to_be_bytes();
    let end = kinds.iter().rposition(|kind| *kind != 0).map_or(0, |last| last + 1);
    let told = |kind: &u8| name(*kind).map_or_else(|| kind.to_string(), str::to_owned);
    let texts: Vec<String> = kinds.iter().take(end).map(told).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(" ") }
}

/// By RFC 9293, 7323 and 2018.
fn tcp_option(kind: u8) -> Option<&'static str> {
    ["eol", "nop", "mss", "ws", "sack-permitted", "sack"]
        .get(usize::from(kind))
        .copied()
        .or((kind == 8).then_some("ts"))
}

fn flags(value: u128) -> String {
    let set = [(4, "reserved"), (2, "DF"), (1, "MF")].into_iter().filter(|(bit, _)| value & bit != 0);
    let texts: Vec<&str> = set.map(|(_, name)| name).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(" ") }
}

fn checksums(value: u128) -> String {
    use crate::dataset::Checksum;
    let all = [Checksum::Unknown, Checksum::Right, Checksum::Zero, Checksum::Wrong];
    let name = |number: u128| all.iter().find(|one| **one as u128 == number).map_or("unknown", |one| one.name());
    format!("IP {}, transport {}", name(value >> 8), name(value & 0xff))
}

fn resolution(value: u128) -> String {
    match Resolution::from_octet(value as u8) {
        Resolution::Decimal(exponent) => format!("10^-{exponent} s"),
        Resolution::Binary(exponent) => format!("2^-{exponent} s"),
    }
}

fn duration(facts: &SampleFacts) -> u128 {
    let both = facts.tally.first.zip(facts.tally.last);
    both.map_or(0, |(first, last)| last.0.abs_diff(first.0))
}

/// The number of the day, counted from one before all times, so that none is negative.
fn since_the_beginning(time: Timestamp, unit: i128) -> u128 {
    let number = time.seconds().div_euclid(unit);
    number.wrapping_sub(i128::MIN) as u128
}

fn date(value: u128) -> String {
    let seconds = i128::MIN.wrapping_add(value as i128).checked_mul(DAY);
    let text = seconds.and_then(|seconds| Timestamp(seconds.checked_mul(1_000_000_000)?).rfc3339());
    text.and_then(|text| Some(text.split('T').next()?.to_owned())).unwrap_or_else(|| "?".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_people_write_them() {
        assert_eq!(hardware(big([0, 0x0c, 0x29, 1, 2, 3]) >> 24, 3), "00:0c:29");
        let mut options = Layout::default();
        options[..5].copy_from_slice(&[2, 4, 8, 1, 34]);
        assert_eq!(layout(kinds(options), tcp_option), "mss sack-permitted ts nop 34");
        assert_eq!((layout(0, tcp_option), flags(2), resolution(0x89)), ("none".into(), "DF".into(), "2^-9 s".into()));
        assert_eq!(checksums(1 << 8 | 2), "IP right, transport zero");
        let day = |nanoseconds| date(since_the_beginning(Timestamp(nanoseconds), DAY));
        assert_eq!((day(0), day(-1)), ("1970-01-01".to_owned(), "1969-12-31".to_owned()));
        assert!(since_the_beginning(Timestamp(-1), DAY) < since_the_beginning(Timestamp(0), DAY));
    }
}
