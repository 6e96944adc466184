//! Figures of merit for classes and for coordinates. Pure functions in `f64`.
//!
//! Figures that are undefined (no rows, a constant series) are NaN, never a panic: a table shows them as empty.

/// Arithmetic mean; NaN without rows.
pub fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// Means, variances (divided by n) and covariance of two series, over the length of the shorter.
fn moments(x: &[f64], y: &[f64]) -> (f64, f64, f64, f64, f64) {
    let n = x.len().min(y.len());
    let (x, y) = (&x[..n], &y[..n]);
    let (mx, my) = (mean(x), mean(y));
    let (mut vx, mut vy, mut cxy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        vx += (a - mx).powi(2);
        vy += (b - my).powi(2);
        cxy += (a - mx) * (b - my);
    }
    let n = n as f64;
    (mx, my, vx / n, vy / n, cxy / n)
}

/// Pearson's product-moment correlation, in [-1, 1]; NaN where a series is constant.
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let (_, _, vx, vy, cxy) = moments(x, y);
    if vx <= 0.0 || vy <= 0.0 { f64::NAN } else { cxy / (vx.sqrt() * vy.sqrt()) }
}

/// Lin's concordance correlation coefficient (Lin 1989, Biometrics 45), in [-1, 1]: like [`pearson`], but a
/// shift or a scale costs.
pub fn ccc(truth: &[f64], predicted: &[f64]) -> f64 {
    let (mx, my, vx, vy, cxy) = moments(truth, predicted);
    let below = vx + vy + (mx - my).powi(2);
    if below > 0.0 { 2.0 * cxy / below } else { f64::NAN }
}

/// Coefficient of determination, 1 - residual / total sum of squares about the mean of `truth`; at most 1,
/// negative for a prediction that is worse than that mean; NaN where `truth` is constant.
pub fn r2(truth: &[f64], predicted: &[f64]) -> f64 {
    let middle = mean(truth);
    let total: f64 = truth.iter().map(|t| (t - middle).powi(2)).sum();
    let residual: f64 = truth.iter().zip(predicted).map(|(t, p)| (t - p).powi(2)).sum();
    if total > 0.0 { 1.0 - residual / total } else { f64::NAN }
}

/// Root of the mean squared error, in the units of the series.
pub fn rmse(truth: &[f64], predicted: &[f64]) -> f64 {
    let n = truth.len().min(predicted.len()) as f64;
    (truth.iter().zip(predicted).map(|(t, p)| (t - p).powi(2)).sum::<f64>() / n).sqrt()
}

/// Mean absolute error, in the units of the series.
pub fn mae(truth: &[f64], predicted: &[f64]) -> f64 {
    let n = truth.len().min(predicted.len()) as f64;
    truth.iter().zip(predicted).map(|(t, p)| (t - p).abs()).sum::<f64>() / n
}

/// Index of the largest value; of equals the first, 0 for an empty slice.
pub fn argmax<T: PartialOrd>(values: &[T]) -> usize {
    let mut best = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = i;
        }
    }
    best
}

/// Counts of (true class, predicted class).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// Row-major: `counts[truth * classes + predicted]`.
    counts: Vec<u64>,
}

/// The figures of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores {
    /// Share of the predictions of this class that are right; 0 where it is never predicted.
    pub precision: f64,
    /// Share of the members of this class that are found; 0 where it has none.
    pub recall: f64,
    /// Harmonic mean of the two; 0 where both are.
    pub f1: f64,
    /// Number of members.
    pub support: u64,
}

impl Confusion {
    /// An empty matrix of `classes` x `classes`.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// The matrix of two series of class indices; pairs with an index outside `0..classes` are left out.
    pub fn from_pairs(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut confusion = Self::new(classes);
        for (truth, predicted) in pairs {
            confusion.add(truth, predicted);
        }
        confusion
    }

    /// Counts one row; an index outside `0..classes` is left out.
    pub fn add(&mut self, truth: usize, predicted: usize) {
        if truth < self.classes && predicted < self.classes {
            self.counts[truth * self.classes + predicted] += 1;
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many members of `truth` were taken for `predicted`; 0 outside the matrix.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        if truth < self.classes && predicted < self.classes {
            self.counts[truth * self.classes + predicted]
        } else {
            0
        }
    }

    /// Number of rows counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Share of rows on the diagonal; NaN without rows.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|k| self.count(k, k)).sum();
        right as f64 / self.total() as f64
    }

    /// Precision, recall, F1 and support of each class.
    pub fn scores(&self) -> Vec<ClassScores> {
        let share = |a: u64, b: u64| if b == 0 { 0.0 } else { a as f64 / b as f64 };
        (0..self.classes)
            .map(|k| {
                let hit = self.count(k, k);
                let support = (0..self.classes).map(|p| self.count(k, p)).sum();
                let predicted = (0..self.classes).map(|t| self.count(t, k)).sum();
                ClassScores {
                    precision: share(hit, predicted),
                    recall: share(hit, support),
                    f1: share(2 * hit, support + predicted),
                    support,
                }
            })
            .collect()
    }

