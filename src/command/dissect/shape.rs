//! How records are written: what stands before the fields of each, the names of fields, and the form of times.

use std::net::IpAddr;

use crate::dissect::value::{FieldValue, Value, member};
use crate::dissect::{Event, Field, Kind};
use crate::flow::Moment;
use crate::packet::Sample;
use crate::sink::{RowEncoder, RowFormat, RowShape};
use crate::table::{Cell, Column, ColumnKind};
use crate::time::Timestamp;

/// Whose names fields have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Those of Zeek's logs.
    Zeek,
    /// Those of Elastic's common schema.
    Ecs,
}

/// How times are written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Seconds since 1970, a number with nine decimals.
    Epoch,
    /// RFC 3339 in UTC.
    Rfc3339,
}

/// How records are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) format: RowFormat,
    pub(super) names: Names,
    pub(super) times: Times,
    /// Several captures: each record says which one it is from.
    pub(super) several: bool,
}

/// What records of one conversation have in common.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) file: Option<String>,
    pub(super) uid: String,
    pub(super) community_id: String,
    pub(super) originator: (IpAddr, Option<u16>),
    pub(super) responder: (IpAddr, Option<u16>),
    pub(super) proto: String,
    pub(super) vlan: Option<u16>,
    pub(super) inner_vlan: Option<u16>,
    pub(super) tunnel: Option<&'static str>,
    pub(super) hardware: [Option<String>; 2],
    pub(super) sample: Option<Sample>,
    /// What [`Shape::json_of`] says of it.
    pub(super) json: CommonJson,
}

/// Members of JSON that all records of one conversation have, each behind a comma: they are made once.
#[derive(Debug, Clone, Default)]
pub(super) struct CommonJson {
    /// Those between its time and the numbers of its packets.
    conversation: Vec<u8>,
    /// Those behind the numbers of its packets.
    sample: Vec<u8>,
}

/// A field that every record has before its own: its name, its name in Elastic's common schema, kind, meaning.
type Before = (&'static str, &'static str, ColumnKind, &'static str);

/// They stand in this order.
pub(super) const BEFORE: [Before; 19] = [
    ("ts", "@timestamp", ColumnKind::Time, "The time of the packet that it began with."),
    ("file", "log.file.path", ColumnKind::Text, "The capture, if there are several."),
    ("uid", "zeek.session_id", ColumnKind::Text, "Its conversation: the same for the same packets, on any machine."),
    ("community_id", "network.community_id", ColumnKind::Text, "The Community ID 1 of its conversation."),
    ("id.orig_h", "source.ip", ColumnKind::Address, "The address of the originator."),
    ("id.orig_p", "source.port", ColumnKind::Count, "Its port; of ICMP, the type of the first message."),
    ("id.resp_h", "destination.ip", ColumnKind::Address, "The address of the responder."),
    ("id.resp_p", "destination.port", ColumnKind::Count, "Its port; of ICMP, the code of the first message."),
    ("proto", "network.transport", ColumnKind::Text, "The protocol over IP."),
    ("vlan", "network.vlan.id", ColumnKind::Count, "The outermost VLAN of the first packet."),
    ("inner_vlan", "network.inner.vlan.id", ColumnKind::Count, "Its innermost VLAN, if it is in several."),
    ("tunnel", "network.tunnel", ColumnKind::Text, "The innermost tunnel that it is in."),
    ("orig_l2_addr", "source.mac", ColumnKind::Text, "The hardware address of the originator."),
    ("resp_l2_addr", "destination.mac", ColumnKind::Text, "The hardware address of the responder."),
    ("pkt_first", "pcapml.packet.first", ColumnKind::Count, "The number of the packet that it began with, from 1."),
    ("pkt_last", "pcapml.packet.last", ColumnKind::Count, "The number of the packet with which it was complete."),
    ("sample_id", "pcapml.sample.id", ColumnKind::Id, "The id of the sample."),
    ("label", "pcapml.sample.label", ColumnKind::Text, "The label of the sample."),
    ("fields", "pcapml.sample.fields", ColumnKind::Text, "The further fields of the sample."),
];

/// The name of the record's type, as a member of JSON.
fn type_name(names: Names) -> &'static str {
    match names {
        Names::Zeek => "_path",
        Names::Ecs => "event.dataset",
    }
}

/// The name of a field.
pub(super) fn name_of(kind: &Kind, field: &Field, names: Names) -> String {
    match (names, field.ecs) {
        (Names::Zeek, _) => field.name.to_owned(),
        (Names::Ecs, Some(name)) => name.to_owned(),
        (Names::Ecs, None) => format!("{}.{}", kind.path, field.name),
    }
}

