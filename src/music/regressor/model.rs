//! A trained model: in memory, and as a safetensors file.

use std::collections::HashMap;
use std::path::Path;

use nalgebra::DMatrix;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::ModelError;
use super::gp::{Kernel, Process, distances};
use super::normal::{KNOTS, RankNormal};
use super::train::{Heard, OutOfFold, matrix};
use crate::affect::{Estimate, Point};
use crate::music::features::{FEATURE_VERSION, catalogue};
use crate::tables::atomic;

/// Key of the header in the file's metadata.
const HEADER: &str = "promenade.music";

/// How the spread of left-out songs compares to what the process claims.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Calibration {
    /// Factors on the standard deviations of valence and arousal.
    pub factors: [f64; 2],
    /// Correlation of the two errors.
    pub correlation: f64,
}

/// What a model was trained on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Training {
    pub set: String,
    pub songs: usize,
    pub summary: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    feature_version: u32,
    /// BLAKE3 of the names of the features, a line each.
    feature_names: String,
    kernel: Kernel,
    calibration: Calibration,
    training: Training,
    song_ids: Vec<String>,
}

/// A model that turns features into estimates.
pub struct Model {
    name: String,
    header: Header,
    normal: RankNormal,
    process: Process,
    /// Normalised features of the training songs, a row each, as they are stored.
    inputs: Vec<f32>,
    targets: Vec<f32>,
    /// Mean and variance of each training song by the fold that left it out.
    folds: Vec<f32>,
    by_id: HashMap<String, usize>,
}

impl Calibration {
    /// Root mean square of the standardised residuals and their correlation.
    pub fn of(songs: &[Heard], estimates: &[OutOfFold]) -> Self {
        let residuals = |axis: usize| -> Vec<f64> {
            let rows = songs.iter().zip(estimates);
            rows.map(|(s, e)| (s.target[axis] - e.mean[axis]) / e.variance[axis].sqrt()).collect()
        };
        let (v, a) = (residuals(0), residuals(1));
        let product =
            |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(p, q)| p * q).sum::<f64>() / x.len() as f64;
        // Six decimals: more means nothing, and short numbers survive their way through JSON exactly.
        let short = |x: f64| (x * 1e6).round() / 1e6;
        let factors = [product(&v, &v), product(&a, &a)].map(|square| short(square.sqrt()));
        let correlation = short(product(&v, &a) / (factors[0] * factors[1]));
        Self {
            factors,
            correlation: if correlation.is_finite() { correlation.clamp(-0.99, 0.99) } else { 0.0 },
        }
    }

    /// The estimate of a mean and a variance, clamped to the plane.
    pub fn estimate(&self, mean: [f64; 2], variance: [f64; 2]) -> Estimate {
        let sd = |axis: usize| (variance[axis].sqrt() * self.factors[axis]) as f32;
        let mean = Point::new(mean[0] as f32, mean[1] as f32).clamped();
        Estimate::from_gaussian(mean, sd(0), sd(1), self.correlation as f32)
    }
}

