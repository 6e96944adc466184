//! The nine terms of the Geneva Emotional Music Scale, as Emotify asks for them.
//!
//! Zentner, Grandjean and Scherer 2008, "Emotions evoked by the sound of music", Emotion 8, give the terms and group
//! them into sublimity, vitality and unease. They give no coordinates: these here are placed by hand, vitality upper
//! right, tension upper left, sadness lower left, the terms of sublimity right and low, so they carry the order of
//! the terms rather than distances.

use super::Point;

/// Term, as in the header of Emotify's table, and its place.
pub const TERMS: [(&str, Point); 9] = [
    ("amazement", Point::new(0.50, 0.30)),
    ("solemnity", Point::new(0.10, -0.20)),
    ("tenderness", Point::new(0.50, -0.40)),
    ("nostalgia", Point::new(0.10, -0.30)),
    ("calmness", Point::new(0.50, -0.60)),
    ("power", Point::new(0.30, 0.60)),
    ("joyful_activation", Point::new(0.70, 0.60)),
    ("tension", Point::new(-0.60, 0.60)),
    ("sadness", Point::new(-0.60, -0.40)),
];

/// The weighted mean of the terms' places; none where no term has a positive weight.
pub fn place(weights: &[f32; 9]) -> Option<Point> {
    let total: f32 = weights.iter().filter(|w| **w > 0.0).sum();
    (total > 0.0).then(|| {
        TERMS.iter().zip(weights).filter(|(_, w)| **w > 0.0).fold(Point::ORIGIN, |sum, ((_, p), w)| {
            Point::new(sum.valence + p.valence * w / total, sum.arousal + p.arousal * w / total)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_term_is_its_place_and_none_is_nowhere() {
        let mut weights = [0.0; 9];
        assert_eq!(place(&weights), None);
        weights[8] = 0.3;
        assert_eq!(place(&weights), Some(TERMS[8].1));
    }
}
