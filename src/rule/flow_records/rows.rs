//! Rows to records: what each field means, and what is said of rows that are odd.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

use super::columns::{Columns, Naming, Role};
use super::lines::Row;
use super::preset::Traits;
use super::protocol::{self, Protocol};
use super::times::{self, DurationUnit, Form, Moment, TimeReader};
use super::{FlowRecord, FlowRecords, Oddity, ReadOptions};
use crate::error::{Error, Result};

/// How the rows of a file, or of a part of it, are to be understood.
pub(super) struct Layout {
    pub(super) columns: Columns,
    pub(super) traits: Traits,
    times: TimeReader,
    /// Unused where the records have an end time.
    unit: DurationUnit,
    /// Times with a fraction are at least this exact, in nanoseconds, whatever zeros were left out at the end.
    finest: i64,
}

/// Zeek knows microseconds; JSON leaves out their last zeros.
const JSON_FINEST: i64 = 1_000;

/// What to do about durations that may be seconds or microseconds: a guess would make records a million times too long.
fn unknown_unit(naming: Naming) -> Error {
    match naming {
        Naming::Preset(_) => Error::request(
            "versions of the Python cicflowmeter write durations in seconds or in microseconds",
        )
        .advise("say --duration-unit s or us: (tot_fwd_pkts + tot_bwd_pkts) / flow_pkts_s is the duration in seconds"),
        Naming::Own(_) => {
            Error::request("nothing says in which unit durations are").advise("say --duration-unit s, ms, us or ns")
        }
    }
}

impl Layout {
    pub(super) fn new(naming: Naming, columns: Columns, options: &ReadOptions) -> Result<Self> {
        const OWN: [Form; 2] = [Form::Epoch(DurationUnit::Seconds), Form::YearFirst];
        let (forms, zone, unit, traits): (&[Form], _, _, _) = match naming {
            Naming::Preset(preset) => (preset.times, preset.zone, preset.duration, preset.traits),
            Naming::Own(_) => (&OWN, "UTC", None, Traits::default()),
        };
        let unit = match (columns.at(Role::End), options.duration_unit) {
            (Some(_), Some(_)) => {
                return Err(Error::request(
                    "these records have an end time and no duration; leave --duration-unit out",
                ));
            }
            (Some(_), None) => DurationUnit::Seconds,
            (None, given) => given.or(unit).ok_or_else(|| unknown_unit(naming))?,
        };
        let times = TimeReader::new(forms, options.time_format.as_deref(), options.timezone.as_ref(), zone)?;
        Ok(Self { columns, traits, times, unit, finest: i64::MAX })
    }

    /// The same for rows that were JSON objects.
    pub(super) fn of_json(mut self) -> Self {
        self.finest = JSON_FINEST;
        self
    }

    fn protocol(&self, row: &Row, oddities: &mut Oddities) -> Result<Protocol> {
        let text = self.columns.field(row, Role::Protocol);
        match Protocol::read(text) {
            Some(Protocol::Number(0)) if self.traits.zero_is_unknown => Ok(Protocol::Unknown),
            Some(protocol) => Ok(protocol),
            None if self.traits.any_protocol && text.first().is_some_and(u8::is_ascii_alphabetic) => {
                oddities.count("protocol names without a number", row.line);
                Ok(Protocol::Unknown)
            }
            None => Err(self.fault(row, Role::Protocol, "is no protocol")),
        }
    }

    fn address(&self, row: &Row, role: Role) -> Result<IpAddr> {
        let text = std::str::from_utf8(self.columns.field(row, role)).ok();
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.fault(row, role, "is no IP address"))
    }

    /// The ports, if both are there or none; one alone would be believed to mean something.
    fn ports(&self, row: &Row, protocol: Protocol) -> Result<Result<Option<(u16, u16)>, OnePort>> {
        let meant = protocol.has_ports() || (self.traits.icmp_ports && protocol.is_icmp());
        let missing = |role| matches!(self.columns.field(row, role), b"" | b"-");
        match (missing(Role::SourcePort), missing(Role::DestinationPort)) {
            _ if !meant => return Ok(Ok(None)),
            (true, true) => return Ok(Ok(None)),
            (true, false) | (false, true) => return Ok(Err(OnePort)),
            (false, false) => {}
        }
        let port =
            |role| protocol::port(self.columns.field(row, role)).ok_or_else(|| self.fault(row, role, "is no port"));
        Ok(Ok(Some((port(Role::SourcePort)?, port(Role::DestinationPort)?))))
    }

    /// The first and the last moment of the record, both inclusive.
    fn span(&mut self, row: &Row, oddities: &mut Oddities) -> Result<(i64, i64)> {
        let start = self.moment(row, Role::Start, oddities)?;
        let last_of = |moment: Moment| moment.earliest.checked_add(moment.precision - 1);
        let later = |role| move |layout: &Self| layout.fault(row, role, "is after the year 2262");
        if self.columns.at(Role::End).is_some() {
            let end = self.moment(row, Role::End, oddities)?;
            let mut last = last_of(end);
            if last.is_some_and(|last| last < start.earliest) {
                oddities.count("records that end before they start: taken as ending at once", row.line);
                last = last_of(start);
            }
            return Ok((start.earliest, last.ok_or_else(|| later(Role::End)(self))?));
        }
        let mut duration = match self.columns.field(row, Role::Duration) {
            b"" | b"-" if self.traits.unset => 0,
            text => {
                times::duration(text, self.unit).ok_or_else(|| self.fault(row, Role::Duration, "is no duration"))?
            }
        };
        if duration < 0 {
            oddities.count("negative durations: taken as 0", row.line);
            duration = 0;
        }
        let last = last_of(start).and_then(|last| last.checked_add(duration));
        Ok((start.earliest, last.ok_or_else(|| later(Role::Duration)(self))?))
    }

    fn moment(&mut self, row: &Row, role: Role, oddities: &mut Oddities) -> Result<Moment> {
        let text = self.columns.field(row, role);
        let mut moment = self.times.read(text).map_err(|message| self.columns.fault(row, role, &message))?;
        if moment.ambiguous {
            oddities.count("times of a changed clock, shown twice or never: taken as before the change", row.line);
        }
        if text.contains(&b'.') {
            moment.precision = moment.precision.min(self.finest);
        }
        Ok(moment)
    }

    /// The label; `None` if the record has none.
    fn label<'r>(&self, row: &'r Row) -> Option<&'r [u8]> {
        match self.columns.field(row, Role::Label) {
            b"" if self.columns.field(row, Role::Flag) == b"0" => self.traits.unflagged.map(str::as_bytes),
            b"" => None,
            b"-" | b"(empty)" if self.traits.unset => None,
            label => Some(label),
        }
    }

    fn fault(&self, row: &Row, role: Role, message: &str) -> Error {
        let text = String::from_utf8_lossy(self.columns.field(row, role));
        let shown: String = text.chars().take(100).collect();
        self.columns.fault(row, role, &format!("'{shown}' {message}"))
    }
}

