//! The settings of a training run, as in `pipelines/train-expression.toml`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ExpressionError;

/// Everything that decides the outcome of a run. The same settings, data and processor give the same weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// FER2013 in one of the forms of [`crate::datasets::faces::read`].
    pub faces: PathBuf,
    /// Weights to start from: a MobileNetV2 trained on ImageNet, torchvision's names, safetensors. Without it, those
    /// that `make setup-training` lays into the cache.
    #[serde(default)]
    pub init: Option<PathBuf>,
    /// Folder for checkpoints, history and the learning curve.
    pub out: PathBuf,
    /// Go on from the last checkpoint in `out`, if there is one.
    #[serde(default)]
    pub resume: bool,
    /// Seed of the heads, the order and the augmentation.
    #[serde(default = "defaults::seed")]
    pub seed: u64,
    /// `cpu` or `cuda`.
    #[serde(default)]
    pub device: DeviceChoice,
    /// libtorch's threads.
    #[serde(default = "defaults::one")]
    pub threads: usize,
    /// Threads that prepare batches.
    #[serde(default = "defaults::one")]
    pub loaders: usize,
    /// Side of the network's input, in pixels; a multiple of 32 at least 32.
    #[serde(default = "defaults::input_px")]
    pub input_px: usize,
    /// Faces a step.
    #[serde(default = "defaults::batch")]
    pub batch: usize,
    /// Share of the features that training drops before the heads, 0 to 1.
    #[serde(default = "defaults::dropout")]
    pub dropout: f64,
    /// The model asks about each face and its mirror image and averages: surer, at twice the cost.
    #[serde(default = "defaults::yes")]
    pub mirror: bool,
    /// At most so many faces of each split: for a trial.
    #[serde(default)]
    pub limit: Option<usize>,
    #[serde(default)]
    pub schedule: Schedule,
    #[serde(default)]
    pub optimizer: OptimizerSettings,
    #[serde(default)]
    pub loss: LossSettings,
    #[serde(default)]
    pub augment: AugmentSettings,
}

/// The processor to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    #[default]
    Cpu,
    /// The first CUDA device; the processor where libtorch finds none.
    Cuda,
}

impl DeviceChoice {
    /// The device of libtorch.
    pub fn device(self) -> tch::Device {
        match self {
            Self::Cpu => tch::Device::Cpu,
            Self::Cuda => tch::Device::cuda_if_available(),
        }
    }
}

/// How the learning rate runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleKind {
    /// Down to 1 % of the peak along half a cosine over all epochs, step by step.
    Cosine,
    /// Times `factor` whenever validation has not improved for `patience` epochs.
    Plateau,
}

/// The learning rate over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    pub kind: ScheduleKind,
    /// Epochs at most.
    pub epochs: usize,
    /// Epochs over which the rate rises from 0 to its peak.
    pub warmup_epochs: f64,
    /// `plateau`: epochs without improvement before the rate falls.
    pub patience: usize,
    /// `plateau`: what the rate is multiplied with, between 0 and 1.
    pub factor: f64,
    /// Epochs without improvement before training ends.
    pub stop_after: usize,
    /// So many first epochs see small pictures: most is learnt from them in less than half the time.
    pub small_epochs: usize,
    /// Their side in pixels, a multiple of 32.
    pub small_px: usize,
    /// In so many last epochs the faces are changed half as far: they end near the faces that are asked about.
    pub gentle_epochs: usize,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            kind: ScheduleKind::Cosine,
            epochs: 30,
            warmup_epochs: 1.0,
            patience: 4,
            factor: 0.5,
            stop_after: 8,
            small_epochs: 0,
            small_px: 64,
            gentle_epochs: 0,
        }
    }
}

/// AdamW (Loshchilov and Hutter 2019) and the running average of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OptimizerSettings {
    /// The peak.
    pub learning_rate: f64,
    /// Decoupled weight decay, on weights of more than one dimension.
    pub weight_decay: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// The average that is validated and kept moves by 1 - this at each step; 0 keeps the weights as they are.
    pub ema_decay: f64,
}

impl Default for OptimizerSettings {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            weight_decay: 0.02,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            ema_decay: 0.998,
        }
    }
}

/// Weights of the parts of the loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossSettings {
    /// Cross-entropy of FER2013's seven labels.
    pub labels: f64,
    /// Cross-entropy of the distribution of FER+'s votes among eight emotions.
    pub votes: f64,
    /// Cross-entropy of the five classes of the plane.
    pub classes: f64,
    /// Gaussian negative log-likelihood of valence and arousal.
    pub plane: f64,
    /// Share of the seven labels' mass that is spread evenly, 0 to 1.
    pub label_smoothing: f64,
}

impl Default for LossSettings {
    fn default() -> Self {
        Self { labels: 1.0, votes: 0.5, classes: 0.5, plane: 0.3, label_smoothing: 0.05 }
    }
}

