//! A run on disk: `last.safetensors` to go on from, `best.safetensors` to use.
//!
//! The last checkpoint holds the weights (`model.`), their running average (`average.`), the optimiser's moments
//! (`first.`, `second.`) and, in its description, the settings and the history.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::Tensor;
use tch::nn::VarStore;

use super::optimizer::AdamW;
use super::{EpochReport, ExpressionError, TrainSettings, weights};

/// What a run knows of itself besides its weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    pub settings: TrainSettings,
    /// One row a finished epoch.
    pub history: Vec<EpochReport>,
    /// Steps taken.
    pub step: i64,
    /// What a plateau has left of the learning rate, 1 at first.
    pub rate_factor: f64,
    /// Epochs since validation improved or the rate fell.
    pub stale: usize,
}

impl Progress {
    /// A run that has not begun.
    pub fn new(settings: &TrainSettings) -> Self {
        Self { settings: settings.clone(), history: Vec::new(), step: 0, rate_factor: 1.0, stale: 0 }
    }

    /// The best epoch's four-class accuracy on PublicTest.
    pub fn best(&self) -> Option<f64> {
        self.history.iter().filter(|row| row.best).map(|row| row.four_class_accuracy).next_back()
    }

    /// Epochs since the best one.
    pub fn since_best(&self) -> usize {
        self.history.iter().rev().take_while(|row| !row.best).count()
    }
}

/// The checkpoint from which a run in `folder` goes on.
pub fn last(folder: &Path) -> PathBuf {
    folder.join("last.safetensors")
}

/// The weights of the best epoch of a run in `folder`.
pub fn best(folder: &Path) -> PathBuf {
    folder.join("best.safetensors")
}

/// Writes the last checkpoint and, where its last epoch is the best, the best weights.
///
/// # Errors
/// Where the folder does not take the files; an older checkpoint then stays as it was.
pub fn save(
    folder: &Path,
    store: &VarStore,
    average: &VarStore,
    optimizer: &AdamW,
    progress: &Progress,
) -> Result<(), ExpressionError> {
    if progress.history.last().is_some_and(|row| row.best) {
        weights::write(&best(folder), &average.variables(), progress)?;
    }
    let mut all = optimizer.state();
    for (prefix, store) in [("model.", store), ("average.", average)] {
        all.extend(store.variables().into_iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor)));
    }
    weights::write(&last(folder), &all, progress)
}

/// Reads the last checkpoint of a run with the same settings into the stores and the optimiser.
///
/// # Errors
/// [`ExpressionError::OtherRun`] where a setting that decides the outcome differs.
pub fn load(
    folder: &Path,
    settings: &TrainSettings,
    store: &VarStore,
    average: &VarStore,
    optimizer: &mut AdamW,
) -> Result<Progress, ExpressionError> {
    let path = last(folder);
    let file = weights::read(&path)?;
    let mut progress: Progress = file.describe(&path)?;
    refuse_other_run(&path, settings, &progress.settings)?;
    progress.settings = settings.clone();
    let all = |_: &str| true;
    file.copy_into(&path, "model.", &store.variables(), all)?;
    file.copy_into(&path, "average.", &average.variables(), all)?;
    let moments: HashMap<String, Tensor> = optimizer.state();
    file.copy_into(&path, "", &moments, all)?;
    optimizer.step = progress.step;
    Ok(progress)
}

/// More epochs, other threads or another device are welcome; another seed, size or loss is another run.
fn refuse_other_run(
    path: &Path,
    ours: &TrainSettings,
    theirs: &TrainSettings,
) -> Result<(), ExpressionError> {
    let pairs = [
        ("seed", ours.seed.to_string(), theirs.seed.to_string()),
        ("input_px", ours.input_px.to_string(), theirs.input_px.to_string()),
        ("batch", ours.batch.to_string(), theirs.batch.to_string()),
        ("loss", format!("{:?}", ours.loss), format!("{:?}", theirs.loss)),
        ("augment", format!("{:?}", ours.augment), format!("{:?}", theirs.augment)),
    ];
    for (name, ours, theirs) in pairs {
        if ours != theirs {
            return Err(ExpressionError::OtherRun { path: path.to_owned(), name, ours, theirs });
        }
    }
    Ok(())
}
