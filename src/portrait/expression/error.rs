//! What can go wrong with the network, its files and its training.

use std::path::PathBuf;

use crate::datasets::faces::FacesError;

/// Why a network could not be trained, read or asked.
#[derive(Debug, thiserror::Error)]
pub enum ExpressionError {
    /// The faces could not be read.
    #[error(transparent)]
    Faces(#[from] FacesError),

    /// The operating system refused a file or folder.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },

    /// A file of weights is broken.
    #[error("{path} is no safetensors file: {source}; copy or train it again", path = path.display())]
    NotWeights { path: PathBuf, source: safetensors::SafeTensorError },

    /// A file of weights belongs to another network.
    #[error("{path} does not fit this network: {problem}; give the weights of a MobileNetV2 (width 1.0) with torchvision's names",
        path = path.display())]
    WrongWeights { path: PathBuf, problem: String },

    /// A file of weights lacks what this program writes beside them.
    #[error("{path} was not written by this program: {problem}; give a model that `train expression` exported",
        path = path.display())]
    WrongDescription { path: PathBuf, problem: String },

    /// A setting lies outside what it may be.
    #[error("setting `{name}` is {value}; it must be {allowed}")]
    Setting { name: &'static str, value: String, allowed: &'static str },

    /// A split without faces.
    #[error("the data set holds too few faces in {split}; give the whole set")]
    NoFaces { split: &'static str },

    /// Training ran away.
    #[error(
        "the loss is {loss} in epoch {epoch}, batch {batch}: lower `learning_rate` and go on from the last checkpoint"
    )]
    Diverged { loss: f64, epoch: usize, batch: usize },

    /// A checkpoint of another run.
    #[error("{path} was trained with another `{name}` ({theirs} instead of {ours}); use the same settings or another folder",
        path = path.display())]
    OtherRun { path: PathBuf, name: &'static str, ours: String, theirs: String },

    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),

    /// A plot could not be drawn.
    #[error("cannot draw {path}: {problem}", path = path.display())]
    Plot { path: PathBuf, problem: String },
}