/// A record has one port and lacks the other.
struct OnePort;

/// The records so far.
#[derive(Default)]
pub(super) struct Collector {
    records: Vec<FlowRecord>,
    labels: Vec<String>,
    numbers: HashMap<String, u32>,
    icmp_is_other: bool,
    pub(super) oddities: Oddities,
}

impl Collector {
    /// Understands a row.
    pub(super) fn add(&mut self, row: &Row, layout: &mut Layout) -> Result<()> {
        if row.len() != layout.columns.width {
            let message = format!("{} columns where the header has {}", row.len(), layout.columns.width);
            return Err(Error::labels(message).at_line(row.line, None));
        }
        let Some(label) = layout.label(row) else {
            self.oddities.count("records without a label: left out", row.line);
            return Ok(());
        };
        let protocol = layout.protocol(row, &mut self.oddities)?;
        if protocol == Protocol::NotIp {
            self.oddities.count("records that are not of IP (ARP, LLC): left out", row.line);
            return Ok(());
        }
        let (source, destination) = (layout.address(row, Role::Source)?, layout.address(row, Role::Destination)?);
        if source.is_ipv6() != destination.is_ipv6() {
            return Err(layout.fault(row, Role::Destination, "is not of the source address's IP version"));
        }
        let Ok(ports) = layout.ports(row, protocol)? else {
            self.oddities.count("records with one port of two: left out", row.line);
            return Ok(());
        };
        self.icmp_is_other |= layout.traits.zero_is_unknown;
        let (start, end) = layout.span(row, &mut self.oddities)?;
        let label = self.intern(label, row.line)?;
        let protocol = protocol.number(source.is_ipv6());
        self.records.push(FlowRecord { line: row.line, protocol, source, destination, ports, start, end, label });
        Ok(())
    }

    fn intern(&mut self, label: &[u8], line: u64) -> Result<u32> {
        let text = text_of(label);
        if matches!(text, Cow::Owned(_)) {
            self.oddities.count("labels that are not UTF-8: taken as Windows-1252", line);
        }
        if PLACEHOLDERS.iter().any(|known| text.eq_ignore_ascii_case(known)) {
            self.oddities.count("labels that are CICFlowMeter's placeholder: the file was not labelled", line);
        }
        if let Some(number) = self.numbers.get(text.as_ref()) {
            return Ok(*number);
        }
        let number = u32::try_from(self.labels.len())
            .map_err(|_| Error::labels("more than 2^32 different labels").at_line(line, None))?;
        self.labels.push(text.clone().into_owned());
        self.numbers.insert(text.into_owned(), number);
        Ok(number)
    }

    pub(super) fn finish(self, format: &'static str) -> FlowRecords {
        FlowRecords {
            format,
            records: self.records,
            labels: self.labels,
            icmp_is_other: self.icmp_is_other,
            oddities: self.oddities.0,
        }
    }
}

/// What CICFlowMeter writes where a person should.
const PLACEHOLDERS: [&str; 3] = ["NeedManualLabel", "No Label", "NoLabel"];

/// What was skipped or repaired, each kind once.
#[derive(Default)]
pub(super) struct Oddities(Vec<Oddity>);

impl Oddities {
    pub(super) fn count(&mut self, what: &'static str, line: u64) {
        match self.0.iter_mut().find(|known| known.what == what) {
            Some(known) => known.count += 1,
            None => self.0.push(Oddity { what, count: 1, first_line: line }),
        }
    }
}

/// UTF-8, or else Windows-1252: the dash of "Web Attack – XSS" is byte 0x96 in CIC-IDS2017.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

/// Latin-1, but for 0x80 to 0x9f; the five bytes without a meaning stay control characters (WHATWG Encoding Standard).
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let high = byte.checked_sub(0x80).and_then(|at| HIGH.get(usize::from(at)));
    high.copied().unwrap_or(char::from(byte))
}
