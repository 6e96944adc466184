//! Where something lies on the plane, how surely, and what that makes it.

use super::{Class, NEUTRAL_RADIUS, Point};

/// A Gaussian on the plane and the probabilities of the five classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: Point,
    /// Standard deviation of the valence, at least 0.
    pub valence_sd: f32,
    /// Standard deviation of the arousal, at least 0.
    pub arousal_sd: f32,
    /// Correlation of the two errors, in [-1, 1].
    pub correlation: f32,
    /// Probabilities in the order of [`Class::ALL`]; they sum to 1.
    pub probabilities: [f32; 5],
}

/// Radii and angles of the polar grid on which a Gaussian's mass is summed.
const RINGS: usize = 24;
const SPOKES: usize = 48;

impl Estimate {
    /// The most probable class; of equals the first.
    pub fn class(&self) -> Class {
        let mut best = Class::Q1;
        for class in Class::ALL {
            if self.probabilities[class.index()] > self.probabilities[best.index()] {
                best = class;
            }
        }
        best
    }

    /// Whether `class` and the quadrant of the mean speak of different things: the mean lies outside the
    /// neutral disc and its quadrant is another than the most probable class.
    pub fn contradicts_itself(&self) -> bool {
        let of_mean = Class::of(self.mean);
        of_mean != Class::Neutral && of_mean != self.class()
    }

    /// An estimate whose class probabilities are the masses of its Gaussian: in the neutral disc, and in the
    /// quadrants outside the disc.
    ///
    /// The mass is summed over `RINGS x SPOKES` points of equal probability in the whitened plane, which is
    /// exact to about 0.01 and the same on every machine.
    pub fn from_gaussian(mean: Point, valence_sd: f32, arousal_sd: f32, correlation: f32) -> Self {
        let mut counts = [0u32; 5];
        let across = (1.0 - correlation * correlation).max(0.0).sqrt();
        for ring in 0..RINGS {
            // Rings of equal mass: the squared radius of a standard Gaussian is exponential.
            let mass = (ring as f32 + 0.5) / RINGS as f32;
            let radius = (-2.0 * (1.0 - mass).ln()).sqrt();
            for spoke in 0..SPOKES {
                let angle = (spoke as f32 + 0.5) * std::f32::consts::TAU / SPOKES as f32;
                let (sin, cos) = angle.sin_cos();
                let (x, y) = (radius * cos, radius * sin);
                let point = Point::new(
                    mean.valence + valence_sd * x,
                    mean.arousal + arousal_sd * (correlation * x + across * y),
                );
                let class =
                    if point.intensity() <= NEUTRAL_RADIUS { Class::Neutral } else { Class::quadrant(point) };
                counts[class.index()] += 1;
            }
        }
        let total = (RINGS * SPOKES) as f32;
        Self { mean, valence_sd, arousal_sd, correlation, probabilities: counts.map(|n| n as f32 / total) }
    }

    /// Half the major and minor axes of the one-sigma ellipse and the angle of the major one from the valence
    /// axis, in radians.
    pub fn ellipse(&self) -> (f32, f32, f32) {
        let (a, c) = (self.valence_sd.powi(2), self.arousal_sd.powi(2));
        let b = self.correlation * self.valence_sd * self.arousal_sd;
        let (middle, spread) = ((a + c) / 2.0, ((a - c) / 2.0).hypot(b));
        ((middle + spread).sqrt(), (middle - spread).max(0.0).sqrt(), (2.0 * b).atan2(a - c) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sure_estimate_is_its_place() {
        let estimate = Estimate::from_gaussian(Point::new(0.6, 0.5), 0.05, 0.05, 0.0);
        assert_eq!(estimate.class(), Class::Q1);
        assert_eq!(estimate.probabilities, [1.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(!estimate.contradicts_itself());
    }

    #[test]
    fn masses_sum_to_one_and_agree_with_the_closed_form_at_the_origin() {
        let sd = 0.3;
        let estimate = Estimate::from_gaussian(Point::ORIGIN, sd, sd, 0.0);
        let sum: f32 = estimate.probabilities.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5);
        // The disc's mass under a round Gaussian at its middle is 1 - exp(-r^2 / 2 sd^2).
        let disc = 1.0 - (-NEUTRAL_RADIUS.powi(2) / (2.0 * sd * sd)).exp();
        assert!((estimate.probabilities[4] - disc).abs() < 0.03);
        assert!((estimate.probabilities[0] - estimate.probabilities[2]).abs() < 1e-6);
    }

    #[test]
    fn the_ellipse_of_equal_spreads_and_a_correlation_leans_by_45_degrees() {
        let estimate = Estimate::from_gaussian(Point::ORIGIN, 0.2, 0.2, 0.5);
        let (major, minor, angle) = estimate.ellipse();
        assert!((angle - std::f32::consts::FRAC_PI_4).abs() < 1e-5);
        assert!((major.powi(2) - 0.06).abs() < 1e-6 && (minor.powi(2) - 0.02).abs() < 1e-6);
    }
}
