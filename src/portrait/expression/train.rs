//! The training loop.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tch::nn::VarStore;
use tch::{Device, Kind};

use super::checkpoint::{self, Progress};
use super::loader::{Batch, Plan, Sample, load};
use super::loss::loss;
use super::model::rows;
use super::network::{Network, input, set_channels_last};
use super::optimizer::{AdamW, update_average};
use super::settings::{Schedule, ScheduleKind};
use super::{EpochReport, ExpressionError, TrainSettings, finish, history, runtime, weights};
use crate::affect::expression_targets::{Emotion, four_classes};
use crate::affect::metrics::{Confusion, argmax, pearson};
use crate::datasets::faces::{self, Face, Split};
use crate::locate;

/// Faces a validation step.
const VALIDATION_BATCH: usize = 128;

/// What a finished run leaves.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The weights of the best epoch, as a checkpoint.
    pub best: PathBuf,
    /// The same weights, calibrated on PublicTest: `expression.safetensors`, which [`super::Expression::load`] reads.
    pub model: PathBuf,
    /// One row an epoch, those of resumed runs included.
    pub history: Vec<EpochReport>,
    /// Faces that training used.
    pub faces: usize,
    /// Training faces left out because a test split holds their pixels too.
    pub leaked: usize,
}

/// Trains the network, telling `observer` of each epoch; a checkpoint is written after each, and at the end the best
/// epoch's weights as a calibrated model.
///
/// # Errors
/// Settings out of range, unreadable faces or weights, a loss that is not a number, or a folder that cannot be
/// written. Whatever was written before stays and can be resumed.
pub fn train(
    settings: &TrainSettings,
    observer: &mut dyn FnMut(&EpochReport),
) -> Result<Outcome, ExpressionError> {
    settings.check()?;
    runtime::prepare(settings.threads);
    let (training, public, leaked) = read_faces(settings)?;
    let validation: Vec<Sample> = public.iter().cloned().map(Sample::from).collect();
    let mut run = Run::new(settings)?;
    while !run.finished() {
        let report = run.epoch(&training, &validation)?;
        run.save(report)?;
        if let Some(row) = run.progress.history.last() {
            observer(row);
        }
    }
    let (best, model) = (checkpoint::best(&settings.out), settings.out.join("expression.safetensors"));
    finish(&best, &public, &model)?;
    Ok(Outcome { best, model, history: run.progress.history, faces: training.len(), leaked })
}

/// Training faces, those of PublicTest, and the number of leaks left out.
fn read_faces(settings: &TrainSettings) -> Result<(Vec<Sample>, Vec<Face>, usize), ExpressionError> {
    let mut all = faces::read(&settings.faces)?;
    let leaked = faces::drop_leaks(&mut all);
    let limit = settings.limit.unwrap_or(usize::MAX);
    let (mut training, mut public) = (Vec::new(), Vec::new());
    for face in all {
        match face.split {
            Split::Training if training.len() < limit && !is_blank(&face) => {
                training.push(Sample::from(face))
            }
            Split::PublicTest if public.len() < limit => public.push(face),
            _ => {}
        }
    }
    if training.len() < settings.batch {
        return Err(ExpressionError::NoFaces { split: Split::Training.name() });
    }
    if public.is_empty() {
        return Err(ExpressionError::NoFaces { split: Split::PublicTest.name() });
    }
    Ok((training, public, leaked))
}

/// A picture of one grey level teaches nothing; FER2013 has a handful.
fn is_blank(face: &Face) -> bool {
    face.pixels.windows(2).all(|pair| pair[0] == pair[1])
}

/// The weights that the set-up lays into the cache, if they are there.
fn cached_init() -> Option<PathBuf> {
    let path = locate::cache_dir()?.join("models/mobilenet_v2_imagenet.safetensors");
    path.is_file().then_some(path)
}

struct Run<'a> {
    settings: &'a TrainSettings,
    device: Device,
    store: VarStore,
    network: Network,
    average: VarStore,
    averaged: Network,
    optimizer: AdamW,
    progress: Progress,
}

impl<'a> Run<'a> {
    fn new(settings: &'a TrainSettings) -> Result<Self, ExpressionError> {
        let device = settings.device.device();
        tch::manual_seed(settings.seed as i64);
        let (store, average) = (VarStore::new(device), VarStore::new(device));
        let network = Network::new(&store.root(), settings.dropout);
        let averaged = Network::new(&average.root(), settings.dropout);
        set_channels_last(&store);
        set_channels_last(&average);
        let mut optimizer = AdamW::new(&store, &settings.optimizer);
        let progress = if settings.resume && checkpoint::last(&settings.out).is_file() {
            checkpoint::load(&settings.out, settings, &store, &average, &mut optimizer)?
        } else {
            let path = settings.init.clone().or_else(cached_init).ok_or(ExpressionError::Setting {
                name: "init",
                value: "not given".to_owned(),
                allowed: "a file of ImageNet weights, or left out after `make setup-training`",
            })?;
            let init = weights::read(&path)?;
            init.copy_into(&path, "", &store.variables(), |name| name.starts_with("features."))?;
            update_average(&average.variables(), &store.variables(), 0.0);
            Progress::new(settings)
        };
        Ok(Self { settings, device, store, network, average, averaged, optimizer, progress })
    }

    fn finished(&self) -> bool {
        let schedule = &self.settings.schedule;
        self.progress.history.len() >= schedule.epochs || self.progress.since_best() >= schedule.stop_after
    }