/// BLAKE3 of the names of the features, a line each.
fn names_hash() -> String {
    let mut hasher = blake3::Hasher::new();
    for feature in catalogue() {
        hasher.update(feature.name.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex().to_string()
}

impl Model {
    pub(super) fn new(
        normal: RankNormal,
        kernel: Kernel,
        songs: &[Heard],
        estimates: &[OutOfFold],
        calibration: Calibration,
        training: Training,
    ) -> Result<Self, ModelError> {
        let rows: Vec<&[f32]> = songs.iter().map(|s| s.features.as_slice()).collect();
        let inputs = matrix(&normal, &rows).transpose().iter().map(|&x| x as f32).collect();
        let targets = songs.iter().flat_map(|s| s.target.map(|t| t as f32)).collect();
        let folds = estimates.iter().flat_map(|e| [e.mean, e.variance].concat()).map(|x| x as f32).collect();
        let header = Header {
            feature_version: FEATURE_VERSION,
            feature_names: names_hash(),
            kernel,
            calibration,
            training,
            song_ids: songs.iter().map(|s| s.song_id.clone()).collect(),
        };
        Self::assemble(header, normal, inputs, targets, folds)
    }

    /// Everything that is not stored is computed from what is, so that a saved model equals the one in memory.
    fn assemble(
        header: Header,
        normal: RankNormal,
        inputs: Vec<f32>,
        targets: Vec<f32>,
        folds: Vec<f32>,
    ) -> Result<Self, ModelError> {
        let wide: Vec<f64> = inputs.iter().map(|&x| f64::from(x)).collect();
        let rows = DMatrix::from_row_slice(header.song_ids.len(), normal.width(), &wide);
        let pairs: Vec<[f64; 2]> = targets.as_chunks::<2>().0.iter().map(|t| t.map(f64::from)).collect();
        let between = distances(&rows, &rows);
        let process = Process::fit(header.kernel, rows, &between, &pairs)?;
        let by_id = header.song_ids.iter().enumerate().map(|(i, id)| (id.clone(), i)).collect();
        let mut model = Self { name: String::new(), header, normal, process, inputs, targets, folds, by_id };
        let hash = blake3::hash(&model.bytes(Path::new(""))?);
        model.name = format!("music-gp-{}-{}", model.header.training.set, &hash.to_hex()[..8]);
        Ok(model)
    }

    /// The estimate of a row of features. `song_id` is the file's id, the first 16 hexadecimal digits of BLAKE3 of its
    /// bytes: a song that the model was trained on gets the estimate of the fold that left it out.
    pub fn estimate(&self, features: &[f32], song_id: Option<&str>) -> Estimate {
        let stored =
            song_id.and_then(|id| self.by_id.get(id)).and_then(|&i| self.folds.as_chunks::<4>().0.get(i));
        if let Some(&fold) = stored {
            let [v, a, vv, va] = fold.map(f64::from);
            return self.header.calibration.estimate([v, a], [vv, va]);
        }
        let (mean, variance) = self.process.predict(&self.normal.apply(features));
        self.header.calibration.estimate(mean, variance)
    }

    /// What stands in the column `model`: kind, training set and the beginning of the hash of the weights.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was trained on and how well it did, in one line.
    pub fn summary(&self) -> &str {
        &self.header.training.summary
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, ModelError> {
        let broken =
            |e: &dyn std::fmt::Display| ModelError::Format { path: path.to_owned(), detail: e.to_string() };
        let (songs, width) = (self.header.song_ids.len(), self.normal.width());
        let parts: [(&str, Vec<usize>, &[f32]); 4] = [
            ("folds", vec![songs, 4], &self.folds),
            ("inputs", vec![songs, width], &self.inputs),
            ("knots", vec![width, KNOTS], &self.normal.knots),
            ("targets", vec![songs, 2], &self.targets),
        ];
        let raw: Vec<Vec<u8>> = parts
            .iter()
            .map(|(_, _, values)| values.iter().flat_map(|x| x.to_le_bytes()).collect())
            .collect();
        let mut views = Vec::new();
        for ((name, shape, _), bytes) in parts.into_iter().zip(&raw) {
            views.push((name, TensorView::new(Dtype::F32, shape, bytes).map_err(|e| broken(&e))?));
        }
        let header = serde_json::to_string(&self.header).map_err(|e| broken(&e))?;
        let metadata = HashMap::from([(HEADER.to_owned(), header)]);
        safetensors::serialize(views, Some(metadata)).map_err(|e| broken(&e))
    }

    /// Writes the model beside its place and renames it: a file that is there is whole.
    ///
    /// # Errors
    /// `Io` where the folder cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let io = |source| ModelError::Io { path: path.to_owned(), source };
        let bytes = self.bytes(path)?;
        atomic::write_bytes(path, &bytes).map_err(io)
    }

    /// Reads a model and prepares it, some tenths of a second for 900 songs.
    ///
    /// # Errors
    /// `Io`; `Version` where it was trained on other features; `Format` where it is no model of music or damaged.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(|source| ModelError::Io { path: path.to_owned(), source })?;
        let broken = |detail: String| ModelError::Format { path: path.to_owned(), detail };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|e| broken(e.to_string()))?;
        let header = metadata.metadata().as_ref().and_then(|m| m.get(HEADER));
        let header = header.ok_or_else(|| broken("it lacks the header of a model of music".into()))?;
        let header: Header = serde_json::from_str(header).map_err(|e| broken(e.to_string()))?;
        if header.feature_version != FEATURE_VERSION || header.feature_names != names_hash() {
            let (found, wanted) = (header.feature_version, FEATURE_VERSION);
            return Err(ModelError::Version { path: path.to_owned(), found, wanted });
        }
        let tensors = SafeTensors::deserialize(&bytes).map_err(|e| broken(e.to_string()))?;
        let (songs, width) = (header.song_ids.len(), catalogue().len());
        let read = |name: &str, shape: [usize; 2]| -> Result<Vec<f32>, ModelError> {
            let view = tensors.tensor(name).map_err(|e| broken(e.to_string()))?;
            if view.dtype() != Dtype::F32 || view.shape() != shape {
                return Err(broken(format!("`{name}` has the shape {:?}, not {shape:?}", view.shape())));
            }
            let values: Vec<f32> =
                view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            if values.iter().all(|x| x.is_finite()) {
                Ok(values)
            } else {
                Err(broken(format!("`{name}` is not finite")))
            }
        };
        let normal = RankNormal { knots: read("knots", [width, KNOTS])? };
        let (inputs, targets) = (read("inputs", [songs, width])?, read("targets", [songs, 2])?);
        Self::assemble(header, normal, inputs, targets, read("folds", [songs, 4])?)
    }
}
