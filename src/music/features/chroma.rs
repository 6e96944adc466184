//! Pitch classes and what they tell of key and harmony.

use super::key::{Key, fit};
use super::lanes::dot;
use super::moments::Moments;
use super::row::{About, Row};
use super::{BIN_HZ, BINS, FRAME_RATE_HZ, Frame};

/// Frames over which a local key is sought: three seconds.
const LOCAL: usize = (3.0 * FRAME_RATE_HZ) as usize;

/// Chroma of a clip, tuned to A = 440 Hz.
pub struct Chroma {
    /// Weight of each bin for each pitch class, C first.
    bank: [Vec<f32>; 12],
    pub classes: [Moments; 12],
    tonnetz: [Moments; 6],
    entropy: Moments,
    change: Moments,
    last: [f32; 12],
    /// Sums of the frames of the current local window, and how many.
    local: ([f64; 12], usize),
    /// Major-minus-minor fit and clarity of each full window, and its key.
    windows: Vec<(f64, f64, Key)>,
}

impl Chroma {
    pub fn new() -> Self {
        Self {
            bank: filters(),
            classes: Default::default(),
            tonnetz: Default::default(),
            entropy: Moments::default(),
            change: Moments::default(),
            last: [0.0; 12],
            local: ([0.0; 12], 0),
            windows: Vec::new(),
        }
    }

    pub fn add(&mut self, frame: &Frame<'_>) {
        let raw: [f32; 12] = std::array::from_fn(|c| dot(&self.bank[c], frame.power));
        let top = raw.iter().copied().fold(0.0, f32::max);
        let chroma = if top > f32::MIN_POSITIVE { raw.map(|x| x / top) } else { raw };
        let total: f32 = chroma.iter().sum();
        for (moments, &x) in self.classes.iter_mut().zip(&chroma) {
            moments.add(x);
        }
        if total > 0.0 {
            let shares = chroma.map(|x| x / total);
            for (moments, x) in self.tonnetz.iter_mut().zip(tonnetz(&shares)) {
                moments.add(x);
            }
            let entropy: f32 = shares.iter().filter(|s| **s > 0.0).map(|s| -s * s.log2()).sum();
            self.entropy.add(entropy / 12f32.log2());
            let change: f32 = shares.iter().zip(&self.last).map(|(a, b)| (a - b).abs()).sum();
            self.change.add(change / 2.0);
            self.last = shares;
        }
        for (sum, &x) in self.local.0.iter_mut().zip(&chroma) {
            *sum += f64::from(x);
        }
        self.local.1 += 1;
        if self.local.1 == LOCAL {
            if let Some(found) = fit(&self.local.0) {
                self.windows.push((found.majorness, found.clarity, found.key));
            }
            self.local = ([0.0; 12], 0);
        }
    }

