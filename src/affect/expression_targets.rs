//! What a labelled face says about the plane: FER2013's labels and FER+'s votes as targets.
//!
//! FER2013 (Goodfellow et al. 2013) gives each face one of seven emotions; FER+ (Barsoum et al. 2016) the votes
//! of ten people among eight emotions, *unknown* and *not a face*.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::metrics::argmax;
use super::{Class, Point, lexicon::emotion};

/// FER2013's seven emotions; the order is that of the data set's numbers 0 to 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Emotion {
    Angry,
    Disgust,
    Fear,
    Happy,
    Sad,
    Surprise,
    Neutral,
}

impl Emotion {
    /// All seven, in the order of the data set's numbers.
    pub const ALL: [Self; 7] =
        [Self::Angry, Self::Disgust, Self::Fear, Self::Happy, Self::Sad, Self::Surprise, Self::Neutral];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Angry => "angry",
            Self::Disgust => "disgust",
            Self::Fear => "fear",
            Self::Happy => "happy",
            Self::Sad => "sad",
            Self::Surprise => "surprise",
            Self::Neutral => "neutral",
        }
    }

    /// Its place in [`Emotion::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its place among [`FOUR_CLASSES`]: neutral, happy is Q1, sad is Q3, the rest Q2.
    pub const fn four_class(self) -> usize {
        match self {
            Self::Neutral => 0,
            Self::Happy => 1,
            Self::Sad => 3,
            Self::Angry | Self::Disgust | Self::Fear | Self::Surprise => 2,
        }
    }
}

impl fmt::Display for Emotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Emotion {
    type Err = String;

    /// Reads a number 0 to 6 or a name in the forms that copies of the set use (`happy`, `Happiness`, ...).
    fn from_str(text: &str) -> Result<Self, String> {
        let word = text.trim().to_ascii_lowercase();
        if let Ok(number) = word.parse::<usize>() {
            return Self::ALL
                .get(number)
                .copied()
                .ok_or_else(|| format!("emotion {number} is not one of 0 to 6"));
        }
        Ok(match word.as_str() {
            "angry" | "anger" => Self::Angry,
            "disgust" | "disgusted" => Self::Disgust,
            "fear" | "fearful" => Self::Fear,
            "happy" | "happiness" => Self::Happy,
            "sad" | "sadness" => Self::Sad,
            "surprise" | "surprised" => Self::Surprise,
            "neutral" => Self::Neutral,
            _ => {
                return Err(format!(
                    "`{text}` is not an emotion: angry, disgust, fear, happy, sad, surprise or neutral"
                ));
            }
        })
    }
}

/// The classes in which FER2013's seven emotions are commonly summed, in the order of [`four_classes`].
pub const FOUR_CLASSES: [Class; 4] = [Class::Neutral, Class::Q1, Class::Q2, Class::Q3];

/// Seven probabilities in the order of [`Emotion::ALL`], summed into those of [`FOUR_CLASSES`].
pub fn four_classes<T: Copy + Default + std::ops::AddAssign>(seven: &[T; 7]) -> [T; 4] {
    let mut four = [T::default(); 4];
    for (emotion, &p) in Emotion::ALL.iter().zip(seven) {
        four[emotion.four_class()] += p;
    }
    four
}

/// The eight emotions of FER+, in the order of its columns.
pub const VOTED: [&str; 8] =
    ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"];

const NEUTRAL: usize = 0;
const HAPPINESS: usize = 1;
const SURPRISE: usize = 2;
const SADNESS: usize = 3;

/// Where each of [`VOTED`] lies. FER+'s contempt has no agreed place: midway between anger and disgust, of both of
/// which its expression has a part.
const COORDINATES: [Point; 8] = [
    emotion::NEUTRAL,
    emotion::HAPPINESS,
    emotion::SURPRISE,
    emotion::SADNESS,
    emotion::ANGER,
    emotion::DISGUST,
    emotion::FEAR,
    Point::new(
        (emotion::ANGER.valence + emotion::DISGUST.valence) / 2.0,
        (emotion::ANGER.arousal + emotion::DISGUST.arousal) / 2.0,
    ),
];

/// Where a soft smile lies, one in which as many people see happiness as nothing: midway between `relaxed`
/// (.68, -.46; Russell and Mehrabian 1977) and neutral.
pub const SOFT_SMILE: Point = Point::new(0.34, -0.23);

/// The votes that a face got in FER+.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Votes {
    /// For each of [`VOTED`].
    pub emotions: [u8; 8],
    /// For an unknown emotion.
    pub unknown: u8,
    /// For not being a face.
    pub not_a_face: u8,
}

/// What a network is to say of a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Targets {
    /// Shares of [`VOTED`]; they sum to 1.
    pub emotions: [f32; 8],
    /// Probabilities in the order of [`Class::ALL`]; they sum to 1.
    pub classes: [f32; 5],
    /// The place on the plane.
    pub point: Point,
}

impl Votes {
    /// The emotion with the most votes as an index into [`VOTED`]; `None` where *unknown* or *not a face* has as
    /// many, where two emotions tie, or without votes.
    pub fn majority(&self) -> Option<usize> {
        let best = argmax(&self.emotions);
        let most = self.emotions[best];
        let alone = self.emotions.iter().filter(|&&n| n == most).count() == 1;
        (alone && most > self.unknown && most > self.not_a_face).then_some(best)
    }

