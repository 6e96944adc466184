//! What `train music` and `evaluate music` read.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ModelError;
use super::gp::Kernel;

/// Settings of a training; see `pipelines/train-music.toml`. Paths count from the folder that the command is run in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder of a labelled set, as it is distributed.
    pub folder: PathBuf,
    /// Where the model is written.
    pub out: PathBuf,
    /// Targets in place of the set's own: `Song,...,valence,arousal` in [-1, 1].
    pub targets: Option<PathBuf>,
    /// Folds: `song,...,fold`. Without it, ten folds by a hash of the artist.
    pub folds: Option<PathBuf>,
    /// Seconds of each song that are analysed.
    #[serde(default = "default_seconds")]
    pub max_seconds: f64,
    /// Candidate kernels: every scale with every noise.
    #[serde(default = "default_scales")]
    pub scales: Vec<f64>,
    #[serde(default = "default_noises")]
    pub noises: Vec<f64>,
}

fn default_seconds() -> f64 {
    900.0
}

fn default_scales() -> Vec<f64> {
    vec![0.25, 0.5, 1.0, 2.0]
}

fn default_noises() -> Vec<f64> {
    vec![0.15, 0.3, 0.6]
}

impl Settings {
    /// Reads a file of settings.
    ///
    /// # Errors
    /// `Io`, or `Settings` where it is not TOML, has an unknown key or a number that makes no sense.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ModelError::Io { path: path.to_owned(), source })?;
        let wrong = |detail: String| ModelError::Settings { path: path.to_owned(), detail };
        let settings: Self = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        let positive =
            |numbers: &[f64]| !numbers.is_empty() && numbers.iter().all(|x| x.is_finite() && *x > 0.0);
        if !positive(&settings.scales) || !positive(&settings.noises) || !positive(&[settings.max_seconds]) {
            return Err(wrong("`scales`, `noises` and `max_seconds` must be positive numbers".into()));
        }
        Ok(settings)
    }

    /// Every candidate kernel.
    pub(super) fn grid(&self) -> Vec<Kernel> {
        let of_scale = |&scale: &f64| self.noises.iter().map(move |&noise| Kernel { scale, noise });
        self.scales.iter().flat_map(of_scale).collect()
    }
}
