//! Which key fits a profile of pitch classes.

use std::fmt;

/// Names of the pitch classes.
const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/// Probe-tone ratings of Krumhansl and Kessler 1982, "Tracing the dynamic changes in perceived tonal organization",
/// Psychological Review 89, table of the mean ratings; tonic first.
const MAJOR: [f64; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR: [f64; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// A tonic and a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Semitones above C, 0 to 11.
    pub tonic: usize,
    pub is_major: bool,
}

impl fmt::Display for Key {
    /// `A minor`, `C# major`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", NAMES[self.tonic % 12], if self.is_major { "major" } else { "minor" })
    }
}

/// The best key of a profile.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    pub key: Key,
    /// Correlation with that key's profile, in [-1, 1].
    pub clarity: f64,
    /// Correlation of the best major less that of the best minor key.
    pub majorness: f64,
    /// Correlation less that of the second-best key.
    pub margin: f64,
}

/// Krumhansl and Schmuckler's method: the key whose profile correlates best; none for a flat profile.
pub fn fit(profile: &[f64; 12]) -> Option<Fit> {
    let (mut best, mut second) = (None::<(f64, Key)>, f64::NEG_INFINITY);
    let mut of_mode = [f64::NEG_INFINITY; 2];
    for is_major in [true, false] {
        for tonic in 0..12 {
            let r = correlation(profile, if is_major { &MAJOR } else { &MINOR }, tonic)?;
            let mode = &mut of_mode[usize::from(is_major)];
            *mode = mode.max(r);
            match best {
                Some((top, _)) if r <= top => second = second.max(r),
                _ => {
                    second = best.map_or(second, |(top, _)| top);
                    best = Some((r, Key { tonic, is_major }));
                }
            }
        }
    }
    best.map(|(clarity, key)| Fit {
        key,
        clarity,
        majorness: of_mode[1] - of_mode[0],
        margin: clarity - second,
    })
}

/// Pearson's correlation of a profile and a key's; none where the profile is flat.
fn correlation(profile: &[f64; 12], key: &[f64; 12], tonic: usize) -> Option<f64> {
    let (mean_p, mean_k) = (profile.iter().sum::<f64>() / 12.0, key.iter().sum::<f64>() / 12.0);
    let (mut pk, mut pp, mut kk) = (0.0, 0.0, 0.0);
    for step in 0..12 {
        let (p, k) = (profile[(tonic + step) % 12] - mean_p, key[step] - mean_k);
        pk += p * k;
        pp += p * p;
        kk += k * k;
    }
    (pp > 1e-12).then(|| pk / (pp * kk).sqrt())
}
