//! What a stage tells while it runs, and at its end. The library counts; the front end draws.

use std::collections::BTreeMap;

use crate::tables::Status;

/// Is told how a stage goes; called from several threads.
pub trait Observer: Sync {
    /// A stage starts: files to look at now, and files whose rows are there already.
    fn begin(&self, stage: &str, files: u64, skipped: u64);
    /// One more file was looked at.
    fn advance(&self, status: Status);
    /// The stage ended.
    fn end(&self, summary: &Summary);
}

/// An observer that says nothing.
pub struct Silent;

impl Observer for Silent {
    fn begin(&self, _: &str, _: u64, _: u64) {}
    fn advance(&self, _: Status) {}
    fn end(&self, _: &Summary) {}
}

/// How a stage went.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Summary {
    /// The stage's name.
    pub stage: String,
    /// Files in the folder.
    pub inputs: u64,
    /// Files whose rows were there already.
    pub skipped: u64,
    /// Files looked at in this run, by status.
    pub statuses: BTreeMap<String, u64>,
    /// Of these, those that gave nothing.
    pub failed: u64,
    /// Entries of the folder that could not be listed.
    pub unlisted: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Summary {
    /// Files looked at in this run.
    pub fn done(&self) -> u64 {
        self.statuses.values().sum()
    }
}
