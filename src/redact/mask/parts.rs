//! Where fields stand in each header.

use std::ops::Range;

use super::Mask;
use crate::redact::bytes::{array, byte};
use crate::redact::fields::Field;
use crate::redact::hardware::of_ip;
use crate::redact::options::{Choice, Choices};
use crate::redact::walk::{Header, Kind, radiotap_time};

/// A part of a packet, and which bits of its bytes stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) keep: u8,
}

impl Part {
    pub(super) const fn zeroed(start: usize, end: usize) -> Self {
        Self { start, end, keep: 0 }
    }
}

/// Finds the parts of a packet that a mask is about.
pub(super) struct Parts<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) mask: Mask,
    pub(super) found: &'a mut Vec<Part>,
    /// There are options that contradict themselves, and were added whole.
    pub(super) broken: bool,
}

/// The end of a header, or of its packet.
const END: usize = usize::MAX;

/// The kinds of options.
mod kind {
    /// Of IPv4, those without addresses: quick start, security, extended and commercial security, stream, router alert. Times
    /// have them too, routes hold nothing else, and of others nobody knows.
    pub(super) const IPV4_WITHOUT_ADDRESSES: [u8; 6] = [25, 130, 133, 134, 136, 148];
    /// Of IPv4: timestamp, with or without addresses.
    pub(super) const TIMES: u8 = 68;
    /// Of IPv6's extension headers, the same: padding, tunnel encapsulation limit, router alert, quick start, jumbo payload.
    pub(super) const IPV6_WITHOUT_ADDRESSES: [u8; 5] = [0x01, 0x04, 0x05, 0x26, 0xc2];
    /// Of TCP: selective acknowledgement (RFC 2018).
    pub(super) const SACK: u8 = 5;
    /// Of TCP: timestamps (RFC 7323).
    pub(super) const TIMESTAMPS: u8 = 8;
    /// Of TCP: Multipath TCP (RFC 8684).
    pub(super) const MULTIPATH: u8 = 30;
    /// Of TCP, those with neither address nor port: sizes, scales, echoes, checksums and signatures, timeouts, encryption.
    /// Probes of proxies hold both, a cookie of Fast Open is made of the address, and of others nobody knows.
    pub(super) const TCP_WITHOUT_ENDS: [u8; 18] = [2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 14, 15, 18, 19, 27, 28, 29, 69];
    /// Of neighbour discovery: when it was sent (RFC 3971, 5.3.1).
    pub(super) const ND_TIMESTAMP: u8 = 13;
}

