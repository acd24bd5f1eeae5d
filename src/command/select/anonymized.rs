//! What a capture's own line says of how it was anonymised, as `pcapml anonymize` writes it and nothing else: of a challenge,
//! any other word may be a label.

use serde_json::{Map, Value};

use crate::packet::is_field_name;

/// Numbers with so many digits may be ids.
const MIN_ID_DIGITS: usize = 10;

/// The facts that have these keys and values; `before` of what was done before, likewise.
pub(super) fn plain(facts: &Value) -> Option<Value> {
    let facts = facts.as_object()?;
    let kept = facts.iter().filter_map(|(key, value)| {
        let value = match key.as_str() {
            "before" => plain(value)?,
            _ => value.clone(),
        };
        (key == "before" || is_written(key, &value)).then(|| (key.clone(), value))
    });
    Some(kept.collect::<Map<_, _>>()).filter(|kept| !kept.is_empty()).map(Value::Object)
}

fn is_written(key: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match key {
        "addresses" => text == "crypto-pan",
        "hardware" => ["keyed", "vendor"].contains(&text),
        "ports" => ["keep", "keyed"].contains(&text),
        "payload" => {
            ["drop", "keep"].contains(&text) || value.as_u64().is_some_and(|bytes| u32::try_from(bytes).is_ok())
        }
        "times" => ["keep", "shifted"].contains(&text) || text.strip_prefix("shifted by ").is_some_and(is_field),
        "ids" => ["keep", "rekey"].contains(&text),
        _ => false,
    }
}

/// True of a name that may be a field's, and holds no id.
fn is_field(name: &str) -> bool {
    is_field_name(name) && name.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() < MIN_ID_DIGITS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_anonymize_writes_stays_and_nothing_else() {
        let written = json!({"addresses": "crypto-pan", "hardware": "vendor", "ids": "rekey", "payload": 64, "ports": "keyed",
            "times": "shifted by source", "before": {"ids": "keep", "payload": "keep", "times": "shifted by sample"}});
        assert_eq!(plain(&written), Some(written.clone()));
        let mut more = written.clone();
        for (key, value) in [("answers", json!("7 is dns")), ("ids", json!("7")), ("payload", json!(1_u64 << 40))] {
            more[key] = value.clone();
            more["before"][key] = value;
        }
        for (key, value) in [("times", json!("shifted by 7=dns")), ("ports", json!(["dns"])), ("hardware", json!({}))] {
            more[key] = value;
        }
        assert_eq!(plain(&more), Some(json!({"addresses": "crypto-pan", "before": {"times": "shifted by sample"}})));
        assert_eq!(plain(&json!({"times": "shifted by x1726314818962639"})), None);
        for nothing in [json!("dns"), json!({"before": {"7": "dns"}}), json!(null)] {
            assert_eq!(plain(&nothing), None);
        }
    }
}
