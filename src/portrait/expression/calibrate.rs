//! Making probabilities and deviations mean what they say, on faces that training has not seen.
//!
//! Temperatures (Guo et al. 2017) for the heads of seven labels and of five classes, a factor for the deviations of
//! valence and of arousal, and one correlation of their errors.

use serde::{Deserialize, Serialize};

use super::model::{Raw, Reading};
use crate::affect::expression_targets::{Emotion, Targets, Votes, four_classes};
use crate::affect::{Estimate, Point};

/// What sitters of portraits are likelier or less likely to show than the faces of FER2013, as offsets of logits in the
/// order of [`Class::ALL`](crate::affect::Class::ALL): soft smiles are common, and what looks neutral at the threshold of
/// a photograph is often a quiet expression. The likeliest on 193 labelled paintings among offsets of neutral from 0 to
/// -1.5 and of Q4 from 0 to 1.5, in steps of a half.
pub const PAINTED: [f32; 5] = [0.0, 0.0, 0.0, 1.0, -0.5];

/// How much larger the errors of valence and arousal are on the same paintings than the network expects of a face as
/// FER2013 has them (measured: 1.5 and 1.4).
pub const PAINTED_SPREAD: f32 = 1.45;

/// What turns the network's outputs into a [`Reading`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Added to the five classes' logits, after the temperature: [`PAINTED`] for portraits.
    #[serde(default)]
    pub class_offsets: [f32; 5],
    /// The seven labels' logits are divided by this: their sums in four classes are calibrated.
    pub label_temperature: f32,
    /// The five classes' logits are divided by this.
    pub class_temperature: f32,
    /// The deviations of valence and arousal are multiplied with these.
    pub deviation_scale: [f32; 2],
    /// The correlation of the errors of valence and arousal, in -1 to 1.
    pub correlation: f32,
}

impl Default for Calibration {
    /// Leaves everything as the network says it.
    fn default() -> Self {
        Self {
            class_offsets: [0.0; 5],
            label_temperature: 1.0,
            class_temperature: 1.0,
            deviation_scale: [1.0; 2],
            correlation: 0.0,
        }
    }
}

/// A face of a validation split: what the network said and what people say.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    pub raw: Raw,
    pub emotion: Emotion,
    pub votes: Option<Votes>,
}

impl Judged {
    /// What the votes say; `None` where there are none that say anything.
    pub fn targets(&self) -> Option<Targets> {
        self.votes.and_then(|votes| votes.targets())
    }
}

impl Calibration {
    /// The same for portraits: classes offset by [`PAINTED`], deviations wider by [`PAINTED_SPREAD`].
    pub fn for_portraits(self) -> Self {
        Self {
            class_offsets: PAINTED,
            deviation_scale: self.deviation_scale.map(|scale| scale * PAINTED_SPREAD),
            ..self
        }
    }

    /// Calibrated probabilities, place and deviations.
    pub fn apply(&self, raw: &Raw) -> Reading {
        let mut classes = raw.classes.map(|logit| logit / self.class_temperature);
        classes.iter_mut().zip(self.class_offsets).for_each(|(logit, offset)| *logit += offset);
        let deviation = |axis: usize| (raw.log_variance[axis] / 2.0).exp() * self.deviation_scale[axis];
        Reading {
            estimate: Estimate {
                mean: Point::new(raw.plane[0], raw.plane[1]).clamped(),
                valence_sd: deviation(0),
                arousal_sd: deviation(1),
                correlation: self.correlation,
                probabilities: softmax(&classes, 1.0),
            },
            emotions: softmax(&raw.labels, self.label_temperature),
            votes: softmax(&raw.votes, 1.0),
        }
    }

