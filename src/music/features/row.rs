//! A row of values, and the names that go with it.

/// One column of the list `features`.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Such as `mfcc_03_sd`; unique.
    pub name: String,
    /// What it measures.
    pub meaning: &'static str,
    /// `Hz`, `dB`, `1` for a pure number, ...
    pub unit: &'static str,
    /// Lowest and highest possible or sensible value; infinite where there is none.
    pub range: (f32, f32),
}

/// Shared by the columns of one measure.
#[derive(Clone, Copy)]
pub struct About {
    pub meaning: &'static str,
    pub unit: &'static str,
    pub range: (f32, f32),
}

impl About {
    pub const fn new(meaning: &'static str, unit: &'static str, low: f32, high: f32) -> Self {
        Self { meaning, unit, range: (low, high) }
    }
}

/// Collects values, or the names in the very order of the values, so that the two cannot drift apart.
pub struct Row {
    values: Vec<f32>,
    names: Option<Vec<Feature>>,
}

impl Row {
    pub fn values() -> Self {
        Self { values: Vec::with_capacity(256), names: None }
    }

    pub fn named() -> Self {
        Self { names: Some(Vec::new()), ..Self::values() }
    }

    /// Adds a column. A value that is not finite, as of a clip without sound, becomes 0.
    pub fn put(&mut self, about: About, value: f64, name: impl FnOnce() -> String) {
        let value = value as f32;
        self.values.push(if value.is_finite() { value } else { 0.0 });
        if let Some(names) = &mut self.names {
            let About { meaning, unit, range } = about;
            names.push(Feature { name: name(), meaning, unit, range });
        }
    }

    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    pub fn into_names(self) -> Vec<Feature> {
        self.names.unwrap_or_default()
    }
}
