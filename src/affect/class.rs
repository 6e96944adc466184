//! Russell's quadrants plus neutral.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Point;

/// Radius of the neutral disc round the origin of the plane.
///
/// The coordinates of the weakest emotions that the lexicon names lie at 0.6 and more; half of that is
/// the place where a mixture is as far from neutral as from the emotion, and noise pulls real estimates inwards.
pub const NEUTRAL_RADIUS: f32 = 0.2;

/// One of five classes of emotion. The order is that of every table of probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Elated: pleasant and excited.
    Q1,
    /// Agitated: unpleasant and excited.
    Q2,
    /// Sad: unpleasant and calm.
    Q3,
    /// Serene: pleasant and calm.
    Q4,
    /// Inside the neutral disc.
    Neutral,
}

impl Class {
    /// All classes, in the order of every table of probabilities.
    pub const ALL: [Self; 5] = [Self::Q1, Self::Q2, Self::Q3, Self::Q4, Self::Neutral];

    /// The quadrant of a point, whatever its intensity. The positive half of an axis counts as positive, and so does zero.
    pub fn quadrant(point: Point) -> Self {
        match (point.valence >= 0.0, point.arousal >= 0.0) {
            (true, true) => Self::Q1,
            (false, true) => Self::Q2,
            (false, false) => Self::Q3,
            (true, false) => Self::Q4,
        }
    }

    /// The class of a point: neutral within [`NEUTRAL_RADIUS`] of the origin, else its quadrant.
    pub fn of(point: Point) -> Self {
        if point.intensity() <= NEUTRAL_RADIUS { Self::Neutral } else { Self::quadrant(point) }
    }

    /// Its place in [`Class::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name in tables: `q1` to `q4`, `neutral`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Q1 => "q1",
            Self::Q2 => "q2",
            Self::Q3 => "q3",
            Self::Q4 => "q4",
            Self::Neutral => "neutral",
        }
    }

    /// The word for people: elated, agitated, sad, serene, neutral.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Q1 => "elated",
            Self::Q2 => "agitated",
            Self::Q3 => "sad",
            Self::Q4 => "serene",
            Self::Neutral => "neutral",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Class {
    type Err = String;

    /// Reads `q1` to `q4`, `n` or `neutral`, without regard to case.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "q1" => Ok(Self::Q1),
            "q2" => Ok(Self::Q2),
            "q3" => Ok(Self::Q3),
            "q4" => Ok(Self::Q4),
            "n" | "neutral" => Ok(Self::Neutral),
            other => Err(format!("`{other}` is no class: q1, q2, q3, q4 or neutral")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for class in Class::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(Class::ALL[class.index()], class);
        }
        assert!("q5".parse::<Class>().is_err());
    }

    #[test]
    fn quadrants_run_against_the_clock_from_the_upper_right() {
        let at = |v, a| Class::of(Point::new(v, a));
        assert_eq!([at(0.5, 0.5), at(-0.5, 0.5), at(-0.5, -0.5), at(0.5, -0.5), at(0.1, 0.1)], Class::ALL);
    }
}