    /// The calibration under which the faces' labels, classes and places are likeliest. Faces without votes count for
    /// the labels alone; without any face nothing changes.
    pub fn fit(faces: &[Judged]) -> Self {
        let voted: Vec<(&Raw, Targets)> =
            faces.iter().filter_map(|face| Some((&face.raw, face.targets()?))).collect();
        if voted.is_empty() {
            return Self::default();
        }
        // The seven labels are made for their sums in four classes: these are what is calibrated.
        let of_labels = |t: f32| -> f64 {
            let p = |face: &Judged| four_classes(&softmax(&face.raw.labels, t))[face.emotion.four_class()];
            faces.iter().map(|face| surprise(p(face))).sum()
        };
        let of_classes = |t: f32| -> f64 {
            let cost = |p: [f32; 5], target: [f32; 5]| -> f64 {
                p.iter().zip(target).map(|(p, share)| f64::from(share) * surprise(*p)).sum()
            };
            voted.iter().map(|(raw, targets)| cost(softmax(&raw.classes, t), targets.classes)).sum()
        };
        let errors: Vec<[f32; 2]> = voted
            .iter()
            .map(|(raw, targets)| {
                let z = |axis: usize, truth: f32| {
                    (truth - raw.plane[axis]) * (-raw.log_variance[axis] / 2.0).exp()
                };
                [z(0, targets.point.valence), z(1, targets.point.arousal)]
            })
            .collect();
        let mean = |of: &dyn Fn(&[f32; 2]) -> f32| errors.iter().map(of).sum::<f32>() / errors.len() as f32;
        let scale = [mean(&|z| z[0] * z[0]).sqrt(), mean(&|z| z[1] * z[1]).sqrt()];
        Self {
            class_offsets: [0.0; 5],
            label_temperature: temperature(of_labels),
            class_temperature: temperature(of_classes),
            deviation_scale: scale,
            correlation: (mean(&|z| z[0] * z[1]) / (scale[0] * scale[1]).max(1e-6)).clamp(-0.99, 0.99),
        }
    }
}

/// How much is lost by giving what happened the probability `p`, in nats.
fn surprise(p: f32) -> f64 {
    -f64::from(p.max(1e-12)).ln()
}

/// Probabilities of logits that are divided by a temperature.
pub fn softmax<const N: usize>(logits: &[f32; N], temperature: f32) -> [f32; N] {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.map(|logit| ((logit - most) / temperature).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// The temperature with the least cost, by golden section on its logarithm between 1/8 and 8.
fn temperature(cost_at: impl Fn(f32) -> f64) -> f32 {
    let cost = |log: f32| cost_at(log.exp());
    let golden = (5.0f32.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-8.0f32.ln(), 8.0f32.ln());
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (cost(left), cost(right));
    while high - low > 1e-3 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = cost(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = cost(right);
        }
    }
    f32::midpoint(low, high).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_is_twice_too_sure_gets_a_temperature_of_two() {
        // Logits of log-odds 2 x 1.0986 say 0.9; the truth is 0.75, whose log-odds are 1.0986.
        let logits = [2.0 * 1.098_612, 0.0];
        let cost = |t: f32| {
            let [p, q] = softmax(&logits, t);
            3.0 * surprise(p) + surprise(q)
        };
        assert!((temperature(cost) - 2.0).abs() < 0.01);
    }

    #[test]
    fn deviations_grow_to_the_errors() {
        let votes = Some(Votes { emotions: [10, 0, 0, 0, 0, 0, 0, 0], ..Votes::default() });
        let face = |v: f32| Judged {
            raw: Raw {
                labels: [0.0; 7],
                votes: [0.0; 8],
                classes: [0.0; 5],
                plane: [v, v / 2.0],
                log_variance: [(0.1f32 * 0.1).ln(); 2],
            },
            emotion: Emotion::Neutral,
            votes,
        };
        let calibration = Calibration::fit(&[face(0.2), face(-0.2)]);
        assert!((calibration.deviation_scale[0] - 2.0).abs() < 1e-4);
        assert!((calibration.deviation_scale[1] - 1.0).abs() < 1e-4);
        assert!((calibration.correlation - 0.99).abs() < 1e-4);
        let reading = calibration.apply(&face(0.2).raw);
        assert!((reading.estimate.valence_sd - 0.2).abs() < 1e-4);
        assert!((reading.estimate.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
}