/// How far a training face is changed. Each change is drawn anew for each face and epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentSettings {
    /// Mirror half of the faces.
    pub flip: bool,
    /// Turn by up to so many degrees.
    pub rotate_degrees: f32,
    /// Smallest and largest magnification.
    pub zoom: [f32; 2],
    /// Shift by up to this share of the side, each way.
    pub shift: f32,
    /// Add up to so much to the grey levels, of 1.
    pub brightness: f32,
    /// Multiply the contrast by 1 plus or minus up to this.
    pub contrast: f32,
    /// Raise to the power 2^x, x up to this either way.
    pub gamma: f32,
    /// Probability of a blur.
    pub blur: f32,
    /// Probability of noise, and its largest standard deviation of 1.
    pub noise: [f32; 2],
    /// Probability of few grey levels (4 to 16), as in prints.
    pub posterise: f32,
    /// Probability of smoothing that keeps edges, as brush strokes do (Kuwahara et al. 1976).
    pub paint: f32,
    /// Probability of erasing a rectangle (Zhong et al. 2020).
    pub erase: f32,
}

impl Default for AugmentSettings {
    fn default() -> Self {
        Self {
            flip: true,
            rotate_degrees: 12.0,
            zoom: [0.92, 1.15],
            shift: 0.06,
            brightness: 0.12,
            contrast: 0.25,
            gamma: 0.4,
            blur: 0.08,
            noise: [0.1, 0.05],
            posterise: 0.05,
            paint: 0.1,
            erase: 0.15,
        }
    }
}

impl TrainSettings {
    /// The same settings with the names of files and folders only: what a model may tell about the machine that
    /// trained it.
    pub fn without_folders(&self) -> Self {
        let name = |path: &Path| path.file_name().map(PathBuf::from).unwrap_or_default();
        let init = self.init.as_deref().map(name);
        Self { faces: name(&self.faces), init, out: name(&self.out), ..self.clone() }
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// [`ExpressionError::Setting`] with the first setting outside its range.
    pub fn check(&self) -> Result<(), ExpressionError> {
        let fault = |name, value: String, allowed| Err(ExpressionError::Setting { name, value, allowed });
        let share = |x: f64| (0.0..1.0).contains(&x);
        for (name, side) in [("input_px", self.input_px), ("schedule.small_px", self.schedule.small_px)] {
            if side < 32 || !side.is_multiple_of(32) {
                return fault(name, side.to_string(), "a multiple of 32, at least 32");
            }
        }
        if self.batch < 2 {
            return fault("batch", self.batch.to_string(), "at least 2 (batch normalisation needs company)");
        }
        if self.threads == 0 || self.loaders == 0 {
            return fault("threads", "0".to_owned(), "at least 1, as must be `loaders`");
        }
        if !share(self.dropout) {
            return fault("dropout", self.dropout.to_string(), "from 0 to below 1");
        }
        if self.schedule.epochs == 0 {
            return fault("schedule.epochs", "0".to_owned(), "at least 1");
        }
        if !share(self.optimizer.ema_decay) {
            return fault("optimizer.ema_decay", self.optimizer.ema_decay.to_string(), "from 0 to below 1");
        }
        let rate = self.optimizer.learning_rate;
        if !(rate > 0.0 && rate.is_finite()) {
            return fault("optimizer.learning_rate", rate.to_string(), "above 0");
        }
        if !share(self.loss.label_smoothing) {
            return fault("loss.label_smoothing", self.loss.label_smoothing.to_string(), "from 0 to below 1");
        }
        let [least, most] = self.augment.zoom;
        if !(least > 0.1 && least <= most && most < 10.0) {
            return fault("augment.zoom", format!("{least} to {most}"), "rising, between 0.1 and 10");
        }
        Ok(())
    }
}

impl AugmentSettings {
    /// Changes half as far and half as often.
    pub fn halved(&self) -> Self {
        Self {
            flip: self.flip,
            rotate_degrees: self.rotate_degrees / 2.0,
            zoom: self.zoom.map(|zoom| 1.0 + (zoom - 1.0) / 2.0),
            shift: self.shift / 2.0,
            brightness: self.brightness / 2.0,
            contrast: self.contrast / 2.0,
            gamma: self.gamma / 2.0,
            blur: self.blur / 2.0,
            noise: self.noise.map(|noise| noise / 2.0),
            posterise: self.posterise / 2.0,
            paint: self.paint / 2.0,
            erase: self.erase / 2.0,
        }
    }
}

mod defaults {
    pub(super) fn seed() -> u64 {
        1874
    }
    pub(super) fn one() -> usize {
        1
    }
    pub(super) fn yes() -> bool {
        true
    }
    pub(super) fn input_px() -> usize {
        96
    }
    pub(super) fn batch() -> usize {
        64
    }
    pub(super) fn dropout() -> f64 {
        0.2
    }
}
