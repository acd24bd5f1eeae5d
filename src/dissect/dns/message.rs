//! Messages of the DNS, read as far as they can be. RFC 1035, 4; RFC 6891 (EDNS); RFC 6762, 18 (mDNS).

use super::name::{Budget, Cursor, Fault};
use super::record::{DnsQuestion, DnsResource, Edns, EdnsOption};
use super::{numbers, rdata, special, types};
use crate::dissect::held::Held;

/// Faults of one message that are told, at most.
const MAX_FAULTS: usize = 8;

/// Memory that a question or record takes besides its text, in bytes.
const PER_ENTRY: usize = 200;

/// How a message is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// The top bit of classes means something else: mDNS.
    pub(super) multicast: bool,
    /// Names end in a dot.
    pub(super) dots: bool,
}

/// The first twelve bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) id: u16,
    pub(super) flags: u16,
    /// How many questions, answers, authorities and additional records there are, it says.
    pub(super) counts: [u16; 4],
}

/// A message.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) header: Header,
    pub(super) questions: Vec<Question>,
    /// Answers, authorities, additional records.
    pub(super) sections: [Vec<Resource>; 3],
    pub(super) edns: Option<Edns>,
    /// What could not be read, and where in the message's sections.
    pub(super) faults: Vec<(Fault, String)>,
    /// Bytes behind it.
    pub(super) rest: usize,
    /// Memory that it takes, in bytes, about.
    pub(super) cost: usize,
}

/// A question, with the numbers of its texts.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) kind: u16,
    pub(super) class: u16,
    pub(super) told: DnsQuestion,
}

/// A record, with the numbers of its texts.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) kind: u16,
    pub(super) class: u16,
    pub(super) told: DnsResource,
}

impl Header {
    fn read(cursor: &mut Cursor) -> Result<Self, Fault> {
        Ok(Self {
            id: cursor.u16()?,
            flags: cursor.u16()?,
            counts: [cursor.u16()?, cursor.u16()?, cursor.u16()?, cursor.u16()?],
        })
    }

    /// True if it answers.
    pub(super) fn is_response(self) -> bool {
        self.bit(15)
    }

    /// What is to be done.
    pub(super) fn opcode(self) -> u8 {
        (self.flags >> 11 & 15) as u8
    }

    /// The code of the response, without the upper bits that EDNS has.
    pub(super) fn rcode(self) -> u16 {
        self.flags & 15
    }

    /// A bit of the flags, from the lowest.
    pub(super) fn bit(self, number: u32) -> bool {
        self.flags >> number & 1 == 1
    }
}

impl Message {
    /// Reads one; none if not even the header is there.
    pub(super) fn read(bytes: &[u8], style: Style) -> Option<Self> {
        let budget = Budget::new(bytes.len(), style.dots);
        let mut cursor = Cursor::new(bytes, &budget);
        let mut message = Self { header: Header::read(&mut cursor).ok()?, ..Self::default() };
        if let Err((fault, place)) = message.read_sections(&mut cursor, style) {
            message.fault(fault, place);
        } else {
            message.rest = cursor.left();
        }
        message.cost = budget.spent() + PER_ENTRY * (1 + message.entries());
        Some(message)
    }

    fn read_sections(&mut self, cursor: &mut Cursor, style: Style) -> Result<(), (Fault, String)> {
        let [questions, records @ ..] = self.header.counts;
        for number in 0..questions {
            let question = Question::read(cursor, style).map_err(|fault| (fault, format!("question {number}")))?;
            self.questions.push(question);
        }
        for (section, (name, count)) in ["answer", "authority", "additional"].iter().zip(records).enumerate() {
            for number in 0..count {
                self.read_resource(cursor, section, style).map_err(|fault| (fault, format!("{name} {number}")))?;
            }
        }
        Ok(())
    }

    fn read_resource(&mut self, cursor: &mut Cursor, section: usize, style: Style) -> Result<(), Fault> {
        let name = cursor.name()?;
        let (kind, class, ttl) = (cursor.u16()?, cursor.u16()?, cursor.u32()?);
        let length = cursor.u16()?;
        let data = cursor.part(length.into())?;
        if kind == types::OPT && section == 2 && self.edns.is_none() {
            self.edns = Some(edns(class, ttl, data.clone())?);
        }
        let (data, fault) = rdata::text(kind, &data)?;
        if let Some(fault) = fault {
            self.fault(fault, format!("{} {name}", types::name(kind)));
        }
        let (class, flush) = split_class(class, style, kind == types::OPT);
        let told = DnsResource {
            name,
            kind: types::name(kind),
            // The class of OPT is the size of what its sender can take.
            class: if kind == types::OPT { class.to_string() } else { numbers::class(class) },
            ttl,
            cache_flush: flush,
            data,
        };
        if let Some(section) = self.sections.get_mut(section) {
            section.push(Resource { kind, class, told });
        }
        Ok(())
    }