    /// Unweighted mean of the classes' F1, every class counted, also one without members (its F1 is then 0).
    pub fn macro_f1(&self) -> f64 {
        mean(&self.scores().iter().map(|s| s.f1).collect::<Vec<_>>())
    }

    /// Cohen's kappa: agreement beyond what the two margins give by chance; NaN where chance alone explains all.
    pub fn kappa(&self) -> f64 {
        let n = self.total() as f64;
        let by_chance: f64 = (0..self.classes)
            .map(|k| {
                let row: u64 = (0..self.classes).map(|p| self.count(k, p)).sum();
                let column: u64 = (0..self.classes).map(|t| self.count(t, k)).sum();
                (row as f64 / n) * (column as f64 / n)
            })
            .sum();
        if by_chance < 1.0 { (self.accuracy() - by_chance) / (1.0 - by_chance) } else { f64::NAN }
    }
}

/// Expected calibration error of the top class (Guo et al. 2017, "On calibration of modern neural networks"):
/// the mean over rows of |accuracy - confidence| of the row's bin, in `bins` bins of equal width on [0, 1].
/// 0 is perfect. `probabilities` holds one row a sample; NaN without rows.
pub fn expected_calibration_error<R: AsRef<[f64]>>(probabilities: &[R], truth: &[usize], bins: usize) -> f64 {
    let bins = bins.max(1);
    let mut sums = vec![(0.0, 0.0); bins];
    for (row, &label) in probabilities.iter().zip(truth) {
        let row = row.as_ref();
        let top = argmax(row);
        let confidence = row.get(top).copied().unwrap_or(0.0);
        let bin = ((confidence * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += confidence;
        sums[bin].1 += f64::from(u8::from(top == label));
    }
    let n = probabilities.len().min(truth.len()) as f64;
    sums.iter().map(|(confidence, right)| (right - confidence).abs()).sum::<f64>() / n
}

/// The `share` (0 to 1) quantile of `values` by linear interpolation between order statistics (type 7 of
/// Hyndman and Fan 1996). Values that are not a number are left out; NaN where none is left.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn figures_of_coordinates_by_hand() {
        let (t, p) = ([1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 3.0, 5.0]);
        close(rmse(&t, &p), (0.5f64).sqrt());
        close(mae(&t, &p), 0.5);
        close(r2(&t, &p), 1.0 - 2.0 / 5.0);
        close(pearson(&t, &p), 5.0 / (5.0f64 * 6.0).sqrt());
        close(ccc(&t, &p), 2.0 * 1.25 / (1.25 + 1.5 + 0.25));
        assert!(pearson(&t, &[1.0; 4]).is_nan());
        assert!(r2(&[1.0; 4], &t).is_nan());
    }

    #[test]
    fn figures_of_classes_by_hand() {
        let truth = [0, 0, 0, 1, 1, 2];
        let found = [0, 0, 1, 1, 2, 2];
        let confusion = Confusion::from_pairs(3, truth.into_iter().zip(found));
        close(confusion.accuracy(), 4.0 / 6.0);
        let scores = confusion.scores();
        close(scores[0].precision, 1.0);
        close(scores[0].recall, 2.0 / 3.0);
        close(scores[0].f1, 0.8);
        assert_eq!(scores[0].support, 3);
        close(confusion.macro_f1(), (0.8 + 0.5 + 2.0 / 3.0) / 3.0);
        close(confusion.kappa(), (4.0 / 6.0 - 12.0 / 36.0) / (1.0 - 12.0 / 36.0));
    }

    #[test]
    fn nothing_panics_on_nothing() {
        assert!(mean(&[]).is_nan() && rmse(&[], &[]).is_nan() && pearson(&[], &[]).is_nan());
        assert!(Confusion::new(3).accuracy().is_nan());
        assert!(quantile(&[], 0.5).is_nan());
        assert!(expected_calibration_error::<[f64; 2]>(&[], &[], 15).is_nan());
    }

    #[test]
    fn calibration_error_is_the_gap_of_confidence_and_accuracy() {
        let rows = [[0.8, 0.2], [0.8, 0.2], [0.8, 0.2], [0.8, 0.2]];
        close(expected_calibration_error(&rows, &[0, 0, 0, 1], 15), 0.05);
        close(expected_calibration_error(&rows, &[1, 1, 1, 1], 15), 0.8);
    }

    #[test]
    fn quantiles_interpolate() {
        close(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), 2.5);
        close(quantile(&[1.0, f64::NAN, 3.0], 0.25), 1.5);
    }
}
