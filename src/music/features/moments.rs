//! Mean, spread and movement of a series that passes by.

use super::row::{About, Row};

/// Running sums of a series and of its first differences.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    n: f64,
    sum: f64,
    squares: f64,
    last: f64,
    changes: f64,
}

impl Moments {
    pub fn add(&mut self, x: f32) {
        let x = f64::from(x);
        if self.n > 0.0 {
            self.changes += (x - self.last).powi(2);
        }
        self.n += 1.0;
        self.sum += x;
        self.squares += x * x;
        self.last = x;
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.n
    }

    /// Standard deviation, divided by n.
    pub fn sd(&self) -> f64 {
        (self.squares / self.n - self.mean().powi(2)).max(0.0).sqrt()
    }

    /// Root mean square of the change from one frame to the next.
    pub fn movement(&self) -> f64 {
        (self.changes / (self.n - 1.0)).max(0.0).sqrt()
    }

    /// Writes `<name>_mean` and `<name>_sd`.
    pub fn write_two(&self, row: &mut Row, about: About, name: &str) {
        row.put(about, self.mean(), || format!("{name}_mean"));
        row.put(spread(about), self.sd(), || format!("{name}_sd"));
    }

    /// Writes `<name>_mean`, `<name>_sd` and `<name>_movement`.
    pub fn write_three(&self, row: &mut Row, about: About, name: &str) {
        self.write_two(row, about, name);
        row.put(spread(about), self.movement(), || format!("{name}_movement"));
    }
}

/// The same measure's spread: never negative.
fn spread(about: About) -> About {
    About { range: (0.0, about.range.1.max(about.range.0.abs())), ..about }
}
