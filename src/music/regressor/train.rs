//! A labelled set -> a model.

use std::collections::HashMap;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::evaluate::{Evaluation, score};
use super::gp::{Kernel, choose, distances};
use super::model::{Calibration, Model, Training};
use super::normal::RankNormal;
use super::{ModelError, Settings};
use crate::affect::Class;
use crate::datasets::songs::{self, Song, four_q, stem};
use crate::music::{Limits, analyse};

/// Fewest labelled songs that a model is trained on.
const FEWEST: usize = 50;
/// Folds where the settings name none.
const FOLDS: u64 = 10;
/// Songs listened to between two reports.
const REPORT_EVERY: usize = 32;

/// Follows a training or an evaluation.
pub trait Observer {
    /// `done` of `total` songs have been listened to.
    fn listened(&mut self, done: usize, total: usize);
    /// A fold is done.
    fn folded(&mut self, done: usize, total: usize);
    /// Something that the user should know, in one line.
    fn note(&mut self, line: &str);
}

/// A song that was listened to and has a label.
pub(super) struct Heard {
    /// First 16 hexadecimal digits of BLAKE3 of the file's bytes.
    pub song_id: String,
    pub features: Vec<f32>,
    /// Valence and arousal.
    pub target: [f64; 2],
    pub class: Option<Class>,
    pub fold: usize,
}

/// The set, listened to.
pub(super) struct Heards {
    pub songs: Vec<Heard>,
    pub set: &'static str,
}

/// A song's estimate by the model that was trained without its fold.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutOfFold {
    pub mean: [f64; 2],
    pub variance: [f64; 2],
}

/// Trains a model on the whole set, calibrates it on the folds, and writes it to `settings.out`.
///
/// # Errors
/// [`ModelError`] where the set cannot be read, is too small, or the model cannot be written.
pub fn train(settings: &Settings, observer: &mut dyn Observer) -> Result<(Model, Evaluation), ModelError> {
    let heard = listen(settings, observer)?;
    let folds = out_of_fold(&heard.songs, &settings.grid(), observer)?;
    let calibration = Calibration::of(&heard.songs, &folds);
    let evaluation = score(&heard.songs, &folds, &calibration);

    let rows: Vec<&[f32]> = heard.songs.iter().map(|s| s.features.as_slice()).collect();
    let (normal, kernel) = best_kernel(&rows, &targets(&heard.songs), &settings.grid())?;
    let training =
        Training { set: heard.set.to_owned(), songs: heard.songs.len(), summary: evaluation.summary() };
    let model = Model::new(normal, kernel, &heard.songs, &folds, calibration, training)?;
    model.save(&settings.out)?;
    Ok((model, evaluation))
}

fn targets(songs: &[Heard]) -> Vec<[f64; 2]> {
    songs.iter().map(|s| s.target).collect()
}

fn best_kernel(
    rows: &[&[f32]],
    targets: &[[f64; 2]],
    grid: &[Kernel],
) -> Result<(RankNormal, Kernel), ModelError> {
    let normal = RankNormal::fit(rows);
    let inputs = matrix(&normal, rows);
    let between = distances(&inputs, &inputs);
    let kernel = choose(grid, &inputs, &between, targets)?.kernel();
    Ok((normal, kernel))
}

/// Rows of features, made normal, a row of the matrix each.
pub(super) fn matrix(normal: &RankNormal, rows: &[&[f32]]) -> DMatrix<f64> {
    let flat: Vec<f64> = rows.iter().flat_map(|row| normal.apply(row)).collect();
    DMatrix::from_row_slice(rows.len(), normal.width(), &flat)
}