    /// The targets of these votes; `None` where most votes say *unknown* or *not a face*, or none names an emotion.
    ///
    /// With shares h of happiness and n of neutral, m = min(h, n) of both is a soft smile and becomes Q4: Q4 takes
    /// 2m, Q1 keeps h - m, neutral keeps n - m. Anger, fear, disgust and contempt go to Q2, sadness to Q3. Surprise
    /// goes to Q1 in the share that happiness has among the other non-neutral votes, else to Q2. The point is the
    /// mean of the emotions' coordinates, the soft smile counted at [`SOFT_SMILE`].
    pub fn targets(&self) -> Option<Targets> {
        let total: u32 = self.emotions.iter().map(|&n| u32::from(n)).sum();
        let most = *self.emotions.iter().max()?;
        if total == 0 || self.unknown > most || self.not_a_face > most {
            return None;
        }
        let share = self.emotions.map(|n| f32::from(n) / total as f32);
        let smile = share[HAPPINESS].min(share[NEUTRAL]);
        let hostile: f32 = share[4..].iter().sum();
        let expressive = share[HAPPINESS] + share[SADNESS] + hostile;
        let pleasant = if expressive > 0.0 { share[HAPPINESS] / expressive } else { 0.0 };

        let mut classes = [0.0; 5];
        classes[Class::Q1.index()] = share[HAPPINESS] - smile + share[SURPRISE] * pleasant;
        classes[Class::Q2.index()] = hostile + share[SURPRISE] * (1.0 - pleasant);
        classes[Class::Q3.index()] = share[SADNESS];
        classes[Class::Q4.index()] = 2.0 * smile;
        classes[Class::Neutral.index()] = share[NEUTRAL] - smile;

        let mut weights = share;
        weights[HAPPINESS] -= smile;
        weights[NEUTRAL] -= smile;
        let mut point = Point::new(2.0 * smile * SOFT_SMILE.valence, 2.0 * smile * SOFT_SMILE.arousal);
        for (place, weight) in COORDINATES.iter().zip(weights) {
            point.valence += weight * place.valence;
            point.arousal += weight * place.arousal;
        }
        Some(Targets { emotions: share, classes, point })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn votes(emotions: [u8; 8]) -> Votes {
        Votes { emotions, ..Votes::default() }
    }

    #[test]
    fn a_laugh_is_q1_and_a_soft_smile_q4() {
        let laugh = votes([0, 10, 0, 0, 0, 0, 0, 0]).targets().unwrap();
        assert_eq!((laugh.classes, laugh.point), ([1.0, 0.0, 0.0, 0.0, 0.0], emotion::HAPPINESS));
        let soft = votes([5, 5, 0, 0, 0, 0, 0, 0]).targets().unwrap();
        assert_eq!((soft.classes, soft.point), ([0.0, 0.0, 0.0, 1.0, 0.0], SOFT_SMILE));
    }

    #[test]
    fn surprise_follows_the_company_that_it_keeps() {
        let glad = votes([0, 3, 6, 0, 1, 0, 0, 0]).targets().unwrap();
        assert!((glad.classes[0] - 0.75).abs() < 1e-6 && (glad.classes[1] - 0.25).abs() < 1e-6);
        assert_eq!(votes([0, 0, 10, 0, 0, 0, 0, 0]).targets().unwrap().classes[1], 1.0);
    }

    #[test]
    fn what_is_no_face_has_no_target() {
        assert_eq!(Votes { not_a_face: 10, ..Votes::default() }.targets(), None);
        assert_eq!(Votes { unknown: 6, emotions: [4, 0, 0, 0, 0, 0, 0, 0], not_a_face: 0 }.targets(), None);
        assert_eq!(votes([5, 5, 0, 0, 0, 0, 0, 0]).majority(), None);
        assert_eq!(votes([4, 6, 0, 0, 0, 0, 0, 0]).majority(), Some(1));
    }

    #[test]
    fn seven_sum_into_four() {
        let four = four_classes(&[0.1f32, 0.1, 0.1, 0.3, 0.2, 0.1, 0.1]);
        for (p, q) in four.iter().zip([0.1, 0.3, 0.4, 0.2]) {
            assert!((p - q).abs() < 1e-6);
        }
        assert_eq!("3".parse(), Ok(Emotion::Happy));
        assert_eq!("Fearful".parse(), Ok(Emotion::Fear));
        assert!("7".parse::<Emotion>().is_err());
    }

    proptest! {
        #[test]
        fn targets_are_distributions_on_the_plane(emotions in proptest::array::uniform8(0u8..=10)) {
            if let Some(targets) = votes(emotions).targets() {
                for sum in [targets.emotions.iter().sum::<f32>(), targets.classes.iter().sum::<f32>()] {
                    prop_assert!((sum - 1.0).abs() < 1e-5);
                }
                prop_assert!(targets.classes.iter().all(|p| *p >= -1e-6));
                prop_assert_eq!(targets.point.clamped(), targets.point);
            }
        }
    }
}
