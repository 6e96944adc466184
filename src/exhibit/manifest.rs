//! What lies in the exhibit and what it was made from.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sources::inside;

/// The list of an exhibit's files, kept beside them as `manifest.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Hash of tables, metadata, settings and templates.
    pub fingerprint: String,
    /// Bytes of each file, by its path relative to the exhibit.
    pub files: BTreeMap<String, u64>,
    /// What the exhibit came to, as its summary.
    pub summary: super::ExhibitSummary,
}

/// Its name in the exhibit.
pub(super) const NAME: &str = "manifest.json";

impl Manifest {
    /// The manifest of an exhibit; none where there is none that can be read.
    pub(super) fn read(exhibit: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(exhibit.join(NAME)).ok()?).ok()
    }

    /// Whether all files are there in the size that they were made in.
    pub(super) fn is_whole(&self, exhibit: &Path) -> bool {
        self.files.iter().all(|(file, &bytes)| size(exhibit, file) == Some(bytes))
    }

    /// Removes files of an older exhibit that this one does not show any more.
    pub(super) fn remove_stale(&self, older: &Self, exhibit: &Path) {
        for file in older.files.keys().filter(|file| !self.files.contains_key(*file)) {
            if let Some(path) = inside(Path::new(file)) {
                // A file that cannot be removed does no harm: nothing points to it.
                let _ = std::fs::remove_file(exhibit.join(path));
            }
        }
    }
}

/// Bytes of a file in the exhibit; none where it is not there.
pub(super) fn size(exhibit: &Path, file: &str) -> Option<u64> {
    std::fs::metadata(exhibit.join(file)).ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
}
