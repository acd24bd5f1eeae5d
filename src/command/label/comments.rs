//! The options that label packets, made when they are first needed.

use std::collections::{HashMap, HashSet};

use super::labeller::SampleNumber;
use crate::error::{Error, Result};
use crate::packet::{PACKET_FIELD, Sample, code, push_option};
use crate::sample::comment::{self, Form};

/// The field that says which file a sample comes from.
pub(super) const SOURCE: &str = "source";

/// The options of all samples.
pub(super) struct Comments {
    form: Form,
    /// Samples get a field that names their file: the number and name of the one that is being read.
    source: Option<(u32, String)>,
    made: Vec<Option<Made>>,
    /// Of samples that were first met in another file than the one that is being read.
    away: HashMap<SampleNumber, Vec<u8>>,
    /// The samples that were ever so.
    abroad: HashSet<SampleNumber>,
}

struct Made {
    option: Vec<u8>,
    /// The number of the file where the sample was first met.
    home: u32,
    home_name: Option<String>,
}

impl Comments {
    pub(super) fn new(form: Form, source: bool) -> Self {
        Self {
            form,
            source: source.then(|| (0, String::new())),
            made: Vec::new(),
            away: HashMap::new(),
            abroad: HashSet::new(),
        }
    }

    /// What follows is of this file.
    pub(super) fn next_file(&mut self, name: &str) {
        if let Some((number, current)) = &mut self.source {
            *number += 1;
            name.clone_into(current);
            self.away.clear();
        }
    }

    /// The option that labels a packet of this sample in the current file.
    ///
    /// # Errors
    /// If label and fields are longer than a comment may be.
    #[inline]
    pub(super) fn option(&mut self, samples: &[Sample], number: SampleNumber) -> Result<&[u8]> {
        let at = number as usize;
        let current = self.source.as_ref().map_or(0, |(number, _)| *number);
        let known = self.made.get(at).and_then(Option::as_ref).map(|made| made.home);
        match known {
            Some(home) if home == current => {}
            None => self.make(samples, number)?,
            Some(_) => return self.away(samples, number),
        }
        Ok(self.made[at].as_ref().map_or(&[], |made| made.option.as_slice()))
    }

    /// How many samples have packets from several files.
    pub(super) fn abroad(&self) -> usize {
        self.abroad.len()
    }

    #[cold]
    fn make(&mut self, samples: &[Sample], number: SampleNumber) -> Result<()> {
        let at = number as usize;
        if self.made.len() <= at {
            self.made.resize_with(samples.len().max(at + 1), || None);
        }
        let made = match &self.source {
            None => Made { option: option(&samples[at], self.form)?, home: 0, home_name: None },
            Some((home, name)) => {
                let sample = with_field(&samples[at], SOURCE.to_owned(), name);
                Made { option: option(&sample, self.form)?, home: *home, home_name: Some(name.clone()) }
            }
        };
        self.made[at] = Some(made);
        Ok(())
    }

    /// A packet of a sample that began in another file says so itself: what the sample says is the same on each packet.
    fn away(&mut self, samples: &[Sample], number: SampleNumber) -> Result<&[u8]> {
        let at = number as usize;
        if !self.away.contains_key(&number) {
            let home = self.made[at].as_ref().and_then(|made| made.home_name.as_deref()).unwrap_or_default();
            let here = self.source.as_ref().map_or("", |(_, name)| name);
            let sample = with_field(&samples[at], SOURCE.to_owned(), home);
            let sample = with_field(&sample, format!("{PACKET_FIELD}{SOURCE}"), here);
            self.away.insert(number, option(&sample, self.form)?);
            self.abroad.insert(number);
        }
        Ok(&self.away[&number])
    }
}

fn with_field(sample: &Sample, key: String, value: &str) -> Sample {
    let mut sample = sample.clone();
    sample.fields.push((key, value.to_owned()));
    sample
}

/// The option that labels a packet of this sample.
///
/// # Errors
/// If label and fields are longer than a comment may be.
pub(super) fn option(sample: &Sample, form: Form) -> Result<Vec<u8>> {
    let text = comment::format(sample, form);
    if text.len() > comment::MAX_COMMENT {
        return Err(Error::labels(format!(
            "label and fields need {} bytes; a comment holds {}",
            text.len(),
            comment::MAX_COMMENT
        )));
    }
    let mut option = Vec::new();
    push_option(&mut option, code::OPT_COMMENT, text.as_bytes());
    Ok(option)
}
