//! Types of records: each is a struct, defined once with the names, meanings and kinds of its fields.

use super::value::Value;
use crate::flow::Moment;
use crate::table::ColumnKind;

/// A type of record.
#[derive(Debug)]
pub struct Kind {
    /// What it is called, as Zeek's logs are: `dns`.
    pub path: &'static str,
    /// What one is about, one sentence.
    pub doc: &'static str,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, as Zeek has it where Zeek has it.
    pub name: &'static str,
    /// Its name in Elastic's common schema; where that has none, it is `path.name`.
    pub ecs: Option<&'static str>,
    /// The unit of its values; empty where they have none.
    pub unit: &'static str,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// What it means.
    pub doc: &'static str,
}

/// A type of record. The macro `records!` writes it.
pub trait Record {
    /// What it is.
    fn kind() -> &'static Kind;

    /// Its values, one for each field.
    fn values(self) -> Vec<Value>;
}

/// A record, and which packets it is from.
#[derive(Debug, Clone)]
pub struct Event {
    /// What it is.
    pub kind: &'static Kind,
    /// The packet that it began with.
    pub first: Moment,
    /// The packet with which it was complete.
    pub last: Moment,
    /// A value for each field.
    pub values: Vec<Value>,
}

impl Event {
    /// The value of the field of this name, if its kind has one.
    pub fn value(&self, field: &str) -> Option<&Value> {
        let place = self.kind.fields.iter().position(|other| other.name == field)?;
        self.values.get(place)
    }

    /// The same, of a field of text.
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.value(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Records, in the order in which they became complete.
#[derive(Debug, Default)]
pub struct Events {
    events: Vec<Event>,
}

impl Events {
    /// Adds one that begins and ends with bytes of these packets.
    ///
    /// Where its end came before its beginning, as where segments were reordered, it was complete with the latter.
    pub fn push<R: Record>(&mut self, first: Moment, last: Moment, record: R) {
        let (first, last) = if last.packet < first.packet { (last, first) } else { (first, last) };
        self.events.push(Event { kind: R::kind(), first, last, values: record.values() });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// Those from this one on.
    pub(super) fn from(&self, number: usize) -> &[Event] {
        self.events.get(number..).unwrap_or_default()
    }

    /// Takes those.
    pub(super) fn split_off(&mut self, number: usize) -> Vec<Event> {
        self.events.split_off(number.min(self.events.len()))
    }

    /// Adds one as it is.
    pub(super) fn put(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Takes them all.
    pub fn drain(&mut self) -> impl Iterator<Item = Event> {
        self.events.drain(..)
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// Defines types of records, or objects in them.
///
/// `"path" Name { field: Type => "name" / "ecs.name" in "unit", … }`, of which each part may be left out; the documentation of the struct and of each field is
/// that of the record. The name is that of the field if none is given.
macro_rules! records {
    ($(
        $(#[doc = $about:literal])+
        $path:literal $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty
                $(=> $($zeek:literal)? $(/ $ecs:literal)? $(in $unit:literal)?)?,)*
        }
    )*) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, Default, PartialEq)]
            pub struct $name {
                $($(#[doc = $doc])+ pub $field: $type,)*
            }

            impl $crate::dissect::Held for $name {
                fn held(&self) -> usize {
                    0 $(+ $crate::dissect::Held::held(&self.$field))*
                }
            }

            impl $crate::dissect::record::Record for $name {
                fn kind() -> &'static $crate::dissect::record::Kind {
                    static KIND: std::sync::LazyLock<$crate::dissect::record::Kind> =
                        std::sync::LazyLock::new(|| $crate::dissect::record::Kind {
                            path: $path,
                            doc: concat!($($about),+).trim_ascii(),
                            fields: vec![$($crate::dissect::record::Field {
                                name: $crate::dissect::record::first(&[$($($zeek,)?)? stringify!($field)]),
                                ecs: { let named: &[&'static str] = &[$($($ecs)?)?]; named.first().copied() },
                                unit: $crate::dissect::record::first(&[$($($unit,)?)? ""]),
                                kind: <$type as $crate::dissect::value::FieldValue>::KIND,
                                doc: concat!($($doc),+).trim_ascii(),
                            },)*],
                        });
                    &KIND
                }

                fn values(self) -> Vec<$crate::dissect::value::Value> {
                    vec![$($crate::dissect::value::FieldValue::value(self.$field),)*]
                }
            }
        )*
    };
}
pub(in crate::dissect) use records;

/// Defines objects inside records: structs that are values, with the names of their fields as members.
macro_rules! objects {
    ($(
        $(#[doc = $about:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty $(=> $named:literal)?,)*
        }
    )*) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, Default, PartialEq)]
            pub struct $name {
                $($(#[doc = $doc])+ pub $field: $type,)*
            }

            impl $crate::dissect::Held for $name {
                fn held(&self) -> usize {
                    0 $(+ $crate::dissect::Held::held(&self.$field))*
                }
            }

            impl $crate::dissect::value::FieldValue for $name {
                const KIND: $crate::table::ColumnKind = $crate::table::ColumnKind::Text;

                fn value(self) -> $crate::dissect::value::Value {
                    $crate::dissect::value::Value::Object(vec![$((
                        $crate::dissect::record::first(&[$($named,)? stringify!($field)]),
                        $crate::dissect::value::FieldValue::value(self.$field),
                    ),)*])
                }
            }
        )*
    };
}
pub(in crate::dissect) use objects;

/// The first of several names.
pub(in crate::dissect) fn first(names: &[&'static str]) -> &'static str {
    names.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Weird;

    /// The second half of a line came before the first, which was sent again.
    #[test]
    fn a_record_is_complete_when_all_of_it_has_come() {
        let at = |packet| Moment { time: 0, packet };
        let mut out = Events::default();
        out.push(at(6), at(3), Weird { name: "x", addl: None, peer: "tcp" });
        let told: Vec<_> = out.drain().map(|event| (event.first, event.last)).collect();
        assert_eq!(told, [(at(3), at(6))]);
    }
}
