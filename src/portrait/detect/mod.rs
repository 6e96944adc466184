//! Upright RGB picture -> faces, in pixels of the picture, best first.
//!
//! Three looks, each taken only where the one before found nothing: YuNet with the picture's longer side at 320
//! pixels, YuNet at 640, CenterFace at 320. The first finds nearly all painted faces at a few milliseconds each; the
//! second is for small faces, the third for faces that are drawn rather than painted after nature.
//!
//! * YuNet: Wu, Peng and Yu, "YuNet: A tiny millisecond-level face detector", Machine Intelligence Research 20, 2023.
//! * CenterFace: Xu, Yan, Yang and others, "CenterFace: joint face detection and alignment using face as point",
//!   Scientific Programming 2020.

mod boxes;
mod centerface;
mod letterbox;
mod onnx;
mod session;
mod yunet;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use image::RgbImage;

use crate::locate::{self, LocateError};
use letterbox::{Channels, Letterbox};
use session::Net;

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Left edge in pixels from the left of the upright picture.
    pub x: f32,
    /// Upper edge in pixels from the top of the upright picture.
    pub y: f32,
    /// Width in pixels; the box never leaves the picture.
    pub width: f32,
    /// Height in pixels.
    pub height: f32,
    /// How sure the detector is, from its threshold to 1. Scores of different steps are not comparable.
    pub score: f32,
    /// x, y of the sitter's right eye, left eye, nose, right and left corner of the mouth, in pixels; the sitter's
    /// right is the picture's left. They may lie outside of the picture where the face is cut off.
    pub landmarks: [f32; 10],
    /// The look that found it.
    pub step: Step,
}

impl Face {
    /// Intersection over union of the two boxes, 0 to 1.
    pub fn iou(&self, other: &Self) -> f32 {
        boxes::iou(self, other)
    }
}

/// One look at a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// YuNet, longer side 320 pixels.
    Yunet320,
    /// YuNet, longer side 640 pixels.
    Yunet640,
    /// CenterFace, longer side 320 pixels.
    CenterFace320,
}

impl Step {
    /// The three looks, in the order in which they are taken.
    pub const CASCADE: [Self; 3] = [Self::Yunet320, Self::Yunet640, Self::CenterFace320];

    /// Its name in tables and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yunet320 => "yunet_320",
            Self::Yunet640 => "yunet_640",
            Self::CenterFace320 => "centerface_320",
        }
    }

    /// The longer side of what the detector sees, in pixels.
    const fn side(self) -> u32 {
        match self {
            Self::Yunet320 | Self::CenterFace320 => 320,
            Self::Yunet640 => 640,
        }
    }

    /// The lowest score that counts. For YuNet that of its authors' demonstration is 0.9, for photographs; painted
    /// faces score lower, and 0.6 lets in 1 of 50 pictures without people.
    const fn threshold(self) -> f32 {
        match self {
            Self::Yunet320 | Self::Yunet640 => 0.6,
            Self::CenterFace320 => 0.4,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why no detector can be had, or why it failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// A part is missing.
    #[error(transparent)]
    Missing(#[from] LocateError),
    /// ONNX Runtime does not load.
    #[error("{}: ONNX Runtime 1.31.1 does not load from it: {reason}. Run `make setup`.", path.display())]
    Runtime {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// A model's file is of no use.
    #[error("{}: is not the detector's model: {reason}. Delete it and run `make setup`.", path.display())]
    Model {
        /// The model's file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A look failed.
    #[error(
        "the face detector failed at {step}: {reason}. Run `promenade doctor`; more free memory may help."
    )]
    Inference {
        /// The look.
        step: Step,
        /// What the runtime said.
        reason: String,
    },
}

impl DetectError {
    /// A word that can be counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Missing(_) => "detector_missing",
            Self::Runtime { .. } => "onnxruntime",
            Self::Model { .. } => "detector_model",
            Self::Inference { .. } => "detector_inference",
        }
    }
}

