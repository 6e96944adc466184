//! Tempo and the strength of the pulse, from the autocorrelation of the onset strength.

use super::FRAME_RATE_HZ;
use super::row::{About, Row};

/// Tempi that are tried, beats a minute, by half a beat.
const SLOWEST: f64 = 40.0;
const FASTEST: f64 = 240.0;
/// Preferred tempo and its spread in octaves: the prior of librosa's `feature.tempo`.
const PREFERRED: f64 = 120.0;
const OCTAVES: f64 = 1.0;
/// Beats whose mutual agreement is asked for.
const BEATS: usize = 4;

/// Writes the features of tempo and pulse; returns the tempo, none where the curve has no pulse at all.
pub fn write(curve: &[f32], row: &mut Row) -> Option<f32> {
    let longest = (BEATS as f64 * 60.0 / SLOWEST * FRAME_RATE_HZ) as usize + 2;
    let ac = autocorrelation(curve, longest);
    let comb = |bpm: f64| {
        let lag = 60.0 / bpm * FRAME_RATE_HZ;
        (1..=BEATS).map(|k| at(&ac, k as f64 * lag)).sum::<f64>() / BEATS as f64
    };
    let prior = |bpm: f64| (-0.5 * ((bpm / PREFERRED).log2() / OCTAVES).powi(2)).exp();
    let steps = ((FASTEST - SLOWEST) * 2.0) as usize;
    let tempi = (0..=steps).map(|i| SLOWEST + i as f64 / 2.0);
    let mut best = (f64::NEG_INFINITY, PREFERRED);
    let (mut total, mut weighted) = (0.0, 0.0);
    for bpm in tempi {
        let strength = comb(bpm).max(0.0);
        total += strength;
        weighted += strength * bpm.log2();
        if strength * prior(bpm) > best.0 {
            best = (strength * prior(bpm), bpm);
        }
    }
    let bpm = best.1;
    let found = best.0 > 0.0;

    let beats = About::new("tempo", "beats a minute", SLOWEST as f32, FASTEST as f32);
    row.put(beats, bpm, || "tempo".into());
    let octaves = About::new(
        "mean tempo, weighted by the strength of the pulse at it",
        "log2 of beats a minute",
        5.0,
        8.0,
    );
    row.put(octaves, if total > 0.0 { weighted / total } else { PREFERRED.log2() }, || {
        "log_tempo_mean".into()
    });
    let signed = |meaning| About::new(meaning, "1", -1.0, 1.0);
    row.put(signed("agreement of the onsets with those one to four beats on"), comb(bpm), || {
        "beat_strength".into()
    });
    for (factor, name) in [(0.5, "half"), (2.0, "double"), (1.0 / 3.0, "third"), (1.5, "dotted")] {
        let lag = 60.0 / (bpm * factor) * FRAME_RATE_HZ;
        row.put(signed("autocorrelation at a multiple of the tempo"), at(&ac, lag), || {
            format!("pulse_{name}")
        });
    }
    let highest = ac.iter().skip(8).copied().fold(0.0, f64::max);
    row.put(signed("highest autocorrelation beyond 0.19 s: clarity of the pulse"), highest, || {
        "pulse_clarity".into()
    });
    found.then_some(bpm as f32)
}

/// Autocorrelation of the curve about its mean for lags of 0 to `longest` frames, 1 at lag 0; 0 for a flat curve.
fn autocorrelation(curve: &[f32], longest: usize) -> Vec<f64> {
    let mean = curve.iter().sum::<f32>() / curve.len().max(1) as f32;
    let centred: Vec<f32> = curve.iter().map(|x| x - mean).collect();
    let product = |lag: usize| match centred.get(lag..) {
        Some(later) if !later.is_empty() => f64::from(super::lanes::dot(&centred, later)),
        _ => 0.0,
    };
    let power = product(0);
    (0..=longest).map(|lag| if power > 0.0 { product(lag) / power } else { 0.0 }).collect()
}

/// The value at a lag between two frames; 0 beyond the end.
fn at(ac: &[f64], lag: f64) -> f64 {
    let below = lag.floor() as usize;
    match (ac.get(below), ac.get(below + 1)) {
        (Some(a), Some(b)) => a + (lag - lag.floor()) * (b - a),
        _ => 0.0,
    }
}
