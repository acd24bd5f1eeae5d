//! The files of a release: which there may be, and whether they have the digests that SHA256SUMS says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::Release;
use crate::command::Context;
use crate::command::release::sums::{self, sha256};
use crate::command::release::{CAPTURE, CROISSANT, LINT, MANIFEST, README, SAMPLES, SAMPLES_PARQUET};
use crate::error::{Error, Result};
use crate::publish::croissant::hex;
use crate::publish::lists::{CHALLENGE_LABELS, CONTENTS, SPLITS};
use crate::publish::partition::CHALLENGE;

/// A file, as it is.
pub(super) struct File {
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
}

/// The files that are there, by name, but SHA256SUMS.
pub(super) struct Files {
    pub(super) of: BTreeMap<String, File>,
}

impl Files {
    /// Reads every file once, and tells of those that are not what SHA256SUMS says.
    ///
    /// # Errors
    /// A directory that is no release.
    pub(super) fn read(directory: &Path, context: &Context) -> Result<Self> {
        let said =
            sums::read(directory).map_err(|error| error.advise("is it a release? pcapml release writes this file"))?;
        let fault = |name: &str, what: String| context.fault(&Error::malformed(what).in_file(directory.join(name)));
        let mut of = BTreeMap::new();
        for name in [sums::NAME.to_owned()].into_iter().chain(sums::names(directory)?) {
            context.stop_if_asked()?;
            let path = directory.join(&name);
            if let Some(what) = no_file(&path)? {
                fault(&name, what);
            }
            // A link that leads nowhere is told as missing, too; a pipe would never end.
            if name == sums::NAME || !path.is_file() {
                continue;
            }
            let size = fs::metadata(&path).map_err(|error| Error::from(error).in_file(&path))?.len();
            of.insert(name, File { size, sha256: sha256(&path)? });
        }
        for (name, digest, _) in &said {
            match of.get(name) {
                None => fault(name, format!("{} names it, and it is not there", sums::NAME)),
                Some(file) if hex(&file.sha256) != *digest => {
                    fault(name, format!("its SHA-256 is not the one in {}", sums::NAME));
                }
                Some(_) => {}
            }
        }
        for name in of.keys().filter(|name| !said.iter().any(|(known, ..)| known == *name)) {
            fault(name, format!("{} does not name it", sums::NAME));
        }
        Ok(Self { of })
    }
}

/// What a file of a release may not be: a link is packed as one, and leads elsewhere where it is unpacked.
fn no_file(path: &Path) -> Result<Option<String>> {
    let kind = fs::symlink_metadata(path).map_err(|error| Error::from(error).in_file(path))?.file_type();
    Ok(match (kind.is_symlink(), kind.is_file()) {
        (true, _) => Some("it is a symbolic link: others would get that, and no file".to_owned()),
        (_, false) => Some("it is no regular file".to_owned()),
        _ => None,
    })
}

impl Release<'_> {
    /// Checks that the files are those that a release of these splits has: any other may tell a challenge's labels.
    pub(super) fn names(&self, context: &Context) {
        let members = self.members();
        let mut known: BTreeSet<String> =
            [MANIFEST, SAMPLES, SAMPLES_PARQUET, SPLITS, CONTENTS, CROISSANT, README, LINT].map(str::to_owned).into();
        known.insert(format!("{}{CAPTURE}", self.manifest.name));
        if members.contains_key(CHALLENGE) {
            known.insert(format!("{}-{CHALLENGE}{CAPTURE}", self.manifest.name));
        }
        known.extend(members.keys().map(|split| format!("{split}.txt")));
        for name in known.iter().filter(|name| !self.files.of.contains_key(*name)) {
            self.fault(name, "it is not there, and every release of these splits has it", context);
        }
        for name in self.files.of.keys().filter(|name| !known.contains(*name)) {
            let what = match name.as_str() {
                CHALLENGE_LABELS => "the labels of the challenge are not to be published",
                _ => "no release of these splits has such a file",
            };
            self.fault(name, what, context);
        }
    }
}
