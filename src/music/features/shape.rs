//! The shape of each spectrum: centroid, bandwidth, rolloff, flatness, skewness, entropy, contrast, zero crossings.

use super::lanes::{dot, sum};
use super::moments::Moments;
use super::row::{About, Row};
use super::{BIN_HZ, BINS, FRAME, Frame};

/// Bands of the contrast: below 200 Hz, then octaves, as librosa.
pub const CONTRASTS: usize = 7;
/// Lowest edge of the octaves of the contrast, Hz.
const CONTRAST_LOW_HZ: f64 = 200.0;
/// Share of a band's bins that make its peaks and its valleys.
const CONTRAST_SHARE: f64 = 0.02;
/// Share of the magnitude below the rolloff.
const ROLLOFF: f32 = 0.85;
/// Bins summed at once while looking for the rolloff.
const BLOCK: usize = 32;

/// Moments of the shape of the spectra of a clip.
pub struct Shape {
    /// Bin numbers and their squares and cubes, scaled to 0..1.
    ramps: [Vec<f32>; 3],
    /// First and last (exclusive) bin of each contrast band, and the number of bins of its peaks.
    bands: [(usize, usize, usize); CONTRASTS],
    /// Peaks and valleys of each frame, magnitude.
    extremes: Vec<[(f32, f32); CONTRASTS]>,
    pub centroid: Moments,
    pub bandwidth: Moments,
    pub rolloff: Moments,
    pub flatness: Moments,
    log_flatness: Moments,
    skewness: Moments,
    pub crossings: Moments,
    flux: Moments,
    last: Vec<f32>,
}

impl Shape {
    pub fn new() -> Self {
        let ramp = |power: i32| (0..BINS).map(|k| (k as f32 / BINS as f32).powi(power)).collect();
        Self {
            ramps: [ramp(1), ramp(2), ramp(3)],
            bands: std::array::from_fn(contrast_band),
            extremes: Vec::new(),
            centroid: Moments::default(),
            bandwidth: Moments::default(),
            rolloff: Moments::default(),
            flatness: Moments::default(),
            log_flatness: Moments::default(),
            skewness: Moments::default(),
            crossings: Moments::default(),
            flux: Moments::default(),
            last: vec![0.0; BINS],
        }
    }

    pub fn add(&mut self, frame: &Frame<'_>) {
        let magnitude = frame.magnitude;
        let total = sum(magnitude);
        let [first, second, third] = [0, 1, 2].map(|i| f64::from(dot(magnitude, &self.ramps[i])));
        if total > 0.0 {
            let total = f64::from(total);
            let (m1, m2, m3) = (first / total, second / total, third / total);
            let variance = (m2 - m1 * m1).max(0.0);
            let to_hz = BINS as f64 * BIN_HZ;
            self.centroid.add((m1 * to_hz) as f32);
            self.bandwidth.add((variance.sqrt() * to_hz) as f32);
            let skew = (m3 - 3.0 * m1 * variance - m1.powi(3)) / variance.powf(1.5).max(1e-12);
            self.skewness.add(skew as f32);
            let change: f32 = magnitude.iter().zip(&self.last).map(|(a, b)| (a - b).abs()).sum();
            self.flux.add(change / (total as f32 + sum(&self.last)));
        } else {
            for moments in [&mut self.centroid, &mut self.bandwidth, &mut self.skewness, &mut self.flux] {
                moments.add(0.0);
            }
        }
        self.last.copy_from_slice(magnitude);
        self.rolloff.add((rolloff_bin(magnitude, total) as f64 * BIN_HZ) as f32);
        let flatness = flatness(frame.power);
        self.flatness.add(flatness);
        self.log_flatness.add(flatness.max(1e-10).log10());
        let signs = frame.samples.windows(2);
        let changes: u32 = signs.map(|w| u32::from(w[0].is_sign_negative() != w[1].is_sign_negative())).sum();
        self.crossings.add(changes as f32 / FRAME as f32);
        let bands = &self.bands;
        self.extremes.push(std::array::from_fn(|k| {
            let (from, to, count) = bands[k];
            extremes(&magnitude[from..to], count)
        }));
    }

    /// Moments of the spectral contrast: peaks over valleys, dB (Jiang et al. 2002).
    pub fn contrasts(&self) -> [Moments; CONTRASTS] {
        let db = |x: f32| 10.0 * x.max(1e-10).log10();
        let loudest = |pick: fn(&(f32, f32)) -> f32| {
            db(self.extremes.iter().flatten().map(pick).fold(0.0, f32::max)) - 80.0
        };
        let (peak_floor, valley_floor) = (loudest(|e| e.0), loudest(|e| e.1));
        let mut moments = [Moments::default(); CONTRASTS];
        for frame in &self.extremes {
            for (m, &(peak, valley)) in moments.iter_mut().zip(frame) {
                m.add(db(peak).max(peak_floor) - db(valley).max(valley_floor));
            }
        }
        moments
    }

