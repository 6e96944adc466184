//! A stage over files, run and reported the same way whichever it is.

use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use super::progress::Progress;
use super::{Common, Outcome, report};
use crate::batch::runs::{self, Circumstances};
use crate::batch::{self, Options, Stage};

/// Where a stage reads and writes, and on what it computes.
pub struct Place<'a> {
    pub folder: &'a Path,
    pub out: &'a Path,
    pub device: &'a str,
    /// Look at every file again.
    pub again: bool,
}

/// Runs a stage in a folder that is locked already, adds a row to the table of runs where it did something, and
/// reports.
pub fn run<S: Stage>(
    stage: &S,
    place: &Place<'_>,
    settings: &impl Serialize,
    common: &Common,
) -> anyhow::Result<Outcome> {
    let started = SystemTime::now();
    let options = Options { again: place.again, ..Options::default() };
    let summary = batch::run(stage, place.folder, place.out, options, &Progress::new(common))?;
    if summary.done() > 0 {
        let settings = serde_json::to_string(settings)?;
        runs::record(place.out, &summary, &Circumstances { started, device: place.device.into(), settings })?;
    }
    report::stage(&summary, place.device, common)?;
    Ok(if summary.failed > 0 { Outcome::SomeFailed } else { Outcome::AllGood })
}
