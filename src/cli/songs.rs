//! `promenade songs`: place the clips of a folder on the plane.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::stage::Place;
use super::{Common, Outcome, listen_for_ctrl_c};
use crate::batch::discover;
use crate::batch::lock::Lock;
use crate::datasets::songs as datasets;
use crate::locate;
use crate::music::Limits;
use crate::music::regressor::Model;
use crate::music::stage::Songs;

/// Listen to a folder of clips and place each on the valence-arousal plane
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLES:\n    promenade songs ~/music --out outputs/mine\n    promenade songs \
                        datasets/MER_audio_taffc_dataset --out outputs/4q")]
pub struct SongsArguments {
    #[command(flatten)]
    job: SongsJob,
    /// The run's folder, for tables
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
    /// Listen to every clip again
    #[arg(long)]
    again: bool,
}

/// What `songs` works on.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SongsJob {
    /// The folder of clips, searched with all its subfolders; 4Q, Emotify, PMEmo, WCMED, DEAM and EmoMusic are known by their tables
    pub folder: PathBuf,
    /// A CSV of titles for the exhibit: file, title, artist, mood, tempo_bpm, key, rights
    #[arg(long, value_name = "CSV")]
    pub metadata: Option<PathBuf>,
    /// Seconds of each clip that are listened to, from its beginning
    #[arg(long, value_name = "SECONDS")]
    pub max_seconds: Option<f64>,
}

pub fn run(arguments: &SongsArguments, common: &Common) -> anyhow::Result<Outcome> {
    listen_for_ctrl_c();
    let _lock = Lock::take(&arguments.out)?;
    stage(&arguments.job, &arguments.out, arguments.again, common)
}

/// Runs the stage in a folder that is locked already.
pub fn stage(job: &SongsJob, out: &Path, again: bool, common: &Common) -> anyhow::Result<Outcome> {
    let mut limits = Limits::default();
    limits.max_seconds = job.max_seconds.unwrap_or(limits.max_seconds);
    discover::check_folder(&job.folder)?;
    let set = datasets::read(&job.folder)?;
    let model = Model::load(&locate::model("music.safetensors")?)?;
    let songs = Songs::new(model, limits, set, &job.folder);
    let place = Place { folder: &job.folder, out, device: "cpu", again };
    super::stage::run(&songs, &place, job, common)
}
