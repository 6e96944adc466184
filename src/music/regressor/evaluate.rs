//! How good the estimates of left-out songs are.

use std::fmt::Write as _;

use super::model::Calibration;
use super::train::{Heard, Observer, OutOfFold, listen, out_of_fold};
use super::{ModelError, Settings};
use crate::affect::metrics::{Confusion, argmax, ccc, mean, pearson, r2, rmse};

/// Figures of one axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisScores {
    pub r2: f64,
    pub rmse: f64,
    /// Pearson's correlation.
    pub r: f64,
    /// Lin's concordance correlation.
    pub ccc: f64,
}

/// Figures of one fold, or of all songs together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldScores {
    /// None: all songs together.
    pub fold: Option<usize>,
    pub songs: usize,
    pub valence: AxisScores,
    pub arousal: AxisScores,
    /// Unweighted mean F1 of the four quadrants; NaN where the set has no classes.
    pub quadrant_f1: f64,
}

/// Out-of-fold figures of a set.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub folds: Vec<FoldScores>,
    /// All songs together, each by the fold that left it out.
    pub all: FoldScores,
    /// Share of songs whose target lies inside the one-sigma interval of its estimate; .683 is perfect.
    pub covered: [f64; 2],
}

/// Evaluates by the folds of the settings; nothing is written.
///
/// # Errors
/// As [`train`](super::train()).
pub fn evaluate(settings: &Settings, observer: &mut dyn Observer) -> Result<Evaluation, ModelError> {
    let heard = listen(settings, observer)?;
    let folds = out_of_fold(&heard.songs, &settings.grid(), observer)?;
    let calibration = Calibration::of(&heard.songs, &folds);
    Ok(score(&heard.songs, &folds, &calibration))
}

/// The figures of out-of-fold estimates.
pub(super) fn score(songs: &[Heard], estimates: &[OutOfFold], calibration: &Calibration) -> Evaluation {
    let mut names: Vec<usize> = songs.iter().map(|s| s.fold).collect();
    names.sort_unstable();
    names.dedup();
    let of = |fold: Option<usize>| {
        let rows: Vec<usize> =
            (0..songs.len()).filter(|&i| fold.is_none_or(|f| songs[i].fold == f)).collect();
        let axis = |axis: usize| {
            let truth: Vec<f64> = rows.iter().map(|&i| songs[i].target[axis]).collect();
            let found: Vec<f64> = rows.iter().map(|&i| estimates[i].mean[axis]).collect();
            AxisScores {
                r2: r2(&truth, &found),
                rmse: rmse(&truth, &found),
                r: pearson(&truth, &found),
                ccc: ccc(&truth, &found),
            }
        };
        let classes = rows.iter().filter_map(|&i| {
            let estimate = calibration.estimate(estimates[i].mean, estimates[i].variance);
            Some((songs[i].class?.index(), argmax(&estimate.probabilities[..4])))
        });
        let confusion = Confusion::from_pairs(4, classes);
        let quadrant_f1 = if confusion.total() > 0 { confusion.macro_f1() } else { f64::NAN };
        FoldScores { fold, songs: rows.len(), valence: axis(0), arousal: axis(1), quadrant_f1 }
    };
    let covered = [0, 1].map(|axis| {
        let inside = songs.iter().zip(estimates).filter(|(song, e)| {
            let sd = e.variance[axis].sqrt() * calibration.factors[axis];
            (song.target[axis] - e.mean[axis]).abs() <= sd
        });
        inside.count() as f64 / songs.len() as f64
    });
    Evaluation { folds: names.into_iter().map(|f| of(Some(f))).collect(), all: of(None), covered }
}

impl Evaluation {
    /// One line for a model card.
    pub fn summary(&self) -> String {
        let FoldScores { songs, valence, arousal, quadrant_f1, .. } = &self.all;
        format!(
            "{songs} songs, each left out of training with its artist: valence R2 {:.3}, arousal R2 {:.3}, quadrant macro F1 {quadrant_f1:.3}",
            valence.r2, arousal.r2
        )
    }

    /// A table for people: a row a fold, the mean with its standard error, and all songs together.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "fold  songs   valence R2  RMSE   r      CCC     arousal R2  RMSE   r      CCC     quadrant F1\n",
        );
        let mut line = |name: &str, songs: &str, figures: [f64; 9]| {
            let [a, b, c, d, e, f, g, h, i] = figures;
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{name:<5} {songs:>5}   {a:>10.3} {b:>6.3} {c:>6.3} {d:>6.3}   {e:>12.3} {f:>6.3} {g:>6.3} {h:>6.3}   {i:>12.3}"
            );
        };
        let figures = |s: &FoldScores| {
            let (v, a) = (&s.valence, &s.arousal);
            [v.r2, v.rmse, v.r, v.ccc, a.r2, a.rmse, a.r, a.ccc, s.quadrant_f1]
        };
        let rows: Vec<[f64; 9]> = self.folds.iter().map(figures).collect();
        for (scores, row) in self.folds.iter().zip(&rows) {
            let name = scores.fold.map_or_else(String::new, |f| f.to_string());
            line(&name, &scores.songs.to_string(), *row);
        }
        let column = |j: usize| rows.iter().map(|row| row[j]).collect::<Vec<_>>();
        line("mean", "", std::array::from_fn(|j| mean(&column(j))));
        line("se", "", std::array::from_fn(|j| standard_error(&column(j))));
        line("all", &self.all.songs.to_string(), figures(&self.all));
        let [v, a] = self.covered;
        let _ =
            writeln!(text, "within one standard deviation: valence {v:.3}, arousal {a:.3} (.683 is perfect)");
        text
    }
}

/// Standard error of the mean; NaN for fewer than two values.
fn standard_error(values: &[f64]) -> f64 {
    let (n, middle) = (values.len() as f64, mean(values));
    (values.iter().map(|x| (x - middle).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt()
}
