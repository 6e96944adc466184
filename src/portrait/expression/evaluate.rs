//! How good a model is: on FER2013 and FER+, and on paintings that people have placed on the plane.

use std::fmt::Write;

use image::RgbImage;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::calibrate::{Judged, softmax};
use super::model::Reading;
use super::preprocess::from_levels;
use super::{Expression, ExpressionError};
use crate::affect::Class;
use crate::affect::expression_targets::{Emotion, FOUR_CLASSES, VOTED, four_classes};
use crate::affect::metrics::{Confusion, argmax, ccc, expected_calibration_error, pearson, quantile, rmse};
use crate::datasets::faces::Face;
use crate::datasets::faces::paintings::PaintedFace;

/// Bins of the calibration error.
const BINS: usize = 15;
/// Resamplings of a bootstrap interval, and its seed.
const RESAMPLINGS: usize = 2000;
const SEED: u64 = 1;

/// One figure, as a row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured on: `seven labels`, `four classes`, ...
    pub task: &'static str,
    /// `accuracy`, `f1`, `valence_r`, ...
    pub measure: &'static str,
    /// The class that it is about; `None` for all of them.
    pub class: Option<&'static str>,
    pub value: f64,
    /// A 95 % bootstrap interval over the faces, where one was asked for.
    pub interval: Option<[f64; 2]>,
    /// Number of faces that it rests on.
    pub faces: u64,
}

/// A table of confusions with the names of its classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub task: &'static str,
    pub names: Vec<&'static str>,
    pub confusion: Confusion,
}

/// Everything that was measured on one set of faces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    pub figures: Vec<Figure>,
    pub matrices: Vec<Matrix>,
}

