//! Sensory dissonance and how much of the sound is tones.

use super::lanes::sum;
use super::moments::Moments;
use super::row::{About, Row};
use super::{BIN_HZ, Frame};

/// One frame in so many is looked at: dissonance changes slowly.
const EVERY: usize = 4;
/// Strongest partials that count.
const PARTIALS: usize = 20;
/// Bins that are searched: 54 Hz to 5 kHz.
const SEARCHED: std::ops::Range<usize> = 5..466;
/// Partials weaker than this share of the strongest are left out: -40 dB.
const FAINTEST: f32 = 0.01;

/// Roughness of a clip.
pub struct Roughness {
    frame: usize,
    roughness: Moments,
    tonality: Moments,
    partials: Vec<(f32, f32)>,
}

impl Roughness {
    pub fn new() -> Self {
        Self {
            frame: 0,
            roughness: Moments::default(),
            tonality: Moments::default(),
            partials: Vec::with_capacity(256),
        }
    }

    pub fn add(&mut self, frame: &Frame<'_>) {
        self.frame += 1;
        if self.frame % EVERY != 1 {
            return;
        }
        let magnitude = &frame.magnitude[..SEARCHED.end + 1];
        let strongest = magnitude[SEARCHED].iter().copied().fold(0.0, f32::max);
        self.partials.clear();
        for k in SEARCHED {
            let (a, b, c) = (magnitude[k - 1], magnitude[k], magnitude[k + 1]);
            if b > a && b >= c && b > FAINTEST * strongest {
                // The top of the parabola through three bins.
                let off = 0.5 * (a - c) / (a - 2.0 * b + c);
                self.partials.push((b, (k as f32 + off) * BIN_HZ as f32));
            }
        }
        if self.partials.len() > PARTIALS {
            self.partials.select_nth_unstable_by(PARTIALS, |x, y| y.0.total_cmp(&x.0));
            self.partials.truncate(PARTIALS);
        }
        let energy: f32 = self.partials.iter().map(|p| p.0 * p.0).sum();
        let total = sum(frame.power);
        self.tonality.add(if total > 0.0 { energy / total } else { 0.0 });
        self.roughness.add(if energy > 0.0 { dissonance(&self.partials) / energy } else { 0.0 });
    }

    pub fn write(&self, row: &mut Row) {
        let rough = About::new("sensory dissonance of the partials, relative to their energy", "1", 0.0, 5.0);
        self.roughness.write_two(row, rough, "roughness");
        let tones = About::new("share of the power in the peaks of the spectrum", "1", 0.0, 1.0);
        self.tonality.write_two(row, tones, "tonality");
    }
}

/// The curve of Plomp and Levelt 1965 as Sethares 1993 fits it ("Local consonance and the relationship between timbre
/// and scale", JASA 94), summed over all pairs.
fn dissonance(partials: &[(f32, f32)]) -> f32 {
    let mut total = 0.0;
    for (i, &(a, f)) in partials.iter().enumerate() {
        for &(b, g) in &partials[i + 1..] {
            let scale = 0.24 / (0.0207 * f.min(g) + 18.96);
            let away = scale * (f - g).abs();
            // Beyond two units the curve is below a thousandth.
            if away < 2.0 {
                total += a * b * ((-3.5 * away).exp() - (-5.75 * away).exp());
            }
        }
    }
    total
}
