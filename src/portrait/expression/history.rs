//! What an epoch gave, and the learning curve.

use std::path::Path;

use plotters::prelude::*;
use serde::{Deserialize, Serialize};

use super::ExpressionError;
use crate::tables::atomic;

/// One row of a run's history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// From 1.
    pub epoch: usize,
    /// At the epoch's last step.
    pub learning_rate: f64,
    /// Mean loss over the epoch's augmented faces, all parts weighted.
    pub train_loss: f64,
    /// Share of augmented training faces whose FER2013 label was found.
    pub train_accuracy: f64,
    /// The loss on PublicTest.
    pub loss: f64,
    /// FER2013's seven labels on PublicTest.
    pub accuracy: f64,
    /// The four classes (neutral, Q1, Q2, Q3) on PublicTest, seven probabilities summed. The best epoch has the highest.
    pub four_class_accuracy: f64,
    /// Unweighted mean of the four classes' F1 on PublicTest.
    pub four_class_f1: f64,
    /// Pearson's r of valence on PublicTest's faces with votes; empty where undefined.
    pub valence_r: Option<f64>,
    /// Pearson's r of arousal on the same.
    pub arousal_r: Option<f64>,
    /// Training and validation, wall clock.
    pub seconds: f64,
    /// Share of the training time spent waiting for batches.
    pub waited: f64,
    /// Whether this is the best epoch so far.
    pub best: bool,
}

/// Writes `history.csv` and `learning-curve.svg` into a folder.
///
/// # Errors
/// Where the folder does not take the files.
pub fn write(folder: &Path, rows: &[EpochReport]) -> Result<(), ExpressionError> {
    let path = folder.join("history.csv");
    let io = |path: &Path, source| ExpressionError::Io { action: "write", path: path.to_owned(), source };
    let csv = |e: csv::Error| io(&path, std::io::Error::other(e));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(csv)?;
    }
    let bytes = writer.into_inner().map_err(|e| csv(e.into_error().into()))?;
    atomic::write_bytes(&path, &bytes).map_err(|source| io(&path, source))?;
    let path = folder.join("learning-curve.svg");
    let drawing = draw(rows).map_err(|problem| ExpressionError::Plot { path: path.clone(), problem })?;
    atomic::write_bytes(&path, drawing.as_bytes()).map_err(|source| io(&path, source))
}

/// The learning curve as SVG: losses to the left, accuracies to the right.
fn draw(rows: &[EpochReport]) -> Result<String, String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (960, 400)).into_drawing_area();
        area.fill(&WHITE).map_err(|e| e.to_string())?;
        let (left, right) = area.split_horizontally(480);
        let losses: [Line; 2] = [("training", |r| r.train_loss), ("PublicTest", |r| r.loss)];
        panel(&left, "Loss", &losses, rows)?;
        let shares: [Line; 4] = [
            ("training, seven labels", |r| r.train_accuracy),
            ("PublicTest, seven labels", |r| r.accuracy),
            ("PublicTest, four classes", |r| r.four_class_accuracy),
            ("PublicTest, four classes, macro F1", |r| r.four_class_f1),
        ];
        panel(&right, "Accuracy", &shares, rows)?;
        area.present().map_err(|e| e.to_string())?;
    }
    Ok(text)
}

type Line = (&'static str, fn(&EpochReport) -> f64);

fn panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    title: &str,
    lines: &[Line],
    rows: &[EpochReport],
) -> Result<(), String> {
    let values = || lines.iter().flat_map(|(_, of)| rows.iter().map(of)).filter(|v| v.is_finite());
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let (low, high) = if low < high { (low, high) } else { (0.0, 1.0) };
    let margin = (high - low) * 0.05;
    let last = rows.len().max(2) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .caption(title, ("sans-serif", 18))
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(1.0..last, low - margin..high + margin)
        .map_err(|e| e.to_string())?;
    chart.configure_mesh().x_desc("epoch").light_line_style(WHITE).draw().map_err(|e| e.to_string())?;
    for (i, (name, of)) in lines.iter().enumerate() {
        let colour = Palette99::pick(i).to_rgba();
        let points = rows.iter().map(|row| (row.epoch as f64, of(row)));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))
            .map_err(|e| e.to_string())?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_becomes_a_table_and_a_curve() {
        let row = EpochReport {
            epoch: 1,
            learning_rate: 1e-3,
            train_loss: 2.0,
            train_accuracy: 0.4,
            loss: 1.8,
            accuracy: 0.5,
            four_class_accuracy: 0.6,
            four_class_f1: 0.55,
            valence_r: Some(0.5),
            arousal_r: None,
            seconds: 3.0,
            waited: 0.0,
            best: true,
        };
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[row.clone(), EpochReport { epoch: 2, loss: 1.5, ..row }]).unwrap();
        let table = std::fs::read_to_string(folder.path().join("history.csv")).unwrap();
        assert_eq!(table.lines().count(), 3);
        assert!(
            std::fs::read_to_string(folder.path().join("learning-curve.svg")).unwrap().starts_with("<svg")
        );
    }
}
