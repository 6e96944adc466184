//! A small world in which the first feature is the valence and the second the arousal.

use super::evaluate::score;
use super::gp::Kernel;
use super::model::{Calibration, Model, Training};
use super::normal::RankNormal;
use super::train::{Heard, Observer, out_of_fold};
use super::{ModelError, Settings};
use crate::affect::Class;
use crate::music::features::catalogue;

struct Silent;

impl Observer for Silent {
    fn listened(&mut self, _: usize, _: usize) {}
    fn folded(&mut self, _: usize, _: usize) {}
    fn note(&mut self, _: &str) {}
}

const GRID: [Kernel; 2] = [Kernel { scale: 0.5, noise: 0.1 }, Kernel { scale: 2.0, noise: 0.3 }];

fn songs(count: usize) -> Vec<Heard> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) * 2.0 - 1.0
    };
    (0..count)
        .map(|i| {
            let (valence, arousal) = (0.8 * next(), 0.8 * next());
            // Every feature leans on one of the two, with noise.
            let features: Vec<f32> = (0..catalogue().len())
                .map(|j| ((if j % 2 == 0 { valence } else { arousal }) * 5.0 + next()) as f32)
                .collect();
            let class = match (valence > 0.0, arousal > 0.0) {
                (true, true) => Class::Q1,
                (false, true) => Class::Q2,
                (false, false) => Class::Q3,
                (true, false) => Class::Q4,
            };
            let song_id = format!("{i:016x}");
            // Labels are never sure: noise of standard deviation 0.2.
            let mut label = |x: f64| x + 0.2 * (next() + next() + next());
            let target = [label(valence), label(arousal)];
            Heard { song_id, features, target, class: Some(class), fold: i % 5 }
        })
        .collect()
}

fn model(songs: &[Heard]) -> Model {
    let estimates = out_of_fold(songs, &GRID, &mut Silent).unwrap();
    let calibration = Calibration::of(songs, &estimates);
    let rows: Vec<&[f32]> = songs.iter().map(|s| s.features.as_slice()).collect();
    let training = Training { set: "test".into(), songs: songs.len(), summary: String::new() };
    Model::new(RankNormal::fit(&rows), GRID[0], songs, &estimates, calibration, training).unwrap()
}

#[test]
fn what_can_be_learned_is_learned_and_the_spread_is_honest() {
    let songs = songs(150);
    let estimates = out_of_fold(&songs, &GRID, &mut Silent).unwrap();
    let evaluation = score(&songs, &estimates, &Calibration::of(&songs, &estimates));
    assert!(evaluation.all.valence.r2 > 0.75 && evaluation.all.arousal.r2 > 0.75, "{}", evaluation.table());
    assert!(evaluation.all.quadrant_f1 > 0.85, "{}", evaluation.table());
    assert!(evaluation.covered.iter().all(|c| (c - 0.683).abs() < 0.1), "{}", evaluation.table());
    assert_eq!(evaluation.folds.len(), 5);
}

#[test]
fn a_saved_model_is_the_same_model_and_trained_songs_get_their_fold() {
    let songs = songs(60);
    let model = model(&songs);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models/music.safetensors");
    model.save(&path).unwrap();
    let first = std::fs::read(&path).unwrap();
    let loaded = Model::load(&path).unwrap();
    assert_eq!(loaded.name(), model.name());
    let features = &songs[3].features;
    assert_eq!(loaded.estimate(features, None), model.estimate(features, None));
    let known = loaded.estimate(features, Some(&songs[3].song_id));
    assert_eq!(known, loaded.estimate(&[], Some(&songs[3].song_id)));
    assert_ne!(known, loaded.estimate(features, None));
    loaded.save(&path).unwrap();
    assert_eq!(first, std::fs::read(&path).unwrap());
}

#[test]
fn what_is_no_model_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("music.safetensors");
    assert!(matches!(Model::load(&path), Err(ModelError::Io { .. })));
    std::fs::write(&path, b"not a model").unwrap();
    assert!(matches!(Model::load(&path), Err(ModelError::Format { .. })));
    let settings = folder.path().join("train.toml");
    std::fs::write(&settings, "folder = 'a'\nout = 'b'\nspeed = 3\n").unwrap();
    assert!(Settings::read(&settings).unwrap_err().to_string().contains("speed"));
}
