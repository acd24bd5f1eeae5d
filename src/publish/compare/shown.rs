//! A comparison as tables, and as an object for programs.

use serde_json::{Map, Value as Json, json};

use super::Outcome;
use crate::publish::classes;
use crate::table::{Column, ColumnKind, Table, Value};

impl Outcome {
    /// Each label, the averages over labels, and counts of packets; `row` says which of these a row is.
    pub fn table(&self) -> Table {
        let of = |kind: &str, row: Vec<Value>| [vec![Value::Text(kind.to_owned())], row].concat();
        let labels = classes::table(&self.labels).rows.into_iter().map(|row| of("label", row));
        let averages = classes::average_rows(&self.labels).into_iter().map(|row| of("average", row));
        let packets = self.packet_counts().into_iter().map(|(name, count)| {
            let mut row = vec![Value::Text(name.to_owned())];
            // The number of packets stands where that of a label's packets does.
            row.extend([Value::Missing, Value::Missing, Value::Missing, Value::Count(count)]);
            row.extend([Value::Missing, Value::Missing]);
            of("packets", row)
        });
        let kind = Column::new("row", ColumnKind::Text, "What the row is about: a label, an average, or packets.");
        Table {
            rows: labels.chain(averages).chain(packets).collect(),
            columns: std::iter::once(kind).chain(classes::columns()).collect(),
        }
    }

    /// Each label, and the averages.
    pub fn labels_table(&self) -> Table {
        let mut table = classes::table(&self.labels);
        table.rows.extend(classes::average_rows(&self.labels).into_iter().map(|mut row| {
            if let Some(Value::Text(name)) = row.first_mut() {
                *name = format!("({name} average)");
            }
            row
        }));
        table
    }

    /// How many packets there are, and how many agree.
    pub fn packets_table(&self) -> Table {
        let row = |(name, count): (&str, u64)| vec![Value::Text(name.replace('_', " ")), Value::Count(count)];
        Table {
            columns: vec![
                Column::new("packets", ColumnKind::Text, "Which packets."),
                Column::new("number", ColumnKind::Count, "How many."),
            ],
            rows: self.packet_counts().into_iter().map(row).collect(),
        }
    }

    /// Everything, for programs.
    pub fn json(&self) -> Json {
        let packets: Map<String, Json> =
            self.packet_counts().into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect();
        json!({
            "packets": packets,
            "agreement": self.agreement(),
            "agreement_labelled": self.labelled_agreement(),
            "time_unit": f64::from(self.unit) / 1e9,
            "labels": classes::objects(&self.labels),
            "averages": classes::average_objects(&self.labels),
            "confusion": self.confusion.objects("packets"),
        })
    }

    fn packet_counts(&self) -> Vec<(&'static str, u64)> {
        let [truth, test] = &self.sides;
        vec![
            ("truth", truth.packets),
            ("truth_labelled", truth.labelled),
            ("test", test.packets),
            ("test_labelled", test.labelled),
            ("matched", self.matched),
            ("only_truth", truth.alone),
            ("only_truth_labelled", truth.alone_labelled),
            ("only_truth_copies", truth.copies),
            ("only_test", test.alone),
            ("only_test_labelled", test.alone_labelled),
            ("only_test_copies", test.copies),
            ("bytes_differ", self.altered),
            ("twins_truth", truth.twins),
            ("twins_test", test.twins),
            ("ambiguous", self.ambiguous),
            ("compared", self.compared),
            ("equal", self.equal),
            ("compared_labelled", self.either),
            ("equal_labelled", self.either_equal),
        ]
    }
}
