//! Picture -> faces -> expression.
//!
//! [`look`] takes the path of a picture and gives its size in pixels, upright; its faces, best first, in pixels of
//! the upright original; and for each face a square RGB crop of [`crop::SIDE`] pixels, aligned by the eyes, nose and
//! mouth. [`expression`] reads the crops.

pub mod crop;
pub mod decode;
pub mod detect;
pub mod expression;
pub mod process;
pub mod stage;

use std::path::Path;

use image::RgbImage;

pub use decode::{DecodeError, Limits};
pub use detect::{DetectError, Detectors, Face};

/// What was seen in a picture.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Width of the upright picture in pixels.
    pub width: u32,
    /// Height of the upright picture in pixels.
    pub height: u32,
    /// Whether the file ends early, so that only part of the picture could be looked at.
    pub partial: bool,
    /// The faces, best first: the first is the primary face. Empty where there is none.
    pub faces: Vec<Face>,
    /// The aligned crop of each face, in the same order.
    pub crops: Vec<RgbImage>,
}

impl Seen {
    /// The row's status: `partial`, else `no_face` where there is none, else `ok`.
    pub fn status(&self) -> &'static str {
        match (self.partial, self.faces.is_empty()) {
            (true, _) => "partial",
            (false, true) => "no_face",
            (false, false) => "ok",
        }
    }
}

/// Why a picture could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The file gave no picture.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The detector failed.
    #[error(transparent)]
    Detect(#[from] DetectError),
}

impl LookError {
    /// The row's status.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Decode(error) => error.status(),
            Self::Detect(_) => "crashed",
        }
    }

    /// The row's error kind: a word that can be counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Decode(error) => error.kind(),
            Self::Detect(error) => error.kind(),
        }
    }
}

/// Reads a picture, finds its faces and crops each.
///
/// # Errors
///
/// Where the file cannot be read or decoded within the limits, or where the detector fails. A picture without a
/// face is no error.
pub fn look(path: &Path, limits: &Limits, detectors: &Detectors) -> Result<Seen, LookError> {
    let picture = decode::decode(path, limits)?;
    let faces = detectors.find(&picture.rgb)?;
    let crops = faces.iter().map(|face| crop::align(&picture.rgb, face)).collect();
    let (width, height) = picture.rgb.dimensions();
    Ok(Seen { width, height, partial: picture.partial, faces, crops })
}
