//! `promenade evaluate`: how good the models are, on data that they were not trained on.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use image::RgbImage;
use rayon::prelude::*;

use super::train::MusicLines;
use super::{Common, Outcome};
use crate::datasets::faces::paintings::{self, PaintedFace};
use crate::datasets::faces::{self, Split};
use crate::locate;
use crate::music::regressor;
use crate::portrait::detect::{Detectors, Face, Step};
use crate::portrait::expression::{Expression, evaluate};
use crate::portrait::{Limits, look};
use crate::tables::{FigureRow, Footer, parquet};

/// Measure a model on held-out data
#[derive(Debug, Subcommand)]
#[command(
    after_help = "EXAMPLES:\n    promenade evaluate expression --faces datasets/fer2013 --split private\n    promenade \
                        evaluate expression --paintings labels.csv --pictures paintings/\n    promenade evaluate music \
                        pipelines/train-music.toml"
)]
pub enum EvaluateCommand {
    /// The network that reads faces, on FER2013 and FER+ or on labelled paintings
    Expression(ExpressionArguments),
    /// The regressor that places songs, over the folds of its training sets
    Music(MusicArguments),
}

#[derive(Debug, Args)]
pub struct ExpressionArguments {
    /// FER2013: fer2013.csv (fer2013new.csv beside it), or the folder that holds it
    #[arg(long, value_name = "PATH", required_unless_present = "paintings")]
    faces: Option<PathBuf>,
    /// Which part of FER2013
    #[arg(long, value_enum, default_value = "public")]
    split: SplitName,
    /// A CSV of labelled faces in paintings: file, x, y, width, height, class, valence, arousal
    #[arg(long, value_name = "CSV", requires = "pictures")]
    paintings: Option<PathBuf>,
    /// The folder of the paintings
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// The weights, in place of those that the stages use
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The folder for the table of figures
    #[arg(long, value_name = "DIR", default_value = "outputs/evaluation/expression")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct MusicArguments {
    /// The settings file that the regressor is trained by
    settings: PathBuf,
    /// The folder for the table of figures
    #[arg(long, value_name = "DIR", default_value = "outputs/evaluation/music")]
    out: PathBuf,
}

/// A part of FER2013 that training does not see.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SplitName {
    /// PublicTest, on which settings are chosen
    Public,
    /// PrivateTest, for the final figure
    Private,
}

/// A labelled face and a box are the same face where they overlap by more than this (IoU).
const SAME_FACE: f32 = 0.3;

pub fn run(command: &EvaluateCommand, common: &Common) -> anyhow::Result<Outcome> {
    match command {
        EvaluateCommand::Expression(arguments) => expression(arguments, common)?,
        EvaluateCommand::Music(arguments) => music(arguments, common)?,
    }
    Ok(Outcome::AllGood)
}

fn expression(arguments: &ExpressionArguments, common: &Common) -> anyhow::Result<()> {
    let path = match &arguments.model {
        Some(path) => path.clone(),
        None => locate::model("expression.safetensors")?,
    };
    let expression = Expression::load(&path)?;
    let mut rows = Vec::new();
    if let Some(folder) = &arguments.faces {
        let (split, set) = match arguments.split {
            SplitName::Public => (Split::PublicTest, "fer2013/PublicTest"),
            SplitName::Private => (Split::PrivateTest, "fer2013/PrivateTest"),
        };
        let mut faces = faces::read(folder)?;
        faces.retain(|face| face.split == split);
        let evaluation = evaluate::on_faces(&expression, &faces)?;
        say(common, set, &evaluation.text());
        rows.extend(figures(&evaluation, &expression, set));
    }
    if let (Some(table), Some(folder)) = (&arguments.paintings, &arguments.pictures) {
        let labelled = paintings::read(table)?;
        let crops = find_labelled(&labelled, folder)?;
        let evaluation = evaluate::on_paintings(&expression, &labelled, &crops)?;
        say(common, "paintings", &evaluation.text());
        rows.extend(figures(&evaluation, &expression, "paintings"));
    }
    write(&arguments.out, &rows)
}

/// The crop of each labelled face: of the box that overlaps it most. `None` where no box does.
fn find_labelled(labelled: &[PaintedFace], folder: &Path) -> anyhow::Result<Vec<Option<RgbImage>>> {
    let detectors = Detectors::open()?;
    let limits = Limits::default();
    labelled
        .par_iter()
        .map(|label| {
            let seen = look(&folder.join(&label.file), &limits, &detectors)?;
            let [x, y, width, height] = label.face;
            let place =
                Face { x, y, width, height, score: 1.0, landmarks: [0.0; 10], step: Step::CASCADE[0] };
            let overlaps = seen.faces.iter().map(|face| face.iou(&place));
            let best = overlaps.zip(seen.crops).max_by(|a, b| a.0.total_cmp(&b.0));
            Ok(best.filter(|(overlap, _)| *overlap > SAME_FACE).map(|(_, crop)| crop))
        })
        .collect()
}

fn figures(evaluation: &evaluate::Evaluation, expression: &Expression, set: &str) -> Vec<FigureRow> {
    let row = |figure: &evaluate::Figure| FigureRow {
        model: expression.name(),
        set: set.to_owned(),
        fold: "all".to_owned(),
        subject: figure
            .class
            .map_or_else(|| figure.task.to_owned(), |class| format!("{}/{class}", figure.task)),
        measure: figure.measure.to_owned(),
        value: figure.value,
        low: figure.interval.map(|[low, _]| low),
        high: figure.interval.map(|[_, high]| high),
        count: figure.faces,
    };
    evaluation.figures.iter().map(row).collect()
}

fn music(arguments: &MusicArguments, common: &Common) -> anyhow::Result<()> {
    let settings = regressor::Settings::read(&arguments.settings)?;
    let evaluation = regressor::evaluate(&settings, &mut MusicLines { quiet: common.quiet })?;
    say(common, "music", &evaluation.table());
    let folds = evaluation.folds.iter().chain([&evaluation.all]);
    write(
        &arguments.out,
        &folds.flat_map(|scores| fold_figures(scores, &settings.folder)).collect::<Vec<_>>(),
    )
}

/// The rows of one fold, or of all songs together.
fn fold_figures(scores: &regressor::FoldScores, set: &Path) -> Vec<FigureRow> {
    let row = |subject: &str, measure: &str, value: f64| FigureRow {
        model: "music".to_owned(),
        set: set.display().to_string(),
        fold: scores.fold.map_or_else(|| "all".to_owned(), |fold| fold.to_string()),
        subject: subject.to_owned(),
        measure: measure.to_owned(),
        value,
        low: None,
        high: None,
        count: scores.songs as u64,
    };
    let axis = |name, axis: &regressor::AxisScores| {
        [("r2", axis.r2), ("rmse", axis.rmse), ("r", axis.r), ("ccc", axis.ccc)]
            .map(|(measure, value)| row(name, measure, value))
    };
    let mut rows = Vec::from(axis("valence", &scores.valence));
    rows.extend(axis("arousal", &scores.arousal));
    rows.push(row("quadrants", "macro_f1", scores.quadrant_f1));
    rows
}

fn say(common: &Common, title: &str, text: &str) {
    if !common.quiet {
        println!("{title}\n{text}");
    }
}

fn write(out: &Path, rows: &[FigureRow]) -> anyhow::Result<()> {
    let path = parquet::part_path::<FigureRow>(out, 0);
    parquet::write_part(&path, &rows.iter().collect::<Vec<_>>(), &Footer::default())?;
    println!("figures: promenade inspect {}", out.join("figures").display());
    Ok(())
}
