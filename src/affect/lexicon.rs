//! Words of emotion and where they lie on the plane; each table names its source.

use super::Point;

/// Emotion coordinates (valence, arousal) from Russell and Mehrabian 1977, "Evidence for a three-factor theory of
/// emotions", Journal of Research in Personality 11, as commonly cited.
pub mod emotion {
    use super::Point;

    pub const NEUTRAL: Point = Point::new(0.0, 0.0);
    pub const HAPPINESS: Point = Point::new(0.81, 0.51);
    pub const SURPRISE: Point = Point::new(0.40, 0.67);
    pub const SADNESS: Point = Point::new(-0.63, -0.27);
    pub const ANGER: Point = Point::new(-0.51, 0.59);
    pub const DISGUST: Point = Point::new(-0.60, 0.35);
    pub const FEAR: Point = Point::new(-0.64, 0.60);
}
