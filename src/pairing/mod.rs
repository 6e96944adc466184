//! Faces x songs -> pairings.
//!
//! In: the tables `faces` and `songs` of a run. Out: its table `pairings`, for each portrait the songs that lie
//! nearest to its primary face on the valence-arousal plane, and why. No model is needed, only the tables.
//!
//! The distance of a portrait at mu_p and a song at mu_s with covariance Sigma_s is the root of the expected squared
//! distance, `sqrt(|mu_p - mu_s|^2 + trace(Sigma_s))`: among songs in the same place the surer one is nearer. The
//! score is `exp(-distance / 0.5)`. With `position = "standardised"` both collections are first laid on mean 0,
//! standard deviation 1 an axis, so distances are in standard deviations; else they are in units of the plane.

mod collection;
mod nearest;
mod settings;
mod stage;
mod tree;
mod why;

pub use collection::{ANNOTATION_SD, Collection, Place, song_estimate, song_is_annotated};
pub use nearest::{Match, SCORE_SCALE, nearest, score};
pub use settings::{ClassRule, Method, PairSettings, Position, SettingsError, SongSource};
pub use stage::{PairError, PairSummary, pair, settings_of};