/// The estimate of every song by the process that saw all folds but the song's; the kernel is chosen inside them.
pub(super) fn out_of_fold(
    songs: &[Heard],
    grid: &[Kernel],
    observer: &mut dyn Observer,
) -> Result<Vec<OutOfFold>, ModelError> {
    let mut folds: Vec<usize> = songs.iter().map(|s| s.fold).collect();
    folds.sort_unstable();
    folds.dedup();
    let mut estimates = vec![OutOfFold { mean: [0.0; 2], variance: [1.0; 2] }; songs.len()];
    for (done, &fold) in folds.iter().enumerate() {
        let (seen, left): (Vec<usize>, Vec<usize>) = (0..songs.len()).partition(|&i| songs[i].fold != fold);
        let rows: Vec<&[f32]> = seen.iter().map(|&i| songs[i].features.as_slice()).collect();
        let targets: Vec<[f64; 2]> = seen.iter().map(|&i| songs[i].target).collect();
        let normal = RankNormal::fit(&rows);
        let inputs = matrix(&normal, &rows);
        let between = distances(&inputs, &inputs);
        let process = choose(grid, &inputs, &between, &targets)?;
        for i in left {
            let (mean, variance) = process.predict(&normal.apply(&songs[i].features));
            estimates[i] = OutOfFold { mean, variance };
        }
        observer.folded(done + 1, folds.len());
    }
    Ok(estimates)
}

/// Reads the set and listens to every song with a label.
pub(super) fn listen(settings: &Settings, observer: &mut dyn Observer) -> Result<Heards, ModelError> {
    let set = songs::read(&settings.folder)?;
    let places = settings.targets.as_deref().map(four_q::places).transpose()?.unwrap_or_default();
    let folds = settings.folds.as_deref().map(four_q::folds).transpose()?.unwrap_or_default();
    let limits = Limits { max_seconds: settings.max_seconds, ..Limits::default() };
    let mut heard = Vec::with_capacity(set.songs.len());
    let mut done = 0;
    for part in set.songs.chunks(REPORT_EVERY) {
        let rows: Vec<_> = part.par_iter().map(|song| hear(song, &limits, &places, &folds)).collect();
        for row in rows {
            match row {
                Ok(row) => heard.extend(row),
                Err(line) => observer.note(&line),
            }
        }
        done += part.len();
        observer.listened(done, set.songs.len());
    }
    if set.without_sound > 0 {
        observer.note(&format!("{} annotated songs have no sound in the folder", set.without_sound));
    }
    if heard.len() < FEWEST {
        let folder = settings.folder.clone();
        return Err(ModelError::TooFew { found: heard.len(), needed: FEWEST, folder });
    }
    Ok(Heards { songs: heard, set: set.kind.name() })
}

/// One song; none where it has no label.
fn hear(
    song: &Song,
    limits: &Limits,
    places: &HashMap<String, crate::affect::Point>,
    folds: &HashMap<String, usize>,
) -> Result<Option<Heard>, String> {
    let key = stem(&song.id);
    let annotation = song.annotation.as_ref();
    let Some(point) = places.get(&key).copied().or(annotation.and_then(|a| a.point)) else { return Ok(None) };
    let listened = analyse(&song.path, limits).map_err(|e| e.to_string())?;
    let bytes = std::fs::read(&song.path).map_err(|e| format!("{}: {e}", song.path.display()))?;
    let group = song.group.as_deref().unwrap_or(&song.id);
    Ok(Some(Heard {
        song_id: blake3::hash(&bytes).to_hex()[..16].to_owned(),
        features: listened.features,
        target: [f64::from(point.valence), f64::from(point.arousal)],
        class: annotation.and_then(|a| a.class),
        fold: folds.get(&key).copied().unwrap_or_else(|| fold_of(group)),
    }))
}

/// A fold by the artist, so that no artist is on both sides.
fn fold_of(group: &str) -> usize {
    let hash = blake3::hash(group.as_bytes());
    let first = hash.as_bytes()[..8].iter().rev().fold(0u64, |sum, &byte| (sum << 8) | u64::from(byte));
    (first % FOLDS) as usize
}
