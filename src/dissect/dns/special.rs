//! Parts of records that have a form of their own.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::name::{Cursor, Fault, quoted};
use super::numbers;
use super::rdata::{base64, v4, v6};
use super::types;
use crate::dissect::text::hex;

/// Seconds since 1970 as RRSIG has them: RFC 4034, 3.2.
pub(super) fn date(seconds: u32) -> String {
    jiff::Timestamp::from_second(seconds.into())
        .map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y%m%d%H%M%S").to_string())
}

/// The types of NSEC, NSEC3 and CSYNC: RFC 4034, 4.1.2.
pub(super) fn bitmap(data: &mut Cursor) -> Result<String, Fault> {
    let mut names = Vec::new();
    let mut before = None;
    while data.left() > 0 {
        let window = data.u8()?;
        // Windows ascend; otherwise a few bytes could name types without end.
        if before.replace(window).is_some_and(|before| before >= window) {
            return Err(Fault::Form);
        }
        for (place, byte) in data.string()?.iter().take(32).enumerate() {
            let set = (0..8_u16).filter(|bit| byte & (0x80 >> bit) != 0);
            names.extend(set.map(|bit| types::name(u16::from(window) << 8 | (place as u16) << 3 | bit)));
        }
    }
    Ok(names.join(" "))
}

/// RFC 4648, 7, without padding.
pub(super) fn base32hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            let digit = (bits >> (35 - 5 * place) & 31) as u32;
            text.extend(char::from_digit(digit, 32).map(|digit| digit.to_ascii_uppercase()));
        }
    }
    text
}

/// Where something is: RFC 1876.
pub(super) fn location(data: &mut Cursor) -> Result<String, Fault> {
    if data.u8()? != 0 {
        return Err(Fault::Form);
    }
    let (size, horizontal, vertical) = (data.u8()?, data.u8()?, data.u8()?);
    let latitude = degrees(data.u32()?, ['N', 'S']);
    let longitude = degrees(data.u32()?, ['E', 'W']);
    let altitude = i64::from(data.u32()?) - 10_000_000;
    let precision = [size, horizontal, vertical].map(|size| format!("{}m", centimetres(power_of_ten(size))));
    Ok(format!("{latitude} {longitude} {}m {}", centimetres(altitude), precision.join(" ")))
}

/// Thousandths of a second of arc from 2^31 on.
fn degrees(raw: u32, sides: [char; 2]) -> String {
    let from_zero = i64::from(raw) - (1 << 31);
    let [positive, negative] = sides;
    let side = if from_zero < 0 { negative } else { positive };
    let size = from_zero.unsigned_abs();
    let (degrees, minutes) = (size / 3_600_000, size / 60_000 % 60);
    format!("{degrees} {minutes} {}.{:03} {side}", size / 1_000 % 60, size % 1_000)
}

/// A digit, and the number of zeros behind it.
fn power_of_ten(byte: u8) -> i64 {
    10_i64.pow(u32::from(byte & 15)).saturating_mul((byte >> 4).into())
}

fn centimetres(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    match size % 100 {
        0 => format!("{sign}{}", size / 100),
        rest => format!("{sign}{}.{rest:02}", size / 100),
    }
}

/// Prefixes of addresses: RFC 3123.
pub(super) fn addresses(data: &mut Cursor) -> Result<String, Fault> {
    let mut items = Vec::new();
    while data.left() > 0 {
        let (family, prefix, length) = (data.u16()?, data.u8()?, data.u8()?);
        let bytes = data.take((length & 0x7f).into())?;
        let not = if length & 0x80 != 0 { "!" } else { "" };
        items.push(format!("{not}{family}:{}/{prefix}", prefix_address(family, bytes)?));
    }
    Ok(items.join(" "))
}

/// An address whose last bytes may be left out, since they are zero.
pub(super) fn prefix_address(family: u16, bytes: &[u8]) -> Result<String, Fault> {
    let mut whole = [0; 16];
    let room = if family == 1 { 4 } else { 16 };
    if !(1..=2).contains(&family) || bytes.len() > room {
        return Err(Fault::Form);
    }
    for (to, from) in whole.iter_mut().zip(bytes) {
        *to = *from;
    }
    Ok(match whole.split_first_chunk::<4>() {
        Some((four, _)) if family == 1 => Ipv4Addr::from(*four).to_string(),
        _ => Ipv6Addr::from(whole).to_string(),
    })
}

