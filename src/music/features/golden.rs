//! Feature by feature against librosa, on a signal that both sides generate (`scripts/golden/librosa_features.py`).

use std::f64::consts::TAU;

use super::mel::BANDS;
use super::moments::Moments;
use super::{Analyser, rhythm};

const RATE: usize = 22_050;

/// A chirp, three steady tones, clicks and noise: six seconds.
fn signal() -> Vec<f32> {
    let mut state = 12_345u64;
    (0..6 * RATE)
        .map(|n| {
            let t = n as f64 / RATE as f64;
            let chirp = 0.2 * (TAU * (200.0 * t + 250.0 * t * t)).sin();
            let tones: f64 = [220.0, 277.1826, 329.6276].iter().map(|f| 0.1 * (TAU * f * t).sin()).sum();
            let phase = n % (RATE / 2);
            let click = if phase < 64 { 0.5 * (1.0 - phase as f64 / 64.0) * t / 6.0 } else { 0.0 };
            state = (state * 1_103_515_245 + 12_345) % (1 << 31);
            let noise = state as f64 / f64::from(1 << 30) - 1.0;
            (chirp + tones + click + 0.02 * noise) as f32
        })
        .collect()
}

/// The analyser after the whole signal, before its rows are written.
fn analysed() -> Analyser {
    let mut analyser = Analyser::new();
    // Uneven blocks: the frames must not depend on them.
    for block in signal().chunks(1152) {
        analyser.push(block);
    }
    analyser.push(&[0.0; super::FRAME / 2]);
    analyser.mel.close();
    analyser
}

/// Compares means and spreads to the file's, each within `relative` of the value plus `absolute`.
fn compare(golden: &serde_json::Value, name: &str, ours: &[Moments], relative: f64, absolute: f64) {
    for (statistic, pick) in [("mean", Moments::mean as fn(&Moments) -> f64), ("sd", Moments::sd)] {
        let theirs = golden[name][statistic].as_array().unwrap();
        assert_eq!(theirs.len(), ours.len(), "{name}");
        for (k, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
            let (theirs, ours) = (theirs.as_f64().unwrap(), pick(ours));
            let allowed = relative * theirs.abs() + absolute;
            assert!(
                (theirs - ours).abs() <= allowed,
                "{name}[{k}] {statistic}: ours {ours}, librosa's {theirs}, allowed difference {allowed}"
            );
        }
    }
}

#[test]
fn features_agree_with_librosa() {
    let golden = include_str!("../../../tests/golden/librosa_features.json");
    let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
    let analyser = analysed();
    let shape = &analyser.shape;
    compare(&golden, "centroid", &[shape.centroid], 1e-3, 0.0);
    compare(&golden, "bandwidth", &[shape.bandwidth], 1e-3, 0.0);
    // One bin is 10.8 Hz: a sum that ends on the edge of a bin may fall to either side.
    compare(&golden, "rolloff", &[shape.rolloff], 1e-3, 0.5);
    compare(&golden, "flatness", &[shape.flatness], 1e-3, 1e-6);
    compare(&golden, "contrast", &shape.contrasts(), 1e-3, 0.01);
    compare(&golden, "mfcc", &analyser.mel.cepstra(), 1e-3, 0.02);
    compare(&golden, "chroma", &analyser.chroma.classes, 1e-3, 1e-4);
    // librosa pads the ends with the edge's value, we with zeros.
    compare(&golden, "zero_crossings", &[shape.crossings], 5e-3, 1e-4);
    compare(&golden, "rms", &[analyser.dynamics.rms], 1e-4, 0.0);
    let mut onset = Moments::default();
    rhythm::onset_strength(&analyser.mel, 0..BANDS).iter().for_each(|&x| onset.add(x));
    compare(&golden, "onset", &[onset], 1e-3, 1e-3);
}