impl Parts<'_> {
    /// Adds what the mask is about in a header.
    pub(super) fn header(&mut self, header: &Header) {
        match header.kind {
            Kind::Ethernet | Kind::WifiAggregate => self.hardware(header, [0, 6]),
            Kind::Fddi => self.hardware(header, [1, 7]),
            Kind::Cooked => self.zero(Field::Hardware, header, 6..14),
            Kind::Cooked2 => self.zero(Field::Hardware, header, 12..20),
            Kind::Wifi => self.wifi(header),
            Kind::Radiotap => self.radiotap(header),
            Kind::Vlan => self.bits(Field::Vlan, header, [0xf0, 0]),
            Kind::Mpls => self.zero(Field::Ttl, header, 3..4),
            Kind::Arp => self.arp(header),
            Kind::Ipv4 => self.ipv4(header),
            Kind::Ipv6 => self.ipv6(header),
            Kind::HopByHop | Kind::DestinationOptions => self.extension(header),
            // Addresses to pass follow the first 8 bytes.
            Kind::Routing => self.zero(Field::Address, header, 8..END),
            Kind::FragmentHeader => self.zero(Field::Identification, header, 4..8),
            // The integrity check behind index and sequence number, whatever is masked: it covers nearly all.
            Kind::Ah => self.part(header, 12..END, 0),
            Kind::Tcp => self.tcp(header),
            Kind::Udp | Kind::UdpLite | Kind::Sctp | Kind::Dccp => self.ports(header),
            Kind::Icmp => self.icmp(header),
            Kind::Icmpv6 => self.icmpv6(header),
            Kind::Igmp => self.zero(Field::Address, header, 4..END),
            Kind::Teredo => self.teredo(header),
            Kind::Payload => self.zero(Field::Payload, header, 0..END),
            Kind::Loopback
            | Kind::Ipnet
            | Kind::CiscoHdlc
            | Kind::Llc
            | Kind::ControlWord
            | Kind::Pppoe
            | Kind::Ppp
            | Kind::Esp
            | Kind::Gre
            | Kind::Vxlan
            | Kind::Geneve
            | Kind::GtpU => {}
        }
    }

    /// Adds a part that begins and ends so far behind the header's first byte.
    fn part(&mut self, header: &Header, part: Range<usize>, keep: u8) {
        let place = |behind: usize| header.start.saturating_add(behind).min(header.end);
        let (start, end) = (place(part.start), place(part.end));
        if start < end {
            self.found.push(Part { start, end, keep });
        }
    }

    /// Adds it if the mask is about this field.
    fn zero(&mut self, field: Field, header: &Header, part: Range<usize>) {
        if self.mask.has(field) {
            self.part(header, part, 0);
        }
    }

    /// Adds the value of an option if the mask is about this field.
    fn value(&mut self, field: Field, option: Choice) {
        if self.mask.has(field) {
            self.found.push(Part::zeroed(option.start, option.end));
        }
    }

    /// Adds the header's first bytes, of which these bits stay.
    fn bits<const N: usize>(&mut self, field: Field, header: &Header, keep: [u8; N]) {
        if self.mask.has(field) {
            keep.into_iter().enumerate().for_each(|(at, keep)| self.part(header, at..at + 1, keep));
        }
    }

    /// Hardware addresses at these places; of groups, those of IP too.
    fn hardware<const N: usize>(&mut self, header: &Header, places: [usize; N]) {
        for at in places {
            self.zero(Field::Hardware, header, at..at + 6);
            let of_ip = array(self.bytes, header.start + at).map_or(0..0, of_ip);
            self.zero(Field::Address, header, at + of_ip.start..at + of_ip.end);
        }
    }

    /// Of IEEE 802.11, what follows frame control and duration: one address, two, or three and a fourth behind the sequence.
    fn wifi(&mut self, header: &Header) {
        self.hardware(header, [4, 10, 16]);
        let control = [0, 1].map(|at| byte(self.bytes, header.start + at).unwrap_or_default());
        let (is_data, both_ways) = (control[0] >> 2 & 3 == 2, control[1] & 3 == 3);
        if is_data && both_ways {
            self.hardware(header, [24]);
        }
    }

    fn radiotap(&mut self, header: &Header) {
        let bytes = self.bytes.get(header.start..header.end).unwrap_or_default();
        if let Some(at) = radiotap_time(bytes) {
            self.zero(Field::Time, header, at..at + 8);
        }
    }

    /// Behind eight bytes: the sender's hardware and protocol address, and those of the target.
    fn arp(&mut self, header: &Header) {
        let lengths = [4, 5].map(|at| usize::from(byte(self.bytes, header.start + at).unwrap_or_default()));
        let [hardware, protocol] = lengths;
        for start in [8, 8 + hardware + protocol] {
            self.zero(Field::Hardware, header, start..start + hardware);
            self.zero(Field::Address, header, start + hardware..start + hardware + protocol);
        }
    }

    fn ipv4(&mut self, header: &Header) {
        self.zero(Field::Service, header, 1..2);
        self.zero(Field::Identification, header, 4..6);
        if self.mask.has(Field::Flags) {
            self.part(header, 6..7, 0x3f);
        }
        self.zero(Field::Ttl, header, 8..9);
        self.zero(Field::Address, header, 12..20);
        self.zero(Field::Options, header, 20..END);
        let mut options = Choices::of_header(self.bytes, header.start + 20, header.end);
        for option in options.by_ref() {
            if option.kind == kind::TIMES {
                self.value(Field::Time, option);
            }
            if !kind::IPV4_WITHOUT_ADDRESSES.contains(&option.kind) {
                self.value(Field::Address, option);
            }
        }
        self.rest(&[Field::Time, Field::Address], header, options.rest());
    }

    /// Adds what is no option behind options, if the mask is about one of the fields that these may be.
    fn rest(&mut self, fields: &[Field], header: &Header, at: usize) {
        if at < header.end && fields.iter().any(|field| self.mask.has(*field)) {
            self.found.push(Part::zeroed(at, header.end));
            // Zero ends the options.
            self.broken |= byte(self.bytes, at).is_some_and(|kind| kind != 0);
        }
    }

    fn ipv6(&mut self, header: &Header) {
        // Version, traffic class, flow label: 4, 8 and 20 bits.
        self.bits(Field::Service, header, [0xf0, 0x0f]);
        self.bits(Field::FlowLabel, header, [0xff, 0xf0, 0, 0]);
        self.zero(Field::Ttl, header, 7..8);
        self.zero(Field::Address, header, 8..40);
    }

    fn extension(&mut self, header: &Header) {
        self.zero(Field::Options, header, 2..END);
        let mut options = Choices::of_extension(self.bytes, header.start, header.end);
        for option in options.by_ref().filter(|option| !kind::IPV6_WITHOUT_ADDRESSES.contains(&option.kind)) {
            self.value(Field::Address, option);
        }
        self.rest(&[Field::Address], header, options.rest());
    }

    fn ports(&mut self, header: &Header) {
        self.zero(Field::Port, header, 0..4);
        self.covers_payload(header);
    }

    /// The checksum of a transport header tells of a payload that is cut, or in another fragment: a part that stays as it is.
    fn covers_payload(&mut self, header: &Header) {
        if self.mask.has(Field::Payload) {
            self.part(header, 0..1, 0xff);
        }
    }

    fn tcp(&mut self, header: &Header) {
        self.ports(header);
        self.zero(Field::Sequence, header, 4..12);
        self.zero(Field::Window, header, 14..16);
        self.zero(Field::TcpOptions, header, 20..END);
        let mut options = Choices::of_header(self.bytes, header.start + 20, header.end);
        for option in options.by_ref() {
            match option.kind {
                kind::SACK => self.value(Field::Sequence, option),
                kind::TIMESTAMPS => self.value(Field::TcpTimestamp, option),
                kind::MULTIPATH => self.multipath(option),
                known if kind::TCP_WITHOUT_ENDS.contains(&known) => {}
                _ => {
                    self.value(Field::Address, option);
                    self.value(Field::Port, option);
                }
            }
        }
        let fields = [Field::Address, Field::Port, Field::Sequence, Field::TcpTimestamp];
        self.rest(&fields, header, options.rest());
    }

    /// Sequence numbers (and a checksum of the data) are in subtype 2; the subtype stays. In 3, behind an id, is an address, perhaps
    /// a port, and a code that authenticates both with keys that may have been sent in clear.
    fn multipath(&mut self, option: Choice) {
        const WITH_IPV6: usize = 18;
        let behind = Choice { start: (option.start + 1).min(option.end), ..option };
        match byte(self.bytes, option.start).map(|subtype| subtype >> 4) {
            Some(2) => {
                self.value(Field::Sequence, behind);
                self.value(Field::Payload, behind);
            }
            Some(3) => {
                self.value(Field::Address, behind);
                let address = if option.end - option.start >= WITH_IPV6 { 16 } else { 4 };
                self.value(Field::Port, Choice { start: (option.start + 2 + address).min(option.end), ..option });
            }
            _ => {}
        }
    }

    fn icmp(&mut self, header: &Header) {
        self.covers_payload(header);
        match byte(self.bytes, header.start) {
            // The gateway of a redirect.
            Some(5) => self.zero(Field::Address, header, 4..8),
            // Router advertisements, and address masks.
            Some(9 | 17 | 18) => self.zero(Field::Address, header, 8..END),
            // Three times of day.
            Some(13 | 14) => self.zero(Field::Time, header, 8..END),
            _ => {}
        }
    }

    fn icmpv6(&mut self, header: &Header) {
        self.covers_payload(header);
        let Some(message) = byte(self.bytes, header.start) else { return };
        // Multicast listeners and neighbour discovery: nearly all of it is addresses.
        if matches!(message, 130..=137 | 143) {
            self.zero(Field::Address, header, 8..END);
        }
        // The options of neighbour discovery hold hardware addresses; those of a redirect, a packet too.
        let options = match message {
            133 => 8,
            134 => 16,
            135 | 136 => 24,
            137 => return self.part(header, 40..END, 0),
            _ => return,
        };
        self.zero(Field::Hardware, header, options..END);
        self.nd_times(header, options);
    }

    /// Times among the options of neighbour discovery: kind, length in words of 8 bytes, value.
    fn nd_times(&mut self, header: &Header, mut at: usize) {
        while let Some([kind, words]) = array(self.bytes, header.start + at).filter(|_| header.start + at < header.end)
        {
            let behind = at + usize::from(words) * 8;
            // What is no option may be any.
            let end = if words == 0 || header.start + behind > header.end { END } else { behind };
            if kind == kind::ND_TIMESTAMP || end == END {
                self.zero(Field::Time, header, at + 2..end);
            }
            if end == END {
                return;
            }
            at = end;
        }
    }

    /// The origin indication, if there is one, ends the header: zeros, then port and address (RFC 4380, 5.1.1).
    fn teredo(&mut self, header: &Header) {
        let origin = (header.end - header.start).checked_sub(8);
        let Some(at) = origin.filter(|at| self.bytes.get(header.start + at..).is_some_and(|b| b.starts_with(&[0, 0])))
        else {
            return;
        };
        self.zero(Field::Port, header, at + 2..at + 4);
        self.zero(Field::Address, header, at + 4..at + 8);
    }
}
