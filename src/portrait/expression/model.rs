//! A trained model: a file of weights, what is written beside them, and what it says of faces.

use std::path::Path;
use std::sync::Mutex;

use image::RgbImage;
use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::calibrate::Calibration;
use super::folded::Folded;
use super::network::{Network, input};
use super::preprocess::{Grey, enlarge, from_crop};
use super::{ExpressionError, checkpoint::Progress, runtime, weights};
use crate::affect::expression_targets::{Emotion, VOTED};
use crate::affect::{Class, Estimate};
use crate::datasets::faces::PIXELS;

/// Faces a forward pass. Always so many, padded with black ones: the shape decides how libtorch computes, and a face's
/// result must not depend on its neighbours.
const BATCH: usize = 16;

/// What a model's file says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// [`Description::KIND`].
    pub kind: String,
    /// Side of the input in pixels.
    pub input_px: usize,
    /// Whether a face's outputs are the mean of its own and its mirror image's.
    pub mirror: bool,
    /// Means and deviations that grey levels in 0 to 1 are normalised with, for each channel.
    pub mean: [f32; 3],
    pub deviation: [f32; 3],
    /// What the heads' outputs stand for.
    pub labels: Vec<String>,
    pub votes: Vec<String>,
    pub classes: Vec<String>,
    pub calibration: Calibration,
    /// The settings that it was trained with, for people: asking the model needs none of them.
    pub settings: serde_json::Value,
    /// The epoch whose weights these are.
    pub epoch: usize,
}

impl Description {
    /// The kind of model that this version reads.
    pub const KIND: &'static str = "promenade-expression-1";

    fn new(progress: &Progress, calibration: Calibration) -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            kind: Self::KIND.to_owned(),
            input_px: progress.settings.input_px,
            mirror: progress.settings.mirror,
            mean: super::network::MEAN,
            deviation: super::network::DEVIATION,
            labels: names(&Emotion::ALL.map(Emotion::name)),
            votes: names(&VOTED),
            classes: names(&Class::ALL.map(Class::name)),
            calibration,
            // The settings were read from such a file: they go back into one.
            settings: serde_json::to_value(progress.settings.without_folders()).unwrap_or_default(),
            epoch: progress.history.len(),
        }
    }
}

/// What the network says of a face before calibration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Raw {
    /// Logits of FER2013's labels.
    pub labels: [f32; 7],
    /// Logits of FER+'s emotions.
    pub votes: [f32; 8],
    /// Logits of the five classes.
    pub classes: [f32; 5],
    /// Valence and arousal.
    pub plane: [f32; 2],
    /// Logarithms of their variances.
    pub log_variance: [f32; 2],
}

/// What the model says of a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The place on the plane and the probabilities of the five classes, calibrated.
    pub estimate: Estimate,
    /// Probabilities of [`Emotion::ALL`], calibrated.
    pub emotions: [f32; 7],
    /// Shares of votes among [`VOTED`] that people would give.
    pub votes: [f32; 8],
}

/// A model to ask. It may be asked from many threads at once; each then computes on its own.
pub struct Expression {
    device: Device,
    description: Description,
    id: String,
    /// Networks that no thread is using; they share their weights.
    idle: Mutex<Vec<Folded>>,
    /// Kept to clone from: `Tensor` may move between threads but not be used by two.
    prototype: Mutex<Folded>,
}

impl Expression {
    /// Reads a model for the first CUDA device, or for the processor where there is none.
    ///
    /// # Errors
    /// Where the file cannot be read, is not an expression model, or lacks a tensor.
    pub fn load(path: &Path) -> Result<Self, ExpressionError> {
        Self::load_on(path, Device::cuda_if_available())
    }

    /// Reads a model for a device.
    ///
    /// # Errors
    /// As [`Expression::load`].
    pub fn load_on(path: &Path, device: Device) -> Result<Self, ExpressionError> {
        let file = weights::read(path)?;
        let description: Description = file.describe(path)?;
        if description.kind != Description::KIND {
            return Err(ExpressionError::WrongDescription {
                path: path.to_owned(),
                problem: format!("it is a `{}`, not a `{}`", description.kind, Description::KIND),
            });
        }
        Self::new(&file, path, description, device)
    }

    /// Reads the best checkpoint of a training run as a model that is not calibrated yet.
    ///
    /// # Errors
    /// As [`Expression::load`].
    pub fn from_checkpoint(path: &Path, device: Device) -> Result<Self, ExpressionError> {
        let file = weights::read(path)?;
        let progress: Progress = file.describe(path)?;
        Self::new(&file, path, Description::new(&progress, Calibration::default()), device)
    }