/// Asks the model about labelled faces, on all of rayon's threads.
///
/// # Errors
/// Where libtorch fails.
pub fn judge(expression: &Expression, faces: &[Face]) -> Result<Vec<Judged>, ExpressionError> {
    let parts: Vec<Vec<Judged>> = faces
        .par_chunks(expression.batch_size())
        .map(|part| {
            let grey: Vec<_> = part.iter().map(|face| from_levels(&face.pixels)).collect();
            let raws = expression.raw(&grey)?;
            Ok(part
                .iter()
                .zip(raws)
                .map(|(face, raw)| Judged { raw, emotion: face.emotion, votes: face.votes })
                .collect())
        })
        .collect::<Result<_, ExpressionError>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// Measures a model on labelled faces: seven labels, the four classes in which they are summed with their calibration
/// error, the majority of FER+'s votes among eight, the five classes of the plane, and the plane.
///
/// # Errors
/// Where libtorch fails.
pub fn on_faces(expression: &Expression, faces: &[Face]) -> Result<Evaluation, ExpressionError> {
    let calibration = expression.description().calibration;
    let judged = judge(expression, faces)?;
    let (mut seven, mut four) = (Confusion::new(7), Confusion::new(4));
    let (mut voted, mut five) = (Confusion::new(8), Confusion::new(5));
    let (mut rows, mut truth, mut points) = (Vec::new(), Vec::new(), Points::default());
    for face in &judged {
        let reading = calibration.apply(&face.raw);
        seven.add(face.emotion.index(), argmax(&reading.emotions));
        let summed = four_classes(&reading.emotions.map(f64::from));
        four.add(face.emotion.four_class(), argmax(&summed));
        truth.push(face.emotion.four_class());
        rows.push(summed);
        if let Some(most) = face.votes.and_then(|votes| votes.majority()) {
            voted.add(most, argmax(&softmax(&face.raw.votes, 1.0)));
        }
        if let Some(targets) = face.targets() {
            five.add(argmax(&targets.classes), reading.estimate.class().index());
            points.push(targets.point, &reading);
        }
    }
    let mut evaluation = Evaluation::default();
    evaluation.classes("seven labels", Emotion::ALL.map(Emotion::name).to_vec(), seven);
    evaluation.classes("four classes", FOUR_CLASSES.map(Class::name).to_vec(), four);
    evaluation.figure(
        "four classes",
        "calibration_error",
        expected_calibration_error(&rows, &truth, BINS),
        None,
        rows.len(),
    );
    evaluation.classes("votes", VOTED.to_vec(), voted);
    evaluation.classes("five classes", Class::ALL.map(Class::name).to_vec(), five);
    evaluation.plane(&points, false);
    Ok(evaluation)
}

/// Measures a model on faces in paintings: five classes and the plane, with bootstrap intervals. `crops` holds the
/// aligned crop of each face, in the same order; faces that were not found (`None`) are left out, so the figures state
/// how many they rest on.
///
/// # Errors
/// Where libtorch fails.
pub fn on_paintings(
    expression: &Expression,
    faces: &[PaintedFace],
    crops: &[Option<RgbImage>],
) -> Result<Evaluation, ExpressionError> {
    let found = faces.iter().zip(crops).filter_map(|(face, crop)| Some((face, crop.as_ref()?)));
    let (faces, crops): (Vec<&PaintedFace>, Vec<&RgbImage>) = found.unzip();
    let readings: Vec<Reading> = crops
        .par_chunks(expression.batch_size())
        .map(|part| expression.read(part))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    let mut points = Points::default();
    let mut pairs = Vec::new();
    for (face, reading) in faces.iter().zip(&readings) {
        pairs.push((face.class.index(), reading.estimate.class().index()));
        points.push(face.point, reading);
    }
    let five = |pairs: &[(usize, usize)]| Confusion::from_pairs(5, pairs.iter().copied());
    let resampled = |of: fn(&Confusion) -> f64| {
        bootstrap(pairs.len(), |chosen| of(&five(&chosen.iter().map(|&i| pairs[i]).collect::<Vec<_>>())))
    };
    let mut evaluation = Evaluation::default();
    evaluation.classes("five classes", Class::ALL.map(Class::name).to_vec(), five(&pairs));
    for figure in &mut evaluation.figures {
        figure.interval = match (figure.measure, figure.class) {
            ("accuracy", None) => Some(resampled(Confusion::accuracy)),
            ("macro_f1", None) => Some(resampled(Confusion::macro_f1)),
            _ => None,
        };
    }
    evaluation.plane(&points, true);
    Ok(evaluation)
}

/// Valence and arousal, true and found.
#[derive(Default)]
struct Points {
    valence: [Vec<f64>; 2],
    arousal: [Vec<f64>; 2],
}

impl Points {
    fn push(&mut self, truth: crate::affect::Point, reading: &Reading) {
        let found = reading.estimate.mean;
        for (series, value) in self.valence.iter_mut().zip([truth.valence, found.valence]) {
            series.push(f64::from(value));
        }
        for (series, value) in self.arousal.iter_mut().zip([truth.arousal, found.arousal]) {
            series.push(f64::from(value));
        }
    }
}

/// The 95 % interval of a figure of `n` faces, by resampling them with replacement.
fn bootstrap(n: usize, figure: impl Fn(&[usize]) -> f64) -> [f64; 2] {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut chosen = vec![0; n];
    let values: Vec<f64> = (0..if n == 0 { 0 } else { RESAMPLINGS })
        .map(|_| {
            chosen.iter_mut().for_each(|i| *i = random.random_range(0..n));
            figure(&chosen)
        })
        .collect();
    [quantile(&values, 0.025), quantile(&values, 0.975)]
}

impl Evaluation {
    fn figure(
        &mut self,
        task: &'static str,
        measure: &'static str,
        value: f64,
        interval: Option<[f64; 2]>,
        faces: usize,
    ) {
        self.figures.push(Figure { task, measure, class: None, value, interval, faces: faces as u64 });
    }

    fn classes(&mut self, task: &'static str, names: Vec<&'static str>, confusion: Confusion) {
        let faces = confusion.total();
        for (measure, value) in [
            ("accuracy", confusion.accuracy()),
            ("macro_f1", confusion.macro_f1()),
            ("kappa", confusion.kappa()),
        ] {
            self.figure(task, measure, value, None, faces as usize);
        }
        for (name, scores) in names.iter().zip(confusion.scores()) {
            for (measure, value) in
                [("precision", scores.precision), ("recall", scores.recall), ("f1", scores.f1)]
            {
                self.figures.push(Figure {
                    task,
                    measure,
                    class: Some(name),
                    value,
                    interval: None,
                    faces: scores.support,
                });
            }
        }
        self.matrices.push(Matrix { task, names, confusion });
    }

    fn plane(&mut self, points: &Points, resample: bool) {
        type Measure = (&'static str, fn(&[f64], &[f64]) -> f64);
        let axes: [(&[Vec<f64>; 2], [Measure; 3]); 2] = [
            (&points.valence, [("valence_r", pearson), ("valence_ccc", ccc), ("valence_rmse", rmse)]),
            (&points.arousal, [("arousal_r", pearson), ("arousal_ccc", ccc), ("arousal_rmse", rmse)]),
        ];
        for ([truth, found], measures) in axes {
            for (name, of) in measures {
                let interval = resample.then(|| {
                    bootstrap(truth.len(), |chosen| {
                        let pick = |series: &[f64]| chosen.iter().map(|&i| series[i]).collect::<Vec<_>>();
                        of(&pick(truth), &pick(found))
                    })
                });
                self.figure("plane", name, of(truth, found), interval, truth.len());
            }
        }
    }

    /// The value of a figure about all classes.
    pub fn value(&self, task: &str, measure: &str) -> Option<f64> {
        let about = |f: &&Figure| f.task == task && f.measure == measure && f.class.is_none();
        self.figures.iter().find(about).map(|figure| figure.value)
    }

    /// All figures and matrices as text for a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for figure in self.figures.iter().filter(|figure| figure.class.is_none()) {
            let interval =
                figure.interval.map_or(String::new(), |[low, high]| format!("  [{low:.3}, {high:.3}]"));
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{:<14} {:<18} {:>7.4}{interval}  ({} faces)",
                figure.task, figure.measure, figure.value, figure.faces
            );
        }
        for matrix in &self.matrices {
            matrix.append(&mut text);
        }
        text
    }
}

