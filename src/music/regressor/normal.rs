//! Each feature -> a standard normal variable, by its ranks in the training songs.

/// Knots of each feature's map.
pub const KNOTS: usize = 65;
/// The knots reach from minus to plus so many standard deviations.
const REACH: f64 = 3.0;

/// A monotone map a feature: outliers and odd units lose their power, which a kernel on distances needs.
#[derive(Clone, Debug, PartialEq)]
pub struct RankNormal {
    /// [`KNOTS`] quantiles a feature, rising.
    pub knots: Vec<f32>,
}

/// The standard normal value of a knot.
fn z(knot: usize) -> f64 {
    REACH * (2.0 * knot as f64 / (KNOTS - 1) as f64 - 1.0)
}

impl RankNormal {
    /// Learns the map from rows of equal length.
    pub fn fit(rows: &[&[f32]]) -> Self {
        let width = rows.first().map_or(0, |row| row.len());
        let mut knots = Vec::with_capacity(width * KNOTS);
        for j in 0..width {
            let mut column: Vec<f32> = rows.iter().map(|row| row[j]).collect();
            column.sort_by(f32::total_cmp);
            for knot in 0..KNOTS {
                // Share of a standard normal variable below the knot, and the order statistic with that share.
                let share = 0.5 * libm::erfc(-z(knot) / std::f64::consts::SQRT_2);
                let place = (share * rows.len() as f64 - 0.5).clamp(0.0, (rows.len() - 1) as f64);
                let (below, part) = (place as usize, place.fract());
                let above = (below + 1).min(rows.len() - 1);
                let (a, b) = (f64::from(column[below]), f64::from(column[above]));
                knots.push((a + part * (b - a)) as f32);
            }
        }
        Self { knots }
    }

    /// Features a row.
    pub fn width(&self) -> usize {
        self.knots.len() / KNOTS
    }

    /// Maps a row of [`RankNormal::width`] features; beyond the outer knots the value stays at [`REACH`].
    pub fn apply(&self, row: &[f32]) -> Vec<f64> {
        self.knots.chunks_exact(KNOTS).zip(row).map(|(knots, &x)| place(knots, x)).collect()
    }
}

fn place(knots: &[f32], x: f32) -> f64 {
    let below = knots.partition_point(|&k| k < x);
    let above = knots.partition_point(|&k| k <= x);
    if above > below {
        // As many training songs have this very value: the middle of their ranks.
        return 0.5 * (z(below) + z(above - 1));
    }
    match below {
        0 => z(0),
        KNOTS => z(KNOTS - 1),
        _ => {
            let (a, b) = (f64::from(knots[below - 1]), f64::from(knots[below]));
            let part = (f64::from(x) - a) / (b - a);
            z(below - 1) + part * (z(below) - z(below - 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_become_normal_and_outliers_stay_near() {
        let rows: Vec<[f32; 1]> = (0..999).map(|i| [(i as f32).exp2().min(1e30)]).collect();
        let rows: Vec<&[f32]> = rows.iter().map(|r| r.as_slice()).collect();
        let map = RankNormal::fit(&rows);
        assert!(map.apply(&[-5.0])[0] == -3.0 && map.apply(&[f32::MAX])[0] == 3.0);
        let skewed: Vec<[f32; 1]> = (0..999).map(|i| [(i as f32 / 100.0).exp()]).collect();
        let skewed: Vec<&[f32]> = skewed.iter().map(|r| r.as_slice()).collect();
        let map = RankNormal::fit(&skewed);
        assert!(map.apply(skewed[499])[0].abs() < 0.01);
        assert!((map.apply(skewed[840])[0] - 1.0).abs() < 0.03);
    }

    #[test]
    fn a_constant_feature_is_the_middle() {
        let map = RankNormal::fit(&[&[2.0], &[2.0], &[2.0]]);
        assert_eq!(map.apply(&[2.0]), [0.0]);
    }
}
