//! Messages of DNS (RFC 1035, 6762, 4795): names label by label, so that lengths and pointers stay true, and addresses.
//! Of the records that hold neither, and of texts, the data become zeros.

use super::icmp::nothing_behind;
use super::pen::Pen;

/// The types of records (IANA, Domain Name System Parameters).
mod kind {
    pub(super) const A: u16 = 1;
    pub(super) const SOA: u16 = 6;
    pub(super) const RP: u16 = 17;
    pub(super) const AAAA: u16 = 28;
    pub(super) const SRV: u16 = 33;
    pub(super) const OPT: u16 = 41;
    pub(super) const RRSIG: u16 = 46;
    pub(super) const NSEC: u16 = 47;
    pub(super) const SVCB: u16 = 64;
    pub(super) const HTTPS: u16 = 65;
    /// NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME: a name and nothing else.
    pub(super) const NAMES: [u16; 9] = [2, 3, 4, 5, 7, 8, 9, 12, 39];
    /// MX, AFSDB, RT, KX: a number, then a name.
    pub(super) const NUMBER_AND_NAME: [u16; 4] = [15, 18, 21, 36];
}

/// The parameters of services (IANA, DNS Service Bindings).
mod parameter {
    pub(super) const IPV4_HINT: u16 = 4;
    pub(super) const IPV6_HINT: u16 = 6;
    pub(super) const PORT: u16 = 3;
    /// Mandatory keys, protocols, their absence of defaults.
    pub(super) const HARMLESS: [u16; 3] = [0, 1, 2];
}

/// The option of EDNS that holds the client's network (RFC 7871).
const CLIENT_SUBNET: u16 = 8;

const HEADER: usize = 12;

/// A message behind its length, if it is all that a segment holds; other segments end before it.
pub(super) fn stream(pen: &mut Pen, start: usize, limit: usize) -> Result<(), usize> {
    let stated = u16::from_be_bytes(pen.array(start, limit)?);
    match usize::from(stated) == limit - start - 2 {
        true => message(pen, start + 2, limit),
        false => Err(start),
    }
}

/// A message that fills a datagram.
pub(super) fn message(pen: &mut Pen, start: usize, limit: usize) -> Result<(), usize> {
    let [_, _, _, _, q0, q1, a0, a1, n0, n1, r0, r1] = pen.array::<HEADER>(start, limit)?;
    let records = [[a0, a1], [n0, n1], [r0, r1]].map(|count| u32::from(u16::from_be_bytes(count)));
    let mut at = start + HEADER;
    for _ in 0..u16::from_be_bytes([q0, q1]) {
        at = name(pen, at, limit)?;
        pen.array::<4>(at, limit)?;
        at += 4;
    }
    for _ in 0..records.iter().sum() {
        at = record(pen, at, limit)?;
    }
    nothing_behind(at, limit)
}

/// Replaces the labels of a name up to its end, or to a pointer; the place behind it.
pub(super) fn name(pen: &mut Pen, mut at: usize, limit: usize) -> Result<usize, usize> {
    loop {
        let [length] = pen.array(at, limit)?;
        match length {
            0 => return Ok(at + 1),
            1..=63 => {
                let end = at + 1 + usize::from(length);
                if end > limit {
                    return Err(at);
                }
                pen.label(at + 1, end);
                at = end;
            }
            0xc0.. => {
                pen.array::<2>(at, limit)?;
                return Ok(at + 2);
            }
            _ => return Err(at),
        }
    }
}

/// Name, type, class, time to live, length, data.
fn record(pen: &mut Pen, at: usize, limit: usize) -> Result<usize, usize> {
    let at = name(pen, at, limit)?;
    let [k0, k1, _, _, _, _, _, _, l0, l1] = pen.array(at, limit)?;
    let (start, length) = (at + 10, usize::from(u16::from_be_bytes([l0, l1])));
    let end = start + length;
    if end > limit {
        return Err(start);
    }
    if let Err(place) = data(pen, u16::from_be_bytes([k0, k1]), start, end) {
        pen.zero(place, end);
    }
    Ok(end)
}

/// The data of a record, as far as they are known.
fn data(pen: &mut Pen, kind: u16, start: usize, end: usize) -> Result<(), usize> {
    match kind {
        kind::A => nothing_behind(pen.ipv4(start, end)?, end),
        kind::AAAA => nothing_behind(pen.ipv6(start, end)?, end),
        kind::SOA => {
            let second = name(pen, start, end)?;
            let serial = name(pen, second, end)?;
            // Which version of which zone it is can be looked up. Four times follow.
            pen.zero(serial, end.min(serial + 4));
            nothing_behind(serial + 20, end)
        }
        kind::RP => {
            let second = name(pen, start, end)?;
            nothing_behind(name(pen, second, end)?, end)
        }
        kind::SRV => {
            // Priority, weight, port.
            let host = pen.port(start + 4, end)?;
            nothing_behind(name(pen, host, end)?, end)
        }
        kind::RRSIG => Err(name(pen, start + 18, end)?),
        // A map of types follows.
        kind::NSEC => name(pen, start, end).map(drop),
        kind::OPT => options(pen, start, end),
        kind::SVCB | kind::HTTPS => {
            let parameters = name(pen, start + 2, end)?;
            services(pen, parameters, end)
        }
        kind if kind::NAMES.contains(&kind) => nothing_behind(name(pen, start, end)?, end),
        kind if kind::NUMBER_AND_NAME.contains(&kind) => nothing_behind(name(pen, start + 2, end)?, end),
        _ => Err(start),
    }
}

/// Calls `each` for what is coded as a number of two bytes, a length of two, and a value.
pub(super) fn each_value(
    pen: &mut Pen,
    mut at: usize,
    end: usize,
    mut each: impl FnMut(&mut Pen, u16, (usize, usize)),
) -> Result<(), usize> {
    while at < end {
        let [c0, c1, l0, l1] = pen.array(at, end)?;
        let start = at + 4;
        let behind = start + usize::from(u16::from_be_bytes([l0, l1]));
        if behind > end {
            return Err(at);
        }
        each(pen, u16::from_be_bytes([c0, c1]), (start, behind));
        at = behind;
    }
    Ok(())
}

fn options(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    each_value(pen, start, end, |pen, code, (start, end)| match (code, pen.array(start, end)) {
        // Family, bits of the source, bits of the scope, as many bytes of the address as it needs.
        (CLIENT_SUBNET, Ok([0, family @ (1 | 2), length, _])) => {
            pen.prefix((start + 4, end.min(start + 20)), length, family == 1);
            pen.zero(start + 20, end);
        }
        _ => pen.zero(start, end),
    })
}

fn services(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    each_value(pen, start, end, |pen, key, (start, end)| match key {
        parameter::IPV4_HINT => drop(pen.ipv4_list(start, (end - start) / 4, end)),
        parameter::IPV6_HINT => drop(pen.ipv6_list(start, (end - start) / 16, end)),
        parameter::PORT if end - start == 2 => drop(pen.port(start, end)),
        key if parameter::HARMLESS.contains(&key) => {}
        _ => pen.zero(start, end),
    })
}
