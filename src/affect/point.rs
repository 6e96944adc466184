//! A place on the plane.

use serde::{Deserialize, Serialize};

/// A place on the valence-arousal plane; both coordinates in [-1, 1].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Unpleasant (-1) to pleasant (1).
    pub valence: f32,
    /// Calm (-1) to excited (1).
    pub arousal: f32,
}

impl Point {
    /// The middle of the plane: neither pleasant nor unpleasant, neither calm nor excited.
    pub const ORIGIN: Self = Self::new(0.0, 0.0);

    /// A point as given, which the caller knows to lie in [-1, 1].
    pub const fn new(valence: f32, arousal: f32) -> Self {
        Self { valence, arousal }
    }

    /// The nearest point of the square [-1, 1]; a coordinate that is not a number becomes 0.
    pub fn clamped(self) -> Self {
        let clamp = |x: f32| if x.is_nan() { 0.0 } else { x.clamp(-1.0, 1.0) };
        Self::new(clamp(self.valence), clamp(self.arousal))
    }

    /// Distance from the origin: the intensity of the emotion, 0 to the root of 2.
    pub fn intensity(self) -> f32 {
        self.valence.hypot(self.arousal)
    }

    /// Euclidean distance to another point.
    pub fn distance(self, other: Self) -> f32 {
        (self.valence - other.valence).hypot(self.arousal - other.arousal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamping_keeps_the_square_and_drops_what_is_not_a_number() {
        assert_eq!(Point::new(3.0, -2.0).clamped(), Point::new(1.0, -1.0));
        assert_eq!(Point::new(f32::NAN, 0.5).clamped(), Point::new(0.0, 0.5));
    }

    #[test]
    fn distances_are_euclidean() {
        assert!((Point::new(0.3, 0.4).intensity() - 0.5).abs() < 1e-6);
        assert!((Point::new(0.5, 0.5).distance(Point::new(0.5, -0.5)) - 1.0).abs() < 1e-6);
    }
}
