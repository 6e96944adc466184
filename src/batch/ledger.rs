//! Which files have their rows: per bucket the path, size and time of change of each file that its part files hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{BatchError, Input};
use crate::tables::atomic;

/// What is remembered of a file: unchanged size and time of change mean unchanged bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    bytes: u64,
    modified_ns: u64,
}

impl Entry {
    pub fn of(input: &Input) -> Self {
        Self { bytes: input.bytes, modified_ns: input.modified_ns }
    }
}

/// The ledger page of one bucket.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Page(BTreeMap<String, Entry>);

impl Page {
    pub fn of(inputs: &[Input]) -> Self {
        Self(inputs.iter().map(|input| (input.relative.clone(), Entry::of(input))).collect())
    }

    /// Whether the file is known and unchanged.
    pub fn holds(&self, input: &Input) -> bool {
        self.0.get(&input.relative) == Some(&Entry::of(input))
    }

    /// The page as it lies on the disk. One that is missing or torn is empty: its files are simply looked at again.
    pub fn load(run: &Path, stage: &str, bucket: u32) -> Self {
        let text = std::fs::read(path(run, stage, bucket)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub fn save(&self, run: &Path, stage: &str, bucket: u32) -> Result<(), BatchError> {
        let path = path(run, stage, bucket);
        let bytes = serde_json::to_vec(self)
            .map_err(|error| BatchError::Write { path: path.clone(), source: error.into() })?;
        atomic::write_bytes(&path, &bytes).map_err(|source| BatchError::Write { path, source })
    }
}

/// The buckets that have a page.
pub(super) fn buckets(run: &Path, stage: &str) -> Vec<u32> {
    let entries = std::fs::read_dir(folder(run, stage)).into_iter().flatten().flatten();
    let number = |name: &str| name.strip_prefix("bucket-")?.strip_suffix(".json")?.parse().ok();
    let mut buckets: Vec<u32> = entries.filter_map(|entry| number(entry.file_name().to_str()?)).collect();
    buckets.sort_unstable();
    buckets
}

pub(super) fn remove(run: &Path, stage: &str, bucket: u32) -> std::io::Result<()> {
    std::fs::remove_file(path(run, stage, bucket))
}

fn folder(run: &Path, stage: &str) -> PathBuf {
    run.join(".ledger").join(stage)
}

fn path(run: &Path, stage: &str, bucket: u32) -> PathBuf {
    folder(run, stage).join(format!("bucket-{bucket:05}.json"))
}