/// Ports of a protocol: RFC 1035, 3.4.2.
pub(super) fn well_known(data: &mut Cursor) -> Result<String, Fault> {
    let mut text = data.u8()?.to_string();
    for (place, byte) in data.rest().iter().enumerate() {
        for bit in (0..8).filter(|bit| byte & (0x80 >> bit) != 0) {
            // Writing to memory cannot fail.
            let _ = write!(text, " {}", place * 8 + bit);
        }
    }
    Ok(text)
}

/// Parameters of a service: RFC 9460, 2.1.
pub(super) fn parameters(data: &mut Cursor) -> Result<String, Fault> {
    let mut items = Vec::new();
    while data.left() > 0 {
        let key = data.u16()?;
        let length = data.u16()?;
        let mut value = data.part(length.into())?;
        let name = numbers::parameter(key);
        let value = parameter(key, &mut value)?;
        items.push(if value.is_empty() { name } else { format!("{name}={value}") });
    }
    Ok(items.join(" "))
}

fn parameter(key: u16, value: &mut Cursor) -> Result<String, Fault> {
    let mut items = Vec::new();
    match key {
        3 => return Ok(value.u16()?.to_string()),
        5 => return Ok(base64(value.rest())),
        0 | 1 | 4 | 6 => {}
        _ if value.left() == 0 => return Ok(String::new()),
        _ => return Ok(quoted(value.rest())),
    }
    while value.left() > 0 {
        items.push(match key {
            0 => numbers::parameter(value.u16()?),
            1 => quoted(value.string()?).trim_matches('"').to_owned(),
            4 => v4(value)?,
            _ => v6(value)?,
        });
    }
    let items = items.join(",");
    Ok(if key == 1 { format!("\"{items}\"") } else { items })
}

/// A gateway and its key: RFC 4025, 2.
pub(super) fn ipsec_key(data: &mut Cursor) -> Result<String, Fault> {
    let (precedence, kind, algorithm) = (data.u8()?, data.u8()?, data.u8()?);
    let gateway = match kind {
        0 => ".".to_owned(),
        1 => v4(data)?,
        2 => v6(data)?,
        3 => data.name()?,
        _ => return Err(Fault::Form),
    };
    Ok(format!("{precedence} {kind} {algorithm} {gateway} {}", base64(data.rest())))
}

/// A host's identity, and where to meet it: RFC 8005, 5.
pub(super) fn host_identity(data: &mut Cursor) -> Result<String, Fault> {
    let (length, algorithm, key_length) = (data.u8()?, data.u8()?, data.u16()?);
    let (tag, key) = (hex(data.take(length.into())?), base64(data.take(key_length.into())?));
    let mut text = format!("{algorithm} {tag} {key}");
    while data.left() > 0 {
        text.push(' ');
        text.push_str(&data.name()?);
    }
    Ok(text)
}

/// TSIG: RFC 8945, 4.2; in the order of dig.
pub(super) fn transaction_signature(data: &mut Cursor) -> Result<String, Fault> {
    let algorithm = data.name()?;
    let time = u64::from(data.u16()?) << 32 | u64::from(data.u32()?);
    let fudge = data.u16()?;
    let length = data.u16()?;
    let signature = base64(data.take(length.into())?);
    let (id, error) = (data.u16()?, data.u16()?);
    let other = lengthy(data)?;
    let error = numbers::rcode(error);
    Ok(format!("{algorithm} {time} {fudge} {length} {signature} {id} {error} {other}"))
}

/// TKEY: RFC 2930, 2.
pub(super) fn key(data: &mut Cursor) -> Result<String, Fault> {
    let algorithm = data.name()?;
    let (from, to, mode) = (date(data.u32()?), date(data.u32()?), data.u16()?);
    let error = numbers::rcode(data.u16()?);
    let (key, other) = (lengthy(data)?, lengthy(data)?);
    Ok(format!("{algorithm} {from} {to} {mode} {error} {key} {other}"))
}

/// Bytes with their number before them, in base64, and so in the text.
fn lengthy(data: &mut Cursor) -> Result<String, Fault> {
    let length = data.u16()?;
    let bytes = data.take(length.into())?;
    Ok(if bytes.is_empty() { "0".to_owned() } else { format!("{length} {}", base64(bytes)) })
}
