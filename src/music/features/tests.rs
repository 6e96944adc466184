//! Known sounds have known features.

use std::collections::HashSet;
use std::f64::consts::TAU;

use super::{Analyser, Analysis, Loudness, catalogue};

const RATE: usize = 22_050;

fn analysis(samples: &[f32]) -> Analysis {
    let mut analyser = Analyser::new();
    analyser.push(samples);
    analyser.finish(&Loudness::default())
}

fn value(analysis: &Analysis, name: &str) -> f32 {
    let place = catalogue().iter().position(|f| f.name == name).unwrap();
    analysis.features[place]
}

/// Decaying noise bursts at a tempo.
fn clicks(bpm: f64, seconds: usize) -> Vec<f32> {
    let period = 60.0 / bpm * RATE as f64;
    let mut state = 1u32;
    (0..seconds * RATE)
        .map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let age = n as f64 % period;
            let noise = f64::from(state) / f64::from(u32::MAX) - 0.5;
            (noise * (-age / 400.0).exp()) as f32
        })
        .collect()
}

/// Chords of half a second each, given in semitones above middle C, with four partials a note.
fn chords(chords: &[&[i32]]) -> Vec<f32> {
    let one = |notes: &[i32]| -> Vec<f32> {
        (0..RATE / 2)
            .map(|n| {
                let t = n as f64 / RATE as f64;
                let note = |semitones: i32| {
                    let f = 261.6256 * 2f64.powf(f64::from(semitones) / 12.0);
                    (1..=4).map(|p| (TAU * f * f64::from(p) * t).sin() / f64::from(p * p)).sum::<f64>()
                };
                (0.1 * notes.iter().map(|&s| note(s)).sum::<f64>()) as f32
            })
            .collect()
    };
    chords.iter().cycle().take(chords.len() * 4).flat_map(|c| one(c)).collect()
}

#[test]
fn names_are_unique_and_their_number_is_part_of_the_version() {
    let names: HashSet<&str> = catalogue().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names.len(), catalogue().len());
    assert_eq!(catalogue().len(), 220, "raise FEATURE_VERSION and this number together");
    assert_eq!(analysis(&clicks(100.0, 3)).features.len(), catalogue().len());
}

#[test]
fn tempo_of_clicks() {
    for bpm in [60.0, 75.0, 90.0, 100.0, 120.0, 128.0, 140.0, 174.0] {
        let found = analysis(&clicks(bpm, 20)).tempo_bpm.unwrap();
        assert!((f64::from(found) / bpm - 1.0).abs() < 0.02, "{bpm} beats a minute: found {found}");
    }
}

#[test]
fn key_of_cadences() {
    // I IV V I in major and i iv V i in minor, moved to every tonic.
    for tonic in 0..12 {
        let at = |steps: &[i32]| steps.iter().map(|s| s + tonic).collect::<Vec<_>>();
        let (i, iv, v) = (at(&[0, 4, 7]), at(&[5, 9, 12]), at(&[-5, -1, 2]));
        let major = analysis(&chords(&[&i, &iv, &v, &i])).key.unwrap();
        assert_eq!((major.tonic as i32, major.is_major), (tonic, true), "found {major}");
        let (i, iv) = (at(&[0, 3, 7]), at(&[5, 8, 12]));
        let minor = analysis(&chords(&[&i, &iv, &v, &i])).key.unwrap();
        assert_eq!((minor.tonic as i32, minor.is_major), (tonic, false), "found {minor}");
    }
}

#[test]
fn a_tone_is_where_it_is() {
    let tone: Vec<f32> =
        (0..3 * RATE).map(|n| (TAU * 1000.0 * n as f64 / RATE as f64).sin() as f32 * 0.5).collect();
    let found = analysis(&tone);
    assert!((value(&found, "rms_mean") - 0.5 / 2f32.sqrt()).abs() < 0.01);
    assert!((value(&found, "zero_crossings_mean") - 2000.0 / RATE as f32).abs() < 0.002);
    assert!(value(&found, "tonality_mean") > 0.3 && value(&found, "flatness_mean") < 0.01);
}

#[test]
fn anything_has_finite_features() {
    let square: Vec<f32> = (0..RATE).map(|n| if n % 50 < 25 { 1.0 } else { -1.0 }).collect();
    for samples in [vec![], vec![0.0; 100], vec![0.0; RATE], vec![1.0; RATE], square, vec![1e20; RATE]] {
        let found = analysis(&samples);
        assert!(found.features.iter().all(|x| x.is_finite()));
    }
    assert_eq!(analysis(&vec![0.0; RATE]).tempo_bpm, None);
    assert_eq!(analysis(&vec![0.0; RATE]).key, None);
}