    fn fault(&mut self, fault: Fault, place: String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push((fault, place));
        }
    }

    /// The code of the response, with the upper bits that EDNS has.
    pub(super) fn rcode(&self) -> u16 {
        let upper = self.edns.as_ref().map_or(0, |edns| u16::from(edns.ext_rcode) << 4);
        upper | self.header.rcode()
    }

    /// Questions and records that could be read.
    fn entries(&self) -> usize {
        self.questions.len() + self.sections.iter().map(Vec::len).sum::<usize>()
    }

    /// True if records or questions could be read, or it says that there are none.
    pub(super) fn is_something(&self) -> bool {
        self.entries() > 0 || self.header.counts == [0; 4] && self.rest == 0
    }

    /// True if it is of the DNS if that is expected: something could be read, or at least it begins as usual.
    pub(super) fn is_likely(&self) -> bool {
        let asks = matches!(self.header.counts, [1, 0, 0, _]) && self.header.rcode() == 0;
        let answers = self.header.is_response() && self.header.counts[0] == 1;
        let is_usual = self.header.opcode() == 0 && !self.header.bit(6) && (asks || answers);
        self.is_something() || is_usual
    }

    /// True if nothing in it is odd, so that it is of the DNS even where that was not expected; if it is not whole, so far.
    pub(super) fn is_sound(&self, whole: bool) -> bool {
        let class_is_usual = |class: u16| matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255);
        let resources = || self.sections.iter().flatten();
        let [questions, answers, ..] = self.header.counts;
        let asks_oddly = !self.header.is_response()
            && (self.header.rcode() != 0 || self.header.opcode() == 0 && answers > 0 || questions == 0);
        self.faults.iter().all(|(fault, _)| *fault == Fault::Short && !whole)
            && self.rest == 0
            && matches!(self.header.opcode(), 0 | 4 | 5)
            && !self.header.bit(6)
            && questions <= 1
            && !asks_oddly
            && (self.entries() > 0 || !whole)
            && self.questions.iter().all(|question| {
                types::is_known(question.kind) && class_is_usual(question.class) && is_plain(&question.told.name)
            })
            // Where a question is beyond doubt, records may be odd.
            && (!self.questions.is_empty()
                || resources().all(|resource| {
                    resource.kind == types::OPT || types::is_known(resource.kind) && class_is_usual(resource.class)
                }))
    }
}

/// A name as people give them.
fn is_plain(name: &str) -> bool {
    name.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_./*+ ".contains(c))
}

impl Question {
    fn read(cursor: &mut Cursor, style: Style) -> Result<Self, Fault> {
        let name = cursor.name()?;
        let (kind, class) = (cursor.u16()?, cursor.u16()?);
        let (class, unicast_response) = split_class(class, style, false);
        let told = DnsQuestion { name, kind: types::name(kind), class: numbers::class(class), unicast_response };
        Ok(Self { kind, class, told })
    }
}

/// A class, and in mDNS what its top bit says.
fn split_class(class: u16, style: Style, is_size: bool) -> (u16, Option<bool>) {
    match style.multicast && !is_size {
        true => (class & 0x7fff, Some(class & 0x8000 != 0)),
        false => (class, None),
    }
}

/// What OPT says: RFC 6891, 6.1.
fn edns(size: u16, ttl: u32, mut data: Cursor) -> Result<Edns, Fault> {
    let [ext_rcode, version, flags, _] = ttl.to_be_bytes();
    let mut edns = Edns { udp_size: size, ext_rcode, version, r#do: flags & 0x80 != 0, options: Vec::new() };
    while let (Ok(code), Ok(length)) = (data.u16(), data.u16()) {
        // An option that is cut off is told as far as it goes.
        let length = usize::from(length).min(data.left());
        let Ok(value) = data.part(length) else { break };
        let option = EdnsOption { code, name: numbers::option(code), data: option(code, value) };
        data.spend(size_of::<EdnsOption>() + option.held())?;
        edns.options.push(option);
    }
    Ok(edns)
}

/// An option as text: a subnet (RFC 7871), an error (RFC 8914), and otherwise hexadecimal digits.
fn option(code: u16, value: Cursor) -> String {
    let mut bytes = value.clone();
    let text = match code {
        8 => subnet(value),
        15 => error(value),
        _ => Err(Fault::Form),
    };
    text.unwrap_or_else(|_| crate::dissect::text::hex(bytes.rest()))
}

fn subnet(mut value: Cursor) -> Result<String, Fault> {
    let (family, source, scope) = (value.u16()?, value.u8()?, value.u8()?);
    Ok(format!("{}/{source}/{scope}", special::prefix_address(family, value.rest())?))
}

fn error(mut value: Cursor) -> Result<String, Fault> {
    let code = value.u16()?;
    Ok(match value.rest() {
        [] => code.to_string(),
        text => format!("{code} {}", super::name::quoted(text)),
    })
}