    fn new(
        file: &weights::Weights,
        path: &Path,
        description: Description,
        device: Device,
    ) -> Result<Self, ExpressionError> {
        runtime::prepare(1);
        let store = VarStore::new(device);
        let network = Network::new(&store.root(), 0.0);
        file.copy_into(path, "", &store.variables(), |_| true)?;
        let folded = Folded::new(network);
        Ok(Self {
            device,
            description,
            id: file.id.clone(),
            idle: Mutex::new(vec![folded.clone()]),
            prototype: Mutex::new(folded),
        })
    }

    /// `expression` and the first 16 hex digits of the file's BLAKE3: other weights, another name.
    pub fn name(&self) -> String {
        format!("expression {}", self.id)
    }

    /// `cpu` or `cuda`.
    pub fn device(&self) -> &'static str {
        match self.device {
            Device::Cuda(_) => "cuda",
            _ => "cpu",
        }
    }

    /// How many faces one call works on best.
    pub fn batch_size(&self) -> usize {
        BATCH
    }

    /// What the file says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The same weights with another description: without the mirror image, say, or with another calibration.
    pub fn described(mut self, description: Description) -> Self {
        self.description = description;
        self
    }

    /// The estimate of each aligned crop, in order.
    ///
    /// # Errors
    /// Where libtorch fails, out of memory for example.
    pub fn estimate(&self, crops: &[&RgbImage]) -> Result<Vec<Estimate>, ExpressionError> {
        Ok(self.read(crops)?.into_iter().map(|reading| reading.estimate).collect())
    }

    /// Estimate and emotions of each aligned crop, in order.
    ///
    /// # Errors
    /// As [`Expression::estimate`].
    pub fn read(&self, crops: &[&RgbImage]) -> Result<Vec<Reading>, ExpressionError> {
        let faces: Vec<Grey> = crops.iter().map(|crop| from_crop(crop)).collect();
        Ok(self.raw(&faces)?.iter().map(|raw| self.description.calibration.apply(raw)).collect())
    }

    /// What the network says of faces, before calibration.
    ///
    /// # Errors
    /// As [`Expression::estimate`].
    pub fn raw(&self, faces: &[Grey]) -> Result<Vec<Raw>, ExpressionError> {
        // libtorch's number of threads is a setting of each thread; ours work side by side already.
        runtime::prepare(1);
        let network = self.take();
        let mut raws = Vec::with_capacity(faces.len());
        for part in faces.chunks(BATCH) {
            let mut padded = part.to_vec();
            padded.resize(BATCH, vec![0.0; PIXELS].into());
            let side = self.description.input_px;
            let faces = input(&enlarge(&padded, side), side, self.device);
            let mut outputs = network.forward(&faces);
            if self.description.mirror {
                outputs = outputs.mean(&network.forward(&faces.flip([3])));
            }
            let labels = rows::<7>(&outputs.labels)?;
            let votes = rows::<8>(&outputs.votes)?;
            let classes = rows::<5>(&outputs.classes)?;
            let plane = rows::<2>(&outputs.plane)?;
            let log_variance = rows::<2>(&outputs.log_variance)?;
            raws.extend((0..part.len()).map(|i| Raw {
                labels: labels[i],
                votes: votes[i],
                classes: classes[i],
                plane: plane[i],
                log_variance: log_variance[i],
            }));
        }
        self.give_back(network);
        Ok(raws)
    }

    fn take(&self) -> Folded {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        idle.unwrap_or_else(|| match self.prototype.lock() {
            Ok(prototype) => prototype.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        })
    }

    fn give_back(&self, network: Folded) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(network);
        }
    }
}

/// Writes the weights of a checkpoint with a calibration: the model that [`Expression::load`] reads.
///
/// # Errors
/// Where the checkpoint cannot be read or the model not written.
pub fn export(checkpoint: &Path, calibration: Calibration, model: &Path) -> Result<(), ExpressionError> {
    let file = weights::read(checkpoint)?;
    let progress: Progress = file.describe(checkpoint)?;
    weights::write(model, &file.tensors, &Description::new(&progress, calibration))
}

/// A `[n, N]` tensor as rows.
pub(super) fn rows<const N: usize>(tensor: &Tensor) -> Result<Vec<[f32; N]>, ExpressionError> {
    let flat = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous().flatten(0, -1);
    Ok(Vec::<f32>::try_from(&flat)?.as_chunks::<N>().0.to_vec())
}