impl Common {
    /// The values of [`BEFORE`], for a record of these packets.
    fn values(&self, first: Moment, last: Moment) -> [Value; BEFORE.len()] {
        let text = |text: &str| Value::Text(text.to_owned());
        let sample = self.sample.as_ref();
        let fields = |sample: &Sample| {
            let mut json = Vec::new();
            json.push(b'{');
            let mut first = true;
            for (key, value) in &sample.fields {
                member(key, &text(value), &mut first, &mut json);
            }
            json.push(b'}');
            Value::Text(String::from_utf8_lossy(&json).into_owned())
        };
        let [orig_l2, resp_l2] = &self.hardware;
        [
            Value::Time(first.time),
            self.file.as_deref().map_or(Value::Missing, text),
            text(&self.uid),
            text(&self.community_id),
            self.originator.0.value(),
            self.originator.1.value(),
            self.responder.0.value(),
            self.responder.1.value(),
            text(&self.proto),
            self.vlan.value(),
            self.inner_vlan.value(),
            self.tunnel.value(),
            orig_l2.clone().value(),
            resp_l2.clone().value(),
            Value::Count(first.packet),
            Value::Count(last.packet),
            sample.map_or(Value::Missing, |sample| Value::Count(sample.id.0)),
            sample.map_or(Value::Missing, |sample| text(&sample.label)),
            sample.filter(|sample| !sample.fields.is_empty()).map_or(Value::Missing, fields),
        ]
    }
}

impl Shape {
    /// The fields before a record's own, by their places in [`BEFORE`].
    fn before(self) -> impl Iterator<Item = (usize, &'static Before)> {
        BEFORE.iter().enumerate().filter(move |(_, (name, ..))| self.several || *name != "file")
    }

    fn name_before(self, before: &Before) -> &'static str {
        match self.names {
            Names::Zeek => before.0,
            Names::Ecs => before.1,
        }
    }

    /// The columns of a table of such records.
    pub(super) fn columns(self, kind: &Kind) -> Vec<Column> {
        let before = self.before().map(|(_, before)| Column::new(self.name_before(before), before.2, before.3));
        let own = kind
            .fields
            .iter()
            .map(|field| Column::new(name_of(kind, field, self.names), field.kind, field.doc).of_unit(field.unit));
        before.chain(own).collect()
    }

    /// What encodes the rows of such a table.
    pub(super) fn encoder(self, kind: &Kind) -> RowEncoder {
        RowShape::new(self.format, self.columns(kind)).encoder()
    }

    /// What all records of a conversation have in common, if they are JSON.
    pub(super) fn json_of(self, common: &Common) -> CommonJson {
        let mut json = CommonJson::default();
        if self.format != RowFormat::JsonLines {
            return json;
        }
        let nowhere = Moment::default();
        let values = common.values(nowhere, nowhere);
        let mut behind = false;
        for (at, before) in self.before() {
            let name = self.name_before(before);
            let out = if behind { &mut json.sample } else { &mut json.conversation };
            match (before.0, values.get(at)) {
                ("ts", _) | (_, None | Some(Value::Missing)) => {}
                ("pkt_first" | "pkt_last", _) => behind = true,
                // Numbers of JavaScript end at 2^53, and ids do not.
                ("sample_id", Some(Value::Count(id))) => member(name, &Value::Text(id.to_string()), &mut false, out),
                ("fields", Some(Value::Text(object))) => {
                    out.extend_from_slice(format!(",\"{name}\":{object}").as_bytes());
                }
                (_, Some(value)) => member(name, value, &mut false, out),
            }
        }
        json
    }

    /// Appends a record as a line of JSON: fields that are known.
    pub(super) fn json(self, common: &Common, event: &Event, out: &mut Vec<u8>) {
        let named = |name: &str| BEFORE.iter().find(|before| before.0 == name).map_or("", |b| self.name_before(b));
        out.push(b'{');
        member(type_name(self.names), &Value::Text(event.kind.path.to_owned()), &mut true, out);
        self.member(named("ts"), &Value::Time(event.first.time), out);
        out.extend_from_slice(&common.json.conversation);
        self.member(named("pkt_first"), &Value::Count(event.first.packet), out);
        self.member(named("pkt_last"), &Value::Count(event.last.packet), out);
        out.extend_from_slice(&common.json.sample);
        for (field, value) in event.kind.fields.iter().zip(&event.values).filter(|(_, value)| !value.is_missing()) {
            match self.names {
                Names::Zeek => self.member(field.name, value, out),
                Names::Ecs => self.member(&name_of(event.kind, field, self.names), value, out),
            }
        }
        out.extend_from_slice(b"}\n");
    }

    /// Appends a member that is not the first.
    fn member(self, name: &str, value: &Value, out: &mut Vec<u8>) {
        match value {
            Value::Time(time) if self.times == Times::Rfc3339 => {
                let moment = Timestamp((*time).into());
                let text = moment.rfc3339().unwrap_or_else(|| moment.to_string());
                member(name, &Value::Text(text), &mut false, out);
            }
            value => member(name, value, &mut false, out),
        }
    }

    /// Appends a record as a row of the table of its type.
    pub(super) fn row(self, encoder: &RowEncoder, common: &Common, event: &Event, out: &mut Vec<u8>) {
        let values = common.values(event.first, event.last);
        let before = self.before().filter_map(|(at, _)| values.get(at).map(Value::cell));
        let cells: Vec<Cell> = before.chain(event.values.iter().map(Value::cell)).collect();
        encoder.encode(&cells, out);
    }
}