impl Matrix {
    /// Rows are the truth, columns what was found, then the scores of each class.
    fn append(&self, text: &mut String) {
        let _ = write!(text, "\n{:<12}", self.task);
        for name in &self.names {
            let _ = write!(text, " {name:>9}");
        }
        let _ = writeln!(text, " | precision recall    f1 support");
        for (k, (name, scores)) in self.names.iter().zip(self.confusion.scores()).enumerate() {
            let _ = write!(text, "{name:<12}");
            for found in 0..self.names.len() {
                let _ = write!(text, " {:>9}", self.confusion.count(k, found));
            }
            let _ = writeln!(
                text,
                " | {:>9.3} {:>6.3} {:>5.3} {:>7}",
                scores.precision, scores.recall, scores.f1, scores.support
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_names_every_figure() {
        let mut evaluation = Evaluation::default();
        let confusion = Confusion::from_pairs(2, [(0, 0), (0, 1), (1, 1)]);
        evaluation.classes("two classes", vec!["yes", "no"], confusion);
        assert_eq!(evaluation.value("two classes", "accuracy"), Some(2.0 / 3.0));
        assert_eq!(evaluation.figures.len(), 3 + 2 * 3);
        let text = evaluation.text();
        assert!(text.contains("accuracy") && text.contains("support") && text.lines().count() == 7, "{text}");
    }

    #[test]
    fn a_bootstrap_of_equal_faces_has_no_width() {
        assert_eq!(bootstrap(10, |chosen| chosen.len() as f64), [10.0, 10.0]);
        assert!(bootstrap(0, |_| 1.0)[0].is_nan());
    }
}