    fn epoch(&mut self, training: &[Sample], validation: &[Sample]) -> Result<EpochReport, ExpressionError> {
        let settings = self.settings;
        let number = self.progress.history.len() + 1;
        let side = settings.schedule.side(number, settings.input_px);
        let begun = Instant::now();
        // Dropout draws from libtorch's own generator: a resumed run draws the same.
        tch::manual_seed((settings.seed as i64).wrapping_add(number as i64));
        let gentle = number + settings.schedule.gentle_epochs > settings.schedule.epochs;
        let augment = if gentle { settings.augment.halved() } else { settings.augment.clone() };
        let plan = Plan {
            samples: training,
            augment: &augment,
            seed: settings.seed,
            epoch: number,
            batch: settings.batch,
            side,
        };
        let steps = plan.batches();
        let (current, average) = (self.store.variables(), self.average.variables());
        let (mut total, mut found, mut rate, mut waited) = (0.0, 0, 0.0, Duration::ZERO);
        std::thread::scope(|scope| -> Result<(), ExpressionError> {
            let mut batches = load(scope, plan, settings.loaders);
            for step in 0..steps {
                let asked = Instant::now();
                let Some(batch) = batches.next() else { break };
                waited += asked.elapsed();
                let part = (step as f64 + 1.0) / steps as f64;
                rate = settings.optimizer.learning_rate
                    * settings.schedule.rate(number as f64 - 1.0 + part)
                    * self.progress.rate_factor;
                let outputs = self.network.forward(&input(&batch.grey, side, self.device), true);
                let (sum, right) = loss(&outputs, &batch, &settings.loss, self.device);
                let value = sum.double_value(&[]);
                if !value.is_finite() {
                    return Err(ExpressionError::Diverged { loss: value, epoch: number, batch: step + 1 });
                }
                self.optimizer.zero_grad();
                sum.backward();
                self.optimizer.step(rate);
                // Early on the average follows closely, or it would long remember the first weights.
                let t = self.optimizer.step as f64;
                let decay = settings.optimizer.ema_decay.min((1.0 + t) / (10.0 + t));
                update_average(&average, &current, decay);
                total += value;
                found += right;
            }
            Ok(())
        })?;
        let trained = begun.elapsed();
        let mut report = self.validate(validation, side)?;
        report.epoch = number;
        report.learning_rate = rate;
        report.train_loss = total / steps as f64;
        report.train_accuracy = found as f64 / (steps * settings.batch) as f64;
        report.seconds = begun.elapsed().as_secs_f64();
        report.waited = waited.as_secs_f64() / trained.as_secs_f64();
        Ok(report)
    }

    /// The averaged network on faces that it has not seen.
    fn validate(&self, samples: &[Sample], side: usize) -> Result<EpochReport, ExpressionError> {
        let _guard = tch::no_grad_guard();
        let (mut seven, mut four) = (Confusion::new(7), Confusion::new(4));
        let mut points: [Vec<f64>; 4] = Default::default();
        let mut total = 0.0;
        for part in samples.chunks(VALIDATION_BATCH) {
            let batch = Batch::plain(part, side);
            let outputs = self.averaged.forward(&input(&batch.grey, side, self.device), false);
            let (sum, _) = loss(&outputs, &batch, &self.settings.loss, self.device);
            total += sum.double_value(&[]) * part.len() as f64;
            let probabilities = rows::<7>(&outputs.labels.softmax(1, Kind::Float))?;
            let places = rows::<2>(&outputs.plane)?;
            for ((sample, p), place) in part.iter().zip(&probabilities).zip(&places) {
                seven.add(sample.label as usize, argmax(p));
                four.add(Emotion::ALL[sample.label as usize].four_class(), argmax(&four_classes(p)));
                if let Some(targets) = &sample.targets {
                    let values = [targets.point.valence, place[0], targets.point.arousal, place[1]];
                    for (series, value) in points.iter_mut().zip(values) {
                        series.push(f64::from(value));
                    }
                }
            }
        }
        let defined = |r: f64| r.is_finite().then_some(r);
        Ok(EpochReport {
            loss: total / samples.len() as f64,
            accuracy: seven.accuracy(),
            four_class_accuracy: four.accuracy(),
            four_class_f1: four.macro_f1(),
            valence_r: defined(pearson(&points[0], &points[1])),
            arousal_r: defined(pearson(&points[2], &points[3])),
            ..EpochReport::default()
        })
    }

    /// Adds the epoch to the history, lowers the rate on a plateau, writes the checkpoint.
    fn save(&mut self, mut report: EpochReport) -> Result<(), ExpressionError> {
        let schedule = &self.settings.schedule;
        report.best = self.progress.best().is_none_or(|best| report.four_class_accuracy > best);
        self.progress.stale = if report.best { 0 } else { self.progress.stale + 1 };
        if schedule.kind == ScheduleKind::Plateau && self.progress.stale > schedule.patience {
            self.progress.rate_factor *= schedule.factor;
            self.progress.stale = 0;
        }
        self.progress.history.push(report);
        self.progress.step = self.optimizer.step;
        let out = &self.settings.out;
        checkpoint::save(out, &self.store, &self.average, &self.optimizer, &self.progress)?;
        history::write(out, &self.progress.history)
    }
}

impl Schedule {
    /// The share of the peak learning rate after `epochs` epochs, a fraction counted: warm-up, then the cosine where
    /// that is the kind.
    fn rate(&self, epochs: f64) -> f64 {
        let warm = if self.warmup_epochs > 0.0 { (epochs / self.warmup_epochs).min(1.0) } else { 1.0 };
        let fall = match self.kind {
            ScheduleKind::Plateau => 1.0,
            ScheduleKind::Cosine => {
                let part = (epochs / self.epochs as f64).clamp(0.0, 1.0);
                0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * part).cos())
            }
        };
        warm * fall
    }

    /// The side of an epoch's pictures, counted from 1.
    fn side(&self, epoch: usize, full: usize) -> usize {
        if epoch <= self.small_epochs { self.small_px } else { full }
    }
}