    /// Writes the tonal features; returns the key of the whole.
    pub fn write(&self, row: &mut Row) -> Option<Key> {
        let profile = self.classes.map(|m| m.mean()).map(|x| if x.is_finite() { x } else { 0.0 });
        let found = fit(&profile);
        let tonic = found.map_or(0, |f| f.key.tonic);
        let degree =
            About::new("mean strength of the pitch class this many semitones above the tonic", "1", 0.0, 1.0);
        for step in 0..12 {
            row.put(degree, profile[(tonic + step) % 12], || format!("degree_{step:02}"));
        }
        let spread = self.classes.iter().map(Moments::sd).sum::<f64>() / 12.0;
        row.put(About::new("mean spread of the pitch classes", "1", 0.0, 0.5), spread, || "chroma_sd".into());
        let unit = |meaning| About::new(meaning, "1", 0.0, 1.0);
        self.entropy.write_two(row, unit("evenness of the twelve pitch classes"), "chroma_entropy");
        self.change.write_two(row, unit("change of the pitch classes from frame to frame"), "chroma_change");
        let place = About::new(
            "tonal centroid: fifths, minor thirds, major thirds (Harte et al. 2006)",
            "1",
            -1.0,
            1.0,
        );
        for (k, moments) in self.tonnetz.iter().enumerate() {
            moments.write_two(row, place, &format!("tonnetz_{k}"));
        }
        let signed = |meaning| About::new(meaning, "1", -1.0, 1.0);
        let clarity = found.map_or(0.0, |f| f.clarity);
        row.put(signed("correlation with the profile of the best key"), clarity, || "key_clarity".into());
        let majorness = found.map_or(0.0, |f| f.majorness);
        row.put(signed("fit of the best major less that of the best minor key"), majorness, || {
            "majorness".into()
        });
        let margin = found.map_or(0.0, |f| f.margin);
        row.put(unit("lead of the best key over the second"), margin, || "key_margin".into());
        let is_major = found.is_some_and(|f| f.key.is_major);
        row.put(unit("1 in a major, 0 in a minor key"), f64::from(u8::from(is_major)), || "mode".into());

        let (mut local, mut clear) = (Moments::default(), Moments::default());
        for (majorness, clarity, _) in &self.windows {
            local.add(*majorness as f32);
            clear.add(*clarity as f32);
        }
        local.write_two(row, signed("majorness of windows of three seconds"), "local_majorness");
        clear.write_two(row, signed("key clarity of windows of three seconds"), "local_clarity");
        let changes = self.windows.windows(2).filter(|w| w[0].2 != w[1].2).count();
        let share = changes as f64 / self.windows.len().saturating_sub(1) as f64;
        row.put(unit("share of windows that change the key"), share, || "key_changes".into());
        found.map(|f| f.key)
    }
}

/// librosa's `filters.chroma`: Gaussian bumps round each pitch class, equal energy a bin, weighted by a Gaussian of two
/// octaves about the fifth octave.
fn filters() -> [Vec<f32>; 12] {
    // Pitch in semitones above the A of 27.5 Hz; the zeroth bin is set an octave and a half below the first.
    let mut pitch: Vec<f64> = (0..2 * (BINS - 1)).map(|k| 12.0 * (k as f64 * BIN_HZ / 27.5).log2()).collect();
    pitch[0] = pitch[1] - 18.0;
    let mut bank: [Vec<f32>; 12] = std::array::from_fn(|_| vec![0.0; BINS]);
    for k in 0..BINS {
        let width = (pitch[k + 1] - pitch[k]).max(1.0);
        let bumps: [f64; 12] = std::array::from_fn(|c| {
            let away = (pitch[k] - c as f64 + 6.0 + 120.0).rem_euclid(12.0) - 6.0;
            (-0.5 * (2.0 * away / width).powi(2)).exp()
        });
        let norm = bumps.iter().map(|b| b * b).sum::<f64>().sqrt();
        let octave = (-0.5 * ((pitch[k] / 12.0 - 5.0) / 2.0).powi(2)).exp();
        for (c, bump) in bumps.iter().enumerate() {
            // Counted from A; the bank begins with C, three semitones above.
            bank[(c + 9) % 12][k] = (bump / norm * octave) as f32;
        }
    }
    bank
}

/// The six coordinates of the tonal centroid of shares of pitch classes.
fn tonnetz(shares: &[f32; 12]) -> [f32; 6] {
    const STEPS: [(f32, f32); 3] = [(7.0 / 6.0, 1.0), (3.0 / 2.0, 1.0), (2.0 / 3.0, 0.5)];
    let mut place = [0.0; 6];
    for (i, (step, radius)) in STEPS.iter().enumerate() {
        for (c, share) in shares.iter().enumerate() {
            let (sin, cos) = (std::f32::consts::PI * step * c as f32).sin_cos();
            place[2 * i] += radius * sin * share;
            place[2 * i + 1] += radius * cos * share;
        }
    }
    place
}
