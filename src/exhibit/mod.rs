//! Pairings -> pages.
//!
//! In: the tables of a run and the folders of pictures and songs that they speak of. Out: `<run>/exhibit/`, a folder
//! that needs neither this program nor a network: `index.html`, `pictures/` (JPEG, in two sizes), `audio/` (the
//! paired songs) and `manifest.json`, which lists what was made and from what. No model is needed.
//!
//! Files are named by the id of their content, so what lies there is not made again; equal tables make equal bytes.

mod audio;
mod manifest;
mod metadata;
mod page;
mod pictures;
mod plane;
mod settings;
mod sources;
mod stage;
mod view;
mod words;

pub use metadata::MetadataError;
pub use settings::{AudioMode, ExhibitSettings, ExhibitSettingsError};
pub use stage::{ExhibitError, ExhibitSummary, build};
