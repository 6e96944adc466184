//! Batches of training faces, prepared beside the network.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use rand::seq::SliceRandom;

use super::augment::{augmented, generator, plain};
use super::preprocess::from_levels;
use super::settings::AugmentSettings;
use crate::affect::expression_targets::Targets;
use crate::datasets::faces::Face;

/// A face as training sees it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// 48 x 48 grey levels.
    pub pixels: Box<[u8]>,
    /// FER2013's label, 0 to 6.
    pub label: i64,
    /// What FER+'s votes say; `None` where there are none to be trusted.
    pub targets: Option<Targets>,
}

impl From<Face> for Sample {
    fn from(face: Face) -> Self {
        Self {
            label: face.emotion.index() as i64,
            targets: face.votes.and_then(|votes| votes.targets()),
            pixels: face.pixels,
        }
    }
}

/// Pictures and targets of a step, flat, row by row.
#[derive(Debug, Default)]
pub struct Batch {
    /// `n x side x side` grey levels in 0 to 1.
    pub grey: Vec<f32>,
    /// `n` labels.
    pub labels: Vec<i64>,
    /// `n x 8` shares of votes; zeros where there are no votes.
    pub votes: Vec<f32>,
    /// `n x 5` class probabilities; zeros where there are no votes.
    pub classes: Vec<f32>,
    /// `n x 2` valence and arousal.
    pub plane: Vec<f32>,
    /// `n` ones for faces with votes, zeros for others.
    pub voted: Vec<f32>,
}

impl Batch {
    fn push_targets(&mut self, sample: &Sample) {
        self.labels.push(sample.label);
        if let Some(targets) = &sample.targets {
            self.votes.extend(targets.emotions);
            self.classes.extend(targets.classes);
            self.plane.extend([targets.point.valence, targets.point.arousal]);
            self.voted.push(1.0);
        } else {
            self.votes.extend([0.0; 8]);
            self.classes.extend([0.0; 5]);
            self.plane.extend([0.0; 2]);
            self.voted.push(0.0);
        }
    }

    /// Faces as they are, for validation.
    pub fn plain(samples: &[Sample], side: usize) -> Self {
        let mut batch = Self::default();
        for sample in samples {
            plain(&from_levels(&sample.pixels), side, &mut batch.grey);
            batch.push_targets(sample);
        }
        batch
    }

    /// Number of faces.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// What decides an epoch's batches.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    pub samples: &'a [Sample],
    pub augment: &'a AugmentSettings,
    pub seed: u64,
    pub epoch: usize,
    pub batch: usize,
    pub side: usize,
}

impl Plan<'_> {
    /// Number of batches; the rest that does not fill one is left for another epoch's order.
    pub fn batches(&self) -> usize {
        self.samples.len() / self.batch
    }

    /// The order of the faces in this epoch.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.samples.len()).collect();
        // Index 2^40 - 1 is no face's.
        order.shuffle(&mut generator(self.seed, self.epoch, (1 << 40) - 1));
        order
    }

    fn prepare(&self, members: &[usize]) -> Batch {
        let mut batch = Batch::default();
        batch.grey.reserve(members.len() * self.side * self.side);
        for &index in members {
            let mut random = generator(self.seed, self.epoch, index);
            augmented(&self.samples[index].pixels, self.augment, self.side, &mut random, &mut batch.grey);
            batch.push_targets(&self.samples[index]);
        }
        batch
    }
}

/// Prepares the batches of an epoch on `threads` threads of the scope; they come in order, and never more than four
/// a thread wait. Dropping the receivers ends the threads.
pub fn load<'scope>(
    scope: &'scope Scope<'scope, '_>,
    plan: Plan<'scope>,
    threads: usize,
) -> impl Iterator<Item = Batch> + use<'scope> {
    let threads = threads.max(1);
    let order = std::sync::Arc::new(plan.order());
    let receivers: Vec<Receiver<Batch>> = (0..threads)
        .map(|worker| {
            let (sender, receiver) = sync_channel(4);
            let order = order.clone();
            scope.spawn(move || {
                for members in order.chunks_exact(plan.batch).skip(worker).step_by(threads) {
                    if sender.send(plan.prepare(members)).is_err() {
                        return;
                    }
                }
            });
            receiver
        })
        .collect();
    (0..plan.batches()).map_while(move |number| receivers[number % receivers.len()].recv().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::faces::PIXELS;

    #[test]
    fn batches_are_the_same_whatever_the_threads() {
        let samples: Vec<Sample> = (0..11u8)
            .map(|i| Sample { pixels: vec![i * 20; PIXELS].into(), label: i64::from(i), targets: None })
            .collect();
        let augment = AugmentSettings::default();
        let plan = Plan { samples: &samples, augment: &augment, seed: 1, epoch: 2, batch: 2, side: 32 };
        let run = |threads| {
            std::thread::scope(|scope| {
                load(scope, plan, threads).map(|b| (b.labels, b.grey)).collect::<Vec<_>>()
            })
        };
        let one = run(1);
        assert_eq!(one.len(), 5);
        assert_eq!(one, run(3));
    }
}
