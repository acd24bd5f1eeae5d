//! `pcapml features -r`: each capture of a directory by itself, with a file of rows of its own.

use std::collections::HashSet;

use super::{Context, Request, Target};
use crate::command::captures::captures;
use crate::command::{count, open_one};
use crate::error::{Error, Result};
use crate::sink::{Directory, RowFormat};

/// Computes features of every capture by itself: `<name>_flow.csv`, or how files of the format end, in the directory that is
/// the output.
///
/// # Errors
/// As [`super::run`]; but a capture that cannot be opened is a fault, and the others go on.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let format = request.format.unwrap_or(RowFormat::Csv);
    let captures = captures(&request.inputs, context)?;
    let directory = Directory::create(&request.output.path, &context.rules(&request.output, Vec::new()))?;
    let mut names = Names::default();
    let mut files = 0;
    for capture in captures {
        if let Err(error) = open_one(&capture.path, Vec::new()) {
            if request.strict {
                return Err(error);
            }
            context.fault(&error);
            continue;
        }
        let name = names.of(&capture.name, format);
        context.note(format!("{} to {name}:", capture.name));
        let output = Target { path: directory.path().join(name), force: false };
        let inputs = vec![capture.path];
        super::run(&Request { inputs, output, format: Some(format), ..request.clone() }, context)?;
        files += 1;
    }
    if files == 0 {
        return Err(Error::request("no capture could be opened"));
    }
    let others = directory.commit()?;
    context.note_any(others, "file", "in the directory not of this run");
    context.note(format!("{} written", count(files, "file")));
    Ok(())
}

/// Says what options of PyFlowMeter are worth here.
pub fn tell_throttle(context: &Context) {
    context.note(
        "-i and -l have no effect: to find the flows that are over takes the same time however many there are, and needs no throttle",
    );
}

/// The names of outputs, each given once.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// `a/b.pcap` becomes `a_b_flow.csv`; where that is taken, `a_b~2_flow.csv`.
    fn of(&mut self, capture: &str, format: RowFormat) -> String {
        let name = capture.strip_suffix(".gz").or_else(|| capture.strip_suffix(".zst")).unwrap_or(capture);
        // A name that begins with a dot has no extension there.
        let stem = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && !stem.ends_with('/') && !extension.contains('/') => stem,
            _ => name,
        };
        let stem = stem.replace('/', "_");
        let mut unique = stem.clone();
        let mut again = 1;
        while !self.0.insert(unique.clone()) {
            again += 1;
            unique = format!("{stem}~{again}");
        }
        format!("{unique}_flow.{}", format.extension())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capture_has_a_name_of_its_own() {
        let mut names = Names::default();
        for (capture, name) in [
            ("a.pcap", "a_flow.csv"),
            ("a.pcapng", "a~2_flow.csv"),
            ("day.1/b.pcap.gz", "day.1_b_flow.csv"),
            ("day.1_b.pcap", "day.1_b~2_flow.csv"),
            ("day.1/c", "day.1_c_flow.csv"),
            ("a~2.pcap", "a~2~2_flow.csv"),
            (".hidden", ".hidden_flow.csv"),
        ] {
            assert_eq!(names.of(capture, RowFormat::Csv), name);
        }
    }
}
