//! What captures say that results may not rest on.

use std::path::PathBuf;

use crate::capture::{Block, Reader};
use crate::error::{Error, Result};
use crate::redact::{Field, Mask};
use crate::sample::header::Header;

/// The fields that a capture's header disallows, less those that are masked in its packets already.
///
/// # Errors
/// A name that is no field's, so that it cannot be masked.
pub fn disallowed(header: Option<&Header>) -> Result<Mask> {
    let Some(header) = header else { return Ok(Mask::default()) };
    let open = header.disallow.iter().filter(|name| !header.masked.contains(name));
    let open = Mask::of_names(open).map_err(|error| {
        Error::request("the capture disallows a field that is not known here").advise(error.to_string())
    })?;
    // One field may have two names: tcp.port is disallowed, and port is masked.
    let masked = header.masked.iter().filter_map(|name| name.parse::<Field>().ok()).collect();
    Ok(open.without(masked))
}

/// Those of several captures together. What is no file, a pipe, cannot be asked, and counts as without.
///
/// # Errors
/// As [`disallowed`]. Captures that cannot be read say nothing; whoever reads them on is told.
pub fn disallowed_in<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Result<Mask> {
    paths.into_iter().filter(|path| path.is_file()).try_fold(Mask::default(), |all, path| {
        let Ok(reader) = Reader::open(path, 1) else { return Ok(all) };
        let here = disallowed(Header::read(reader.section_options()).as_ref());
        here.map(|here| all.with(here)).map_err(|error| error.in_file(path))
    })
}

/// Sees that a section of a capture disallows nothing but what is masked: only the first one is asked in advance, a pipe
/// none, and what was given cannot be taken back. `advice` gets the fields that are not.
///
/// # Errors
/// Which fields.
pub fn refuse_later(section: &Block, masked: Mask, advice: impl FnOnce(Mask) -> String) -> Result<()> {
    let unknown = disallowed(Header::read(section.section_options()).as_ref())?.without(masked);
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(Error::request(format!(
            "this section disallows {unknown}, and that can be asked of the first section of a file only"
        ))
        .at(section.position)
        .advise(advice(unknown))),
    }
}

/// What is zeroed in packets, and whether sections may disallow more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Enforcement {
    /// What is zeroed.
    pub(super) mask: Mask,
    /// What sections disallow is enforced.
    pub(super) enforces: bool,
}

impl Enforcement {
    /// Sees what a section says.
    ///
    /// # Errors
    /// If it disallows more than is zeroed.
    pub(super) fn section(&self, section: &Block) -> Result<()> {
        if !self.enforces {
            return Ok(());
        }
        refuse_later(section, self.mask, |unknown| {
            let names: Vec<String> = unknown.names().iter().map(|name| format!("\"{name}\"")).collect();
            format!("mask=[{}] enforces it, mask=None does not", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_needs_no_mask() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let header = |disallow: &[&str], masked: &[&str]| Header {
            disallow: names(disallow),
            masked: names(masked),
            ..Header::default()
        };
        let found = disallowed(Some(&header(&["ip.addr", "ip.ttl"], &["ip.ttl", "later"]))).unwrap();
        assert_eq!(found.to_string(), "ip.addr");
        let found = disallowed(Some(&header(&["tcp.port", "ipv6.hlim"], &["port"]))).unwrap();
        assert_eq!(found.to_string(), "ip.ttl");
        assert!(disallowed(None).unwrap().is_empty());
        assert!(disallowed(Some(&header(&["later"], &[]))).unwrap_err().to_string().contains("'later'"));
    }
}
