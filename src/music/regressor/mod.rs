//! Features -> valence and arousal, with a spread.
//!
//! A Gaussian process with a Matérn kernel on rank-normal features; one kernel serves both axes. It gives a mean and
//! a variance without any native library, the same on every machine. The spread is calibrated on the residuals of
//! songs that were left out of training, artist by artist; songs that the model was trained on get the estimate of
//! the fold that left them out.

mod evaluate;
mod gp;
mod model;
mod normal;
mod settings;
mod train;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use evaluate::{AxisScores, Evaluation, FoldScores, evaluate};
pub use model::Model;
pub use settings::Settings;
pub use train::{Observer, train};

/// Why a model cannot be trained, written or read. Each message names the file, the cause and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    #[error("{}: cannot be read or written ({source}); check the path and your rights", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: not a model of music ({detail}); train one with `promenade train music`", path.display())]
    Format { path: PathBuf, detail: String },
    #[error(
        "{}: made for features of version {found}, this program computes version {wanted}; train it anew with `promenade train music`",
        path.display()
    )]
    Version { path: PathBuf, found: u32, wanted: u32 },
    #[error("{}: not valid settings ({detail}); see pipelines/train-music.toml for an example", path.display())]
    Settings { path: PathBuf, detail: String },
    #[error(transparent)]
    Songs(#[from] crate::datasets::songs::SongsError),
    #[error(
        "only {found} labelled songs could be listened to, {needed} are needed; check the folder `{}`",
        folder.display()
    )]
    TooFew { found: usize, needed: usize, folder: PathBuf },
    #[error("the kernel's matrix cannot be factored; raise the noise in the settings")]
    Singular,
}
