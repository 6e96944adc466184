//! `promenade faces`: find, crop and read the faces of a folder of pictures.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::stage::Place;
use super::{Common, Outcome, listen_for_ctrl_c};
use crate::batch::lock::Lock;
use crate::locate;
use crate::portrait::detect::Detectors;
use crate::portrait::expression::Expression;
use crate::portrait::{Limits, stage::Faces};

/// Find, crop and read the faces of a folder of pictures
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLE:\n    promenade faces ~/portraits --out outputs/mine")]
pub struct FacesArguments {
    #[command(flatten)]
    job: FacesJob,
    /// The run's folder, for tables and crops
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
    /// Look at every picture again
    #[arg(long)]
    again: bool,
}

/// What `faces` works on.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacesJob {
    /// The folder of pictures, searched with all its subfolders
    pub folder: PathBuf,
    /// A CSV of titles for the exhibit: file, title, artist, date, rights, link
    #[arg(long, value_name = "CSV")]
    pub metadata: Option<PathBuf>,
    /// Pictures of more pixels than this are not decoded
    #[arg(long, value_name = "PIXELS")]
    pub max_pixels: Option<u64>,
}

pub fn run(arguments: &FacesArguments, common: &Common) -> anyhow::Result<Outcome> {
    listen_for_ctrl_c();
    let _lock = Lock::take(&arguments.out)?;
    stage(&arguments.job, &arguments.out, arguments.again, common)
}

/// Runs the stage in a folder that is locked already.
pub fn stage(job: &FacesJob, out: &Path, again: bool, common: &Common) -> anyhow::Result<Outcome> {
    let mut limits = Limits::default();
    limits.max_pixels = job.max_pixels.unwrap_or(limits.max_pixels);
    let expression = Expression::load(&locate::model("expression.safetensors")?)?;
    let faces = Faces::new(Detectors::open()?, expression, limits, out);
    let place = Place { folder: &job.folder, out, device: &faces.device(), again };
    super::stage::run(&faces, &place, job, common)
}
