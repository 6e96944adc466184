//! Onsets, their rate and their pulse.

use super::mel::{BANDS, Mel};
use super::moments::Moments;
use super::row::{About, Row};
use super::tempo;
use super::{FRAME, FRAME_RATE_HZ, HOP};

/// Frames by which an onset curve is shifted so that it lies at the frame's middle, as librosa's `center`.
const SHIFT: usize = FRAME / (2 * HOP);
/// Frames before an onset within which it must be the highest, and the wait after one: 70 ms.
const NEIGHBOURHOOD: usize = 3;

/// Onset strength, one value a frame: the mean rise of the mel bands, dB (librosa's `onset_strength`).
pub fn onset_strength(mel: &Mel, bands: std::ops::Range<usize>) -> Vec<f32> {
    let count = mel.frames().len();
    let mut curve = vec![0.0; (SHIFT + 1).min(count)];
    let width = bands.len() as f32;
    let mut last: Option<&[f32; BANDS]> = None;
    for frame in mel.frames() {
        if let Some(last) = last {
            let rises = frame[bands.clone()].iter().zip(&last[bands.clone()]).map(|(a, b)| (a - b).max(0.0));
            curve.push(rises.sum::<f32>() / width);
        }
        last = Some(frame);
    }
    curve.truncate(count);
    curve
}

/// Writes the features of rhythm; returns the tempo.
pub fn write(mel: &Mel, row: &mut Row) -> Option<f32> {
    let curve = onset_strength(mel, 0..BANDS);
    let mut strength = Moments::default();
    curve.iter().for_each(|&x| strength.add(x));
    let rise = About::new("onset strength: mean rise of the mel bands from frame to frame", "dB", 0.0, 80.0);
    strength.write_three(row, rise, "onset");
    for (name, bands) in [("low", 0..24), ("middle", 24..72), ("high", 72..BANDS)] {
        let mut part = Moments::default();
        onset_strength(mel, bands).iter().for_each(|&x| part.add(x));
        part.write_two(row, rise, &format!("onset_{name}"));
    }

    let onsets = peaks(&curve, strength.mean() + strength.sd());
    let seconds = curve.len() as f64 / FRAME_RATE_HZ;
    let rate = About::new("onsets a second", "Hz", 0.0, 15.0);
    row.put(rate, onsets.len() as f64 / seconds, || "onset_rate".into());
    let mut gaps = Moments::default();
    onsets.windows(2).for_each(|w| gaps.add((w[1] - w[0]) as f32 / FRAME_RATE_HZ as f32));
    let irregular = About::new("spread of the time between onsets over its mean", "1", 0.0, 5.0);
    row.put(irregular, gaps.sd() / gaps.mean(), || "onset_irregularity".into());
    let mut heights = Moments::default();
    onsets.iter().for_each(|&t| heights.add(curve[t]));
    heights.write_two(row, rise, "onset_height");

    tempo::write(&curve, row)
}

/// Frames at which the curve is the highest of its neighbourhood and above `threshold`.
fn peaks(curve: &[f32], threshold: f64) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (t, &x) in curve.iter().enumerate() {
        let around = &curve[t.saturating_sub(NEIGHBOURHOOD)..(t + NEIGHBOURHOOD + 1).min(curve.len())];
        let is_free = found.last().is_none_or(|&last| t > last + NEIGHBOURHOOD);
        if f64::from(x) > threshold && is_free && around.iter().all(|&y| y <= x) {
            found.push(t);
        }
    }
    found
}
