//! Labels that stand in a text: a file's name, or a comment that somebody wrote.

use regex::Regex;

use super::labels_file::check_field_name;
use crate::error::{Error, Result};

/// The group that holds the label.
const LABEL: &str = "label";

/// The group that says which texts are one sample.
const KEY: &str = "hash_key";

/// A regular expression whose named groups are a label, perhaps a hash_key, and fields.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    fields: Vec<String>,
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The label, not empty.
    pub label: String,
    /// What makes it one sample with others, if the text says so.
    pub key: Option<String>,
    /// Further groups that are not empty.
    pub fields: Vec<(String, String)>,
}

impl Pattern {
    /// Reads a regular expression of the `regex` crate's syntax, with a group `(?<label>…)`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self> {
        let regex = Regex::new(text).map_err(|error| Error::request(error.to_string()))?;
        let names: Vec<String> = regex.capture_names().flatten().map(str::to_owned).collect();
        if !names.iter().any(|name| name == LABEL) {
            return Err(Error::request(format!("the expression '{text}' has no group for the label"))
                .advise("name one: (?<label>[a-z]+)"));
        }
        let fields: Vec<String> = names.into_iter().filter(|name| name != LABEL && name != KEY).collect();
        fields.iter().try_for_each(|name| check_field_name(name))?;
        Ok(Self { regex, fields })
    }

    /// What a text says; none if it does not match, or has no label.
    pub fn read(&self, text: &str) -> Option<Named> {
        let found = self.regex.captures(text)?;
        let group =
            |name: &str| found.name(name).map(|group| group.as_str().to_owned()).filter(|text| !text.is_empty());
        Some(Named {
            label: group(LABEL)?,
            key: group(KEY),
            fields: self.fields.iter().filter_map(|name| Some((name.clone(), group(name)?))).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_become_label_and_fields() {
        let pattern = Pattern::new(r"^(?<vpn>vpn)?_?(?<label>[a-z]+)_(?<hash_key>[A-Z])\.pcap$").unwrap();
        let named = pattern.read("vpn_youtube_A.pcap").unwrap();
        assert_eq!((named.label.as_str(), named.key.as_deref()), ("youtube", Some("A")));
        assert_eq!(named.fields, [("vpn".to_owned(), "vpn".to_owned())]);
        assert_eq!(pattern.read("skype_B.pcap").unwrap().fields, []);
        assert_eq!(pattern.read("youtube.pcap"), None);
    }

    #[test]
    fn a_pattern_without_a_label_is_wrong() {
        for (text, fault) in
            [("(a", "unclosed group"), ("(?<proc>.*)", "no group for the label"), ("(?<label>a)(?<dst>b)", "'dst'")]
        {
            let error = Pattern::new(text).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
