//! The expression of a face.
//!
//! In: an aligned square crop of a face. Out: an [`Estimate`](crate::affect::Estimate) on the valence-arousal plane
//! and FER2013's seven emotions. Between them stands a MobileNetV2 with four heads, trained here ([`train`]) on
//! FER2013 and FER+.
//!
//! * [`settings`], [`augment`], [`loader`], [`optimizer`], [`checkpoint`], [`history`], [`train`]: training
//! * [`network`], [`weights`]: the network and its files
//! * [`preprocess`], [`folded`], [`model`], [`calibrate`]: asking it
//! * [`evaluate`], [`finish`](finish()): how good it is; from a checkpoint to a model

pub mod augment;
pub mod calibrate;
pub mod checkpoint;
mod error;
pub mod evaluate;
mod finish;
pub mod folded;
pub mod history;
pub mod loader;
mod loss;
pub mod model;
pub mod network;
pub mod optimizer;
pub mod preprocess;
pub mod runtime;
pub mod settings;
mod train;
pub mod weights;

pub use calibrate::Calibration;
pub use error::ExpressionError;
pub use finish::finish;
pub use history::EpochReport;
pub use model::{Expression, Reading, export};
pub use settings::TrainSettings;
pub use train::{Outcome, train};

#[cfg(test)]
mod tests;
