//! Loudness and how it moves.

use super::lanes::dot;
use super::moments::Moments;
use super::row::{About, Row};
use super::{FRAME, Frame};

/// Loudness by EBU R128, measured on the file's own channels and rate.
#[derive(Clone, Copy, Debug)]
pub struct Loudness {
    /// Integrated loudness, LUFS; -70, the gate, where it is below.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
}

impl Default for Loudness {
    fn default() -> Self {
        Self { integrated_lufs: -70.0, range_lu: 0.0 }
    }
}

/// Level of every frame.
pub struct Dynamics {
    pub rms: Moments,
    decibels: Vec<f32>,
    peak: f32,
}

impl Dynamics {
    pub fn new() -> Self {
        Self { rms: Moments::default(), decibels: Vec::new(), peak: 0.0 }
    }

    pub fn add(&mut self, frame: &Frame<'_>) {
        let rms = (dot(frame.samples, frame.samples) / FRAME as f32).sqrt();
        self.rms.add(rms);
        self.decibels.push(20.0 * rms.max(1e-5).log10());
        self.peak = frame.samples.iter().fold(self.peak, |top, x| top.max(x.abs()));
    }

    pub fn write(&self, loudness: &Loudness, row: &mut Row) {
        self.rms.write_three(row, About::new("root mean square of the samples", "1", 0.0, 1.0), "rms");
        let level = About::new("level of a frame re full scale", "dB", -100.0, 0.0);
        let mut levels = Moments::default();
        self.decibels.iter().for_each(|&x| levels.add(x));
        levels.write_three(row, level, "level");
        let mut sorted = self.decibels.clone();
        sorted.sort_by(f32::total_cmp);
        let quantile = |share: f64| {
            let last = sorted.len().saturating_sub(1);
            sorted.get((share * last as f64).round() as usize).map_or(0.0, |&x| f64::from(x))
        };
        for percent in [10, 50, 90] {
            row.put(level, quantile(f64::from(percent) / 100.0), || format!("level_p{percent}"));
        }
        let span = About::new("level of the 95th less that of the 10th percentile", "dB", 0.0, 100.0);
        row.put(span, quantile(0.95) - quantile(0.1), || "dynamic_range".into());
        let crest = About::new("peak over root mean square", "dB", 0.0, 60.0);
        row.put(crest, 20.0 * (f64::from(self.peak) / self.rms.mean()).log10(), || "crest".into());
        let quiet =
            self.decibels.iter().filter(|&&x| 10f64.powf(f64::from(x) / 20.0) < self.rms.mean()).count();
        let share = About::new("share of frames below the mean level", "1", 0.0, 1.0);
        row.put(share, quiet as f64 / self.decibels.len() as f64, || "low_energy".into());
        let slope = About::new("level of the last third less that of the first", "dB", -100.0, 100.0);
        row.put(slope, self.slope(), || "level_slope".into());
        let lufs = About::new("integrated loudness by EBU R128", "LUFS", -70.0, 5.0);
        row.put(lufs, loudness.integrated_lufs, || "loudness".into());
        let range = About::new("loudness range by EBU Tech 3342", "LU", 0.0, 60.0);
        row.put(range, loudness.range_lu, || "loudness_range".into());
    }

    fn slope(&self) -> f64 {
        let third = self.decibels.len() / 3;
        let mean = |part: &[f32]| part.iter().map(|&x| f64::from(x)).sum::<f64>() / part.len() as f64;
        if third == 0 {
            0.0
        } else {
            mean(&self.decibels[self.decibels.len() - third..]) - mean(&self.decibels[..third])
        }
    }
}
