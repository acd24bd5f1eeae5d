//! The data of resource records as text, as master files have it: RFC 1035, 5.1, and the document of each type. What has
//! no form that is known, or not the form of its type, is told as RFC 3597, 5 has it: `\# length hexadecimal`.

use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::name::{Cursor, Fault, quoted};
use super::special;
use super::types::{self, Part};
use crate::dissect::text::hex;

/// The data of a record of this type, and why it could not be read as that type's.
pub(super) fn text(kind: u16, data: &Cursor) -> Result<(String, Option<Fault>), Fault> {
    let parts = types::parts(kind);
    let mut whole = data.clone();
    let bytes = whole.rest();
    let (text, fault) = match parts {
        [] => (generic(bytes), None),
        // An update may name a type without data: RFC 2136, 2.4.
        _ if bytes.is_empty() => (String::new(), None),
        parts => match written(parts, data.clone()) {
            Ok(text) => (text, None),
            Err(Fault::Bomb) => return Err(Fault::Bomb),
            Err(fault) => (generic(bytes), Some(if fault == Fault::Short { Fault::Form } else { fault })),
        },
    };
    data.spend(text.len())?;
    Ok((text, fault))
}

/// What has no form.
pub(super) fn generic(bytes: &[u8]) -> String {
    match bytes {
        [] => "\\# 0".to_owned(),
        bytes => format!("\\# {} {}", bytes.len(), hex(bytes)),
    }
}

/// Base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// An IPv4 address.
pub(super) fn v4(data: &mut Cursor) -> Result<String, Fault> {
    Ok(Ipv4Addr::from(data.u32()?).to_string())
}

/// An IPv6 address.
pub(super) fn v6(data: &mut Cursor) -> Result<String, Fault> {
    let bytes: [u8; 16] = data.take(16)?.try_into().map_err(|_| Fault::Form)?;
    Ok(Ipv6Addr::from(bytes).to_string())
}

/// Its parts, which must be all that there is.
fn written(parts: &[Part], mut data: Cursor) -> Result<String, Fault> {
    let mut text = String::new();
    for part in parts {
        let more = written_part(*part, &mut data)?;
        if !text.is_empty() && !more.is_empty() {
            text.push(' ');
        }
        text.push_str(&more);
    }
    if data.left() > 0 { Err(Fault::Form) } else { Ok(text) }
}

fn written_part(part: Part, data: &mut Cursor) -> Result<String, Fault> {
    Ok(match part {
        Part::Name => data.name()?,
        Part::U8 => data.u8()?.to_string(),
        Part::U16 => data.u16()?.to_string(),
        Part::U32 => data.u32()?.to_string(),
        Part::V4 => v4(data)?,
        Part::V6 => v6(data)?,
        Part::String => quoted(data.string()?),
        Part::Strings => strings(data)?,
        Part::Quoted => quoted(data.rest()),
        Part::Tag => String::from_utf8(data.string()?.to_vec()).map_err(|_| Fault::Form)?,
        Part::Hex => hex(data.rest()),
        Part::Base64 => base64(data.rest()),
        Part::Eui => data.rest().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join("-"),
        Part::Type => types::name(data.u16()?),
        Part::Time => special::date(data.u32()?),
        Part::Bitmap => special::bitmap(data)?,
        Part::Salt => match data.string()? {
            [] => "-".to_owned(),
            salt => hex(salt),
        },
        Part::Hash => special::base32hex(data.string()?),
        Part::Location => special::location(data)?,
        Part::Addresses => special::addresses(data)?,
        Part::WellKnown => special::well_known(data)?,
        Part::Svcb => special::parameters(data)?,
        Part::IpsecKey => special::ipsec_key(data)?,
        Part::HostIdentity => special::host_identity(data)?,
        Part::TransactionSignature => special::transaction_signature(data)?,
        Part::Key => special::key(data)?,
    })
}

fn strings(data: &mut Cursor) -> Result<String, Fault> {
    let mut text = String::new();
    while data.left() > 0 {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&quoted(data.string()?));
    }
    Ok(text)
}
