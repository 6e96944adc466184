//! The table of runs: what was done when, by which settings, how fast.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};

use super::{BatchError, Summary};
use crate::tables::{Footer, RunRow, TableError, parquet};

/// When and with what a stage was run.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// When it started.
    pub started: SystemTime,
    /// `cpu` or `cuda`; empty where it makes no difference.
    pub device: String,
    /// The settings as JSON.
    pub settings: String,
}

/// Adds a row for a run that did something.
pub fn record(run: &Path, summary: &Summary, circumstances: &Circumstances) -> Result<(), BatchError> {
    let since = circumstances.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    let run_id = format!("{}-{}-{}", since.as_millis(), summary.stage, std::process::id());
    let row = RunRow {
        run_id: run_id.clone(),
        stage: summary.stage.clone(),
        started_at: DateTime::from_timestamp(since.as_secs() as i64, 0)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Secs, true),
        seconds: summary.seconds,
        inputs: summary.inputs,
        ok: summary.done() - summary.failed,
        failed: summary.failed,
        skipped: summary.skipped,
        device: circumstances.device.clone(),
        threads: rayon::current_num_threads() as u32,
        settings: circumstances.settings.clone(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let path = run.join("runs").join(format!("part-{run_id}.parquet"));
    Ok(parquet::write_part(&path, &[&row], &Footer::default())?)
}

/// The settings of the last run of a stage that did something, as JSON; `None` where there was none.
pub fn last_settings(run: &Path, stage: &str) -> Result<Option<String>, BatchError> {
    let rows = match parquet::read_table::<RunRow>(run) {
        Ok(rows) => rows,
        Err(TableError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let of_stage = rows.into_iter().filter(|row| row.stage == stage);
    Ok(of_stage
        .max_by(|a, b| (&a.started_at, &a.run_id).cmp(&(&b.started_at, &b.run_id)))
        .map(|row| row.settings))
}