    pub fn write(&self, row: &mut Row) {
        let hz = |meaning| About::new(meaning, "Hz", 0.0, 11_025.0);
        self.centroid.write_three(row, hz("centre of gravity of the spectrum: brightness"), "centroid");
        self.bandwidth.write_three(row, hz("spread of the spectrum about its centroid"), "bandwidth");
        self.rolloff.write_three(row, hz("frequency below which 85 % of the magnitude lie"), "rolloff");
        let share = |meaning| About::new(meaning, "1", 0.0, 1.0);
        self.flatness.write_two(
            row,
            share("geometric over arithmetic mean of the power: noisiness"),
            "flatness",
        );
        let decades = About::new("the same, logarithm to base ten", "1", -10.0, 0.0);
        self.log_flatness.write_three(row, decades, "log_flatness");
        let skewness =
            About::new("skewness of the spectrum: positive where the low part is strong", "1", -10.0, 40.0);
        self.skewness.write_three(row, skewness, "skewness");
        self.crossings.write_three(
            row,
            share("share of samples at which the sign changes"),
            "zero_crossings",
        );
        self.flux.write_three(row, share("change of the spectrum relative to its magnitude"), "flux");
        let contrast = About::new("peaks over valleys of an octave", "dB", 0.0, 100.0);
        for (k, moments) in self.contrasts().iter().enumerate() {
            moments.write_two(row, contrast, &format!("contrast_{k}"));
        }
    }
}

/// Bins of the `k`-th band of librosa's `spectral_contrast`, and how many of them make a peak.
fn contrast_band(k: usize) -> (usize, usize, usize) {
    let low = if k == 0 { 0.0 } else { CONTRAST_LOW_HZ * 2f64.powi(k as i32 - 1) };
    let high = CONTRAST_LOW_HZ * 2f64.powi(k as i32);
    let is_last = k == CONTRASTS - 1;
    let first = (low / BIN_HZ).ceil() as usize;
    // Each band takes in one bin below its edge; all but the last leave their last bin to the next.
    let from = if k == 0 { first } else { first - 1 };
    let to = if is_last { BINS } else { ((high / BIN_HZ).floor() as usize + 1).min(BINS) };
    let count = ((CONTRAST_SHARE * (to - from) as f64).round_ties_even() as usize).max(1);
    (from, if is_last { to } else { to - 1 }, count)
}

/// Means of the `count` largest and of the `count` smallest magnitudes; `count` is at most 16.
fn extremes(band: &[f32], count: usize) -> (f32, f32) {
    let (mut top, mut bottom) = ([0.0f32; 16], [f32::INFINITY; 16]);
    let (top, bottom) = (&mut top[..count], &mut bottom[..count]);
    let (eights, rest) = band.as_chunks::<8>();
    for eight in eights {
        // Most groups of eight hold neither a peak nor a valley: one look at each is enough.
        let [mut high, mut low] = [*eight; 2];
        for half in [4, 2, 1] {
            for i in 0..half {
                high[i] = if high[i] > high[i + half] { high[i] } else { high[i + half] };
                low[i] = if low[i] < low[i + half] { low[i] } else { low[i + half] };
            }
        }
        if high[0] > top[count - 1] || low[0] < bottom[count - 1] {
            sift(eight, top, bottom);
        }
    }
    sift(rest, top, bottom);
    (top.iter().sum::<f32>() / count as f32, bottom.iter().sum::<f32>() / count as f32)
}

/// Takes the magnitudes that belong there into the two sorted lists.
fn sift(band: &[f32], top: &mut [f32], bottom: &mut [f32]) {
    let last = top.len() - 1;
    for &x in band {
        if x > top[last] {
            insert(top, x, |a, b| a > b);
        }
        if x < bottom[last] {
            insert(bottom, x, |a, b| a < b);
        }
    }
}

/// Puts `x` into a sorted list in place of its last.
fn insert(list: &mut [f32], x: f32, before: impl Fn(f32, f32) -> bool) {
    let mut i = list.len() - 1;
    while i > 0 && before(x, list[i - 1]) {
        list[i] = list[i - 1];
        i -= 1;
    }
    list[i] = x;
}

/// The first bin at which the running sum reaches [`ROLLOFF`] of the whole.
fn rolloff_bin(magnitude: &[f32], total: f32) -> usize {
    let wanted = ROLLOFF * total;
    let mut below = 0.0;
    for (block, bins) in magnitude.chunks(BLOCK).enumerate() {
        let here = sum(bins);
        if below + here >= wanted {
            for (k, x) in bins.iter().enumerate() {
                below += x;
                if below >= wanted {
                    return block * BLOCK + k;
                }
            }
        } else {
            below += here;
        }
    }
    magnitude.len() - 1
}

/// Geometric over arithmetic mean of the power, each bin at least 1e-10 (librosa's `amin`).
fn flatness(power: &[f32]) -> f32 {
    // One logarithm for eight bins: their product stays far inside the range of f64.
    let product = |bins: &[f32]| bins.iter().map(|&p| f64::from(p.max(1e-10))).product::<f64>().ln();
    let logs: f64 = power.chunks(8).map(product).sum();
    let mean = f64::from(sum(power)) / power.len() as f64;
    ((logs / power.len() as f64).exp() / mean.max(1e-10)) as f32
}
