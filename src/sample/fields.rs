//! The fields of samples as columns of a table.

use std::collections::HashSet;

use crate::packet::Sample;

/// The names of all fields, in the order in which they are met.
pub fn names<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Vec<String> {
    let mut seen = HashSet::new();
    let keys = samples.into_iter().flat_map(|sample| &sample.fields).map(|(key, _)| key);
    keys.filter(|key| seen.insert(key.as_str())).cloned().collect()
}

/// What the columns of these fields are called in a table whose other columns are called `taken`: a field that is called
/// like one of those, in capitals or not, has `sample_` before its name, as often as it takes.
pub fn column_names(fields: &[String], taken: &[&str]) -> Vec<String> {
    let key = |name: &str| name.to_ascii_lowercase();
    let mut taken: HashSet<String> = taken.iter().map(|name| key(name)).collect();
    let fields_too: HashSet<String> = fields.iter().map(|name| key(name)).collect();
    let column = |field: &String| {
        let mut name = field.clone();
        // Another field may have the longer name already.
        while taken.contains(&key(&name)) || name != *field && fields_too.contains(&key(&name)) {
            name = format!("sample_{name}");
        }
        taken.insert(key(&name));
        name
    };
    fields.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_have_one_name() {
        let fields = ["packets", "sample_packets", "os", "OS", "Label"].map(str::to_owned);
        let expected = ["sample_sample_packets", "sample_packets", "os", "sample_OS", "sample_Label"];
        assert_eq!(column_names(&fields, &["label", "packets"]), expected);
    }
}
