//! `promenade exhibit`: pages to walk through, from the tables alone.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::faces::FacesJob;
use super::songs::SongsJob;
use super::{Common, Outcome};
use crate::batch::lock::Lock;
use crate::batch::runs;
use crate::exhibit::{self, ExhibitSettings, ExhibitSummary};

/// Make the page of a run: each portrait with its songs
#[derive(Debug, Args)]
#[command(
    after_help = "EXAMPLE:\n    promenade exhibit --out outputs/mine --title 'My gallery'\n\nPictures and songs are \
                        looked for where `faces` and `songs` last found them."
)]
pub struct ExhibitArguments {
    #[command(flatten)]
    job: ExhibitJob,
    /// The run's folder, which holds the tables
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
}

/// What the page says of itself.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExhibitJob {
    /// The page's title
    #[arg(long)]
    pub title: Option<String>,
    /// A sentence or two below the title
    #[arg(long)]
    pub intro: Option<String>,
}

pub fn run(arguments: &ExhibitArguments, common: &Common) -> anyhow::Result<Outcome> {
    let _lock = Lock::take(&arguments.out)?;
    let out = &arguments.out;
    let faces: FacesJob = last_settings(out, "faces")?;
    let songs: SongsJob = last_settings(out, "songs")?;
    stage(&arguments.job, &faces, &songs, out, common)
}

/// The settings with which a stage last did something in this run's folder.
fn last_settings<T: for<'de> Deserialize<'de>>(out: &Path, stage: &str) -> anyhow::Result<T> {
    let settings = runs::last_settings(out, stage)?.with_context(|| {
        format!("{} has no {stage} yet: run `promenade {stage} … --out {}`", out.display(), out.display())
    })?;
    serde_json::from_str(&settings)
        .with_context(|| format!("the table of runs in {} speaks of other settings", out.display()))
}

/// Runs the stage in a folder that is locked already.
pub fn stage(
    job: &ExhibitJob,
    faces: &FacesJob,
    songs: &SongsJob,
    out: &Path,
    common: &Common,
) -> anyhow::Result<Outcome> {
    let default = ExhibitSettings::default();
    let settings = ExhibitSettings {
        title: job.title.clone().unwrap_or(default.title),
        intro: job.intro.clone().unwrap_or(default.intro),
        portraits: faces.folder.clone(),
        songs: songs.folder.clone(),
        portraits_csv: faces.metadata.clone(),
        songs_csv: songs.metadata.clone(),
        ..ExhibitSettings::default()
    };
    let summary = exhibit::build(out, &settings)?;
    if common.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else if !common.quiet {
        println!("exhibit: {}", words(&summary));
    }
    Ok(Outcome::AllGood)
}

fn words(summary: &ExhibitSummary) -> String {
    let state = if summary.up_to_date { ", all up to date" } else { "" };
    let mut text = format!("{} portraits, {} songs{state}", summary.portraits, summary.songs);
    for (count, what) in [
        (summary.left_out, "pictures without a usable face are listed at the end"),
        (summary.pictures_missing, "pictures are not where they were; the page says so"),
        (summary.songs_missing, "songs are not where they were; the page says so"),
        (summary.metadata_unmatched, "rows of the metadata tables name no file of the run"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {count} {what}"));
        }
    }
    if !summary.paired {
        text.push_str("; nothing is paired yet: run `promenade pair`");
    }
    text
}
