//! `promenade run`: all stages of a pipeline file, each only as far as it is stale.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use clap::Args;

use super::pipeline::Pipeline;
use super::{Common, Outcome, exhibit, faces, listen_for_ctrl_c, pair, report, songs};
use crate::batch::lock::Lock;
use crate::batch::stop;
use crate::tables::{FaceRow, SongRow, parquet};

/// Run the stages of a pipeline file, each only as far as something changed
#[derive(Debug, Args)]
#[command(after_help = "EXAMPLE:\n    promenade run pipelines/demo.toml")]
pub struct RunArguments {
    /// The pipeline file
    pipeline: PathBuf,
    /// The run's folder, in place of the one that the file names
    #[arg(long, value_name = "RUN")]
    out: Option<PathBuf>,
}

pub fn run(arguments: &RunArguments, common: &Common) -> anyhow::Result<Outcome> {
    listen_for_ctrl_c();
    let started = Instant::now();
    let pipeline = Pipeline::load(&arguments.pipeline)?;
    let out = arguments.out.as_ref().unwrap_or(&pipeline.out);
    let _lock = Lock::take(out)?;
    let mut outcome = Outcome::AllGood;
    if let Some(job) = &pipeline.faces {
        outcome = outcome.and(faces::stage(job, out, false, common)?);
    }
    if let Some(job) = &pipeline.songs
        && !stop::asked()
    {
        outcome = outcome.and(songs::stage(job, out, false, common)?);
    }
    if stop::asked() {
        return Ok(outcome);
    }
    if let Some(settings) = &pipeline.pair {
        outcome = outcome.and(pair::stage(settings, out, common)?);
    }
    if let Some(job) = &pipeline.exhibit {
        let faces = pipeline.faces.as_ref().context("[exhibit] needs [faces]: where the pictures lie")?;
        let songs = pipeline.songs.as_ref().context("[exhibit] needs [songs]: where the clips lie")?;
        outcome = outcome.and(exhibit::stage(job, faces, songs, out, common)?);
    }
    if !common.quiet && !common.json {
        closing_words(&pipeline, out, started)?;
    }
    Ok(outcome)
}

/// What there is now, and what to open next.
fn closing_words(pipeline: &Pipeline, out: &Path, started: Instant) -> anyhow::Result<()> {
    if pipeline.faces.is_some() {
        let faces = parquet::read_table::<FaceRow>(out)?;
        let classes = faces.iter().filter(|face| face.is_primary).filter_map(|face| face.estimate.class);
        print!("\n{}", report::histogram("portraits", classes));
        let contradictions = faces.iter().filter_map(|face| face.estimate.estimate());
        let contradictions = contradictions.filter(|estimate| estimate.contradicts_itself()).count();
        if contradictions > 0 {
            println!(
                "  {contradictions} of {} faces: the class is not the quadrant of the mean",
                faces.len()
            );
        }
    }
    if pipeline.songs.is_some() {
        let songs = parquet::read_table::<SongRow>(out)?;
        print!("{}", report::histogram("songs", songs.iter().filter_map(|song| song.estimate.class)));
    }
    println!("\ndone in {}", report::seconds(started.elapsed().as_secs_f64()));
    if pipeline.exhibit.is_some() {
        println!("open    {}", out.join("exhibit/index.html").display());
    }
    println!("inspect promenade inspect {}", out.join("pairings").display());
    Ok(())
}