/// Where the parts of the detectors lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// ONNX Runtime's library. The first that a process loads serves it to its end.
    pub onnxruntime: PathBuf,
    /// YuNet.
    pub yunet: PathBuf,
    /// CenterFace.
    pub centerface: PathBuf,
}

impl Parts {
    /// The parts where `make setup` or an installation laid them.
    ///
    /// # Errors
    ///
    /// Names the part that is missing.
    pub fn locate() -> Result<Self, LocateError> {
        Ok(Self {
            onnxruntime: locate::onnxruntime()?,
            yunet: locate::yunet()?,
            centerface: locate::centerface()?,
        })
    }
}

/// The detectors of a process: as many as threads ask at once, each on a single thread of its own, made when first
/// needed and kept. Two detectors of one thread each do twice the work of one with two threads.
pub struct Detectors {
    models: session::Models,
    steps: Vec<Step>,
    idle: Mutex<Vec<Detector>>,
}

impl Detectors {
    /// Detectors that take the whole cascade, with the parts where they are found.
    ///
    /// # Errors
    ///
    /// Where a part is missing or of no use.
    pub fn open() -> Result<Self, DetectError> {
        Self::with(&Parts::locate()?, &Step::CASCADE)
    }

    /// Detectors that take these looks in this order, each only where those before found nothing.
    ///
    /// # Errors
    ///
    /// Where a part is of no use.
    pub fn with(parts: &Parts, steps: &[Step]) -> Result<Self, DetectError> {
        let models = session::Models::load(parts)?;
        let detectors = Self { models, steps: steps.to_vec(), idle: Mutex::default() };
        // A model that cannot be used is found out here and not in the middle of a run.
        let mut trial = Detector::default();
        for step in steps {
            trial.look(&detectors.models, *step, &RgbImage::new(32, 32))?;
        }
        detectors.put_back(trial);
        Ok(detectors)
    }

    /// The faces of an upright picture, best first; the boxes lie within the picture.
    ///
    /// May be called from many threads at once. The answer depends on the picture alone.
    ///
    /// # Errors
    ///
    /// Where the runtime fails.
    pub fn find(&self, picture: &RgbImage) -> Result<Vec<Face>, DetectError> {
        if picture.width() == 0 || picture.height() == 0 {
            return Ok(Vec::new());
        }
        let mut detector = self.take();
        for step in &self.steps {
            let faces = detector.look(&self.models, *step, picture)?;
            if !faces.is_empty() {
                self.put_back(detector);
                return Ok(faces);
            }
        }
        self.put_back(detector);
        Ok(Vec::new())
    }

    fn take(&self) -> Detector {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put_back(&self, detector: Detector) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(detector);
    }
}

/// What one thread needs; a network is loaded when its look is first taken.
#[derive(Default)]
struct Detector {
    yunet: Option<Net>,
    centerface: Option<Net>,
    letterbox: Letterbox,
}

impl Detector {
    fn look(
        &mut self,
        models: &session::Models,
        step: Step,
        picture: &RgbImage,
    ) -> Result<Vec<Face>, DetectError> {
        let mut faces = match step {
            Step::Yunet320 | Step::Yunet640 => {
                let net = net(&mut self.yunet, || models.yunet())?;
                let input = self.letterbox.fill(picture, step.side(), Channels::Bgr);
                yunet::faces(net, &input, step)?
            }
            Step::CenterFace320 => {
                let net = net(&mut self.centerface, || models.centerface())?;
                let input = self.letterbox.fill(picture, step.side(), Channels::Rgb);
                centerface::faces(net, &input, step)?
            }
        };
        boxes::clip(&mut faces, picture.width() as f32, picture.height() as f32);
        Ok(boxes::suppress(faces))
    }
}

fn net(
    slot: &mut Option<Net>,
    load: impl FnOnce() -> Result<Net, DetectError>,
) -> Result<&mut Net, DetectError> {
    match slot {
        Some(net) => Ok(net),
        None => Ok(slot.insert(load()?)),
    }
}

#[cfg(test)]
mod tests;
