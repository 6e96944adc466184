//! `promenade train`: the networks from their data.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;

use super::{Common, Outcome, report};
use crate::datasets::faces;
use crate::music::regressor;
use crate::portrait::expression::{self, EpochReport};
use crate::tables::{Footer, HistoryRow, parquet};

/// Train a model as a settings file says
#[derive(Debug, Subcommand)]
#[command(
    after_help = "EXAMPLES:\n    promenade train expression pipelines/train-expression.toml\n    promenade train music \
                        pipelines/train-music.toml"
)]
pub enum TrainCommand {
    /// The network that reads faces, on FER2013 with FER+ votes; goes on from its last checkpoint
    Expression(ExpressionArguments),
    /// The regressor that places songs, on 4Q and others
    Music(TrainArguments),
}

#[derive(Debug, Args)]
pub struct TrainArguments {
    /// The settings file
    settings: PathBuf,
}

#[derive(Debug, Args)]
pub struct ExpressionArguments {
    /// The settings file
    settings: PathBuf,
    /// Where the calibrated weights go (expression.safetensors in the training's folder unless told otherwise)
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

pub fn run(command: &TrainCommand, common: &Common) -> anyhow::Result<Outcome> {
    match command {
        TrainCommand::Expression(arguments) => expression(arguments, common)?,
        TrainCommand::Music(arguments) => music(arguments, common)?,
    }
    Ok(Outcome::AllGood)
}

/// Reads a settings file in TOML; a misspelt or missing setting is named.
pub fn settings<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read: check the path", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} does not say what is needed", path.display()))
}

fn expression(arguments: &ExpressionArguments, common: &Common) -> anyhow::Result<()> {
    let settings: expression::TrainSettings = settings(&arguments.settings)?;
    let mut said = |row: &EpochReport| {
        if !common.quiet {
            println!(
                "epoch {:>3}: loss {:.3} training, {:.3} validation; accuracy {:.3} of seven, {:.3} of four classes{}; {}",
                row.epoch,
                row.train_loss,
                row.loss,
                row.accuracy,
                row.four_class_accuracy,
                if row.best { ", the best so far" } else { "" },
                report::seconds(row.seconds)
            );
        }
    };
    let outcome = expression::train(&settings, &mut said)?;
    let rows: Vec<HistoryRow> = outcome.history.iter().map(HistoryRow::from).collect();
    let path = parquet::part_path::<HistoryRow>(&settings.out, 0);
    parquet::write_part(&path, &rows.iter().collect::<Vec<_>>(), &Footer::default())?;
    let model = arguments.model.clone().unwrap_or_else(|| settings.out.join("expression.safetensors"));
    expression::finish(&outcome.best, &faces::read(&settings.faces)?, &model)?;
    println!(
        "trained on {} faces ({} left out, since a test split holds their pixels too)\nlearning curve: {}\nweights: {}; the \
         stages use them from models/expression.safetensors",
        outcome.faces,
        outcome.leaked,
        settings.out.join("learning-curve.svg").display(),
        model.display()
    );
    Ok(())
}

impl From<&EpochReport> for HistoryRow {
    fn from(row: &EpochReport) -> Self {
        Self {
            epoch: row.epoch as u32,
            learning_rate: row.learning_rate,
            train_loss: row.train_loss,
            train_accuracy: row.train_accuracy,
            validation_loss: row.loss,
            validation_accuracy: row.accuracy,
            four_class_accuracy: row.four_class_accuracy,
            four_class_f1: row.four_class_f1,
            seconds: row.seconds,
            best: row.best,
        }
    }
}

fn music(arguments: &TrainArguments, common: &Common) -> anyhow::Result<()> {
    let settings = regressor::Settings::read(&arguments.settings)?;
    let (_, evaluation) = regressor::train(&settings, &mut MusicLines { quiet: common.quiet })?;
    println!("{}\nweights: {}", evaluation.table(), settings.out.display());
    Ok(())
}

/// Says how far the listening and the folds are.
pub struct MusicLines {
    pub quiet: bool,
}

impl MusicLines {
    fn say(&self, line: &str) {
        if !self.quiet {
            eprintln!("{line}");
        }
    }
}

impl regressor::Observer for MusicLines {
    fn listened(&mut self, done: usize, total: usize) {
        self.say(&format!("listened to {done} of {total} songs"));
    }

    fn folded(&mut self, done: usize, total: usize) {
        self.say(&format!("fold {done} of {total} is done"));
    }

    fn note(&mut self, line: &str) {
        self.say(line);
    }
}
