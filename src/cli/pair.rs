//! `promenade pair`: give each portrait its songs.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;

use super::{Common, Outcome};
use crate::batch::lock::Lock;
use crate::pairing::{self, ClassRule, PairSettings, PairSummary, Position, SongSource};

/// Give each portrait its songs
#[derive(Debug, Args)]
#[command(
    after_help = "EXAMPLES:\n    promenade pair --out outputs/mine\n    promenade pair --out outputs/mine --top 5 \
                        --class required --position absolute"
)]
pub struct PairArguments {
    /// The run's folder, which holds the tables faces and songs
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
    /// Songs a portrait
    #[arg(long, default_value_t = 3, value_name = "N")]
    top: usize,
    /// Compare places as they are (absolute), or each collection laid on mean 0 and standard deviation 1 (standardised)
    #[arg(long, value_parser = word::<Position>, value_name = "HOW")]
    position: Option<Position>,
    /// Songs of the portrait's class only (required), first (preferred), or whatever their class (free)
    #[arg(long, value_parser = word::<ClassRule>, value_name = "RULE")]
    class: Option<ClassRule>,
    /// A song's place: its annotation where it has one (auto), the prediction (predicted), or the annotation (annotated)
    #[arg(long, value_parser = word::<SongSource>, value_name = "SOURCE")]
    songs: Option<SongSource>,
}

/// Reads a word as the pipeline file would.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| error.to_string())
}

pub fn run(arguments: &PairArguments, common: &Common) -> anyhow::Result<Outcome> {
    let _lock = Lock::take(&arguments.out)?;
    let default = PairSettings::default();
    let settings = PairSettings {
        top: arguments.top,
        position: arguments.position.unwrap_or(default.position),
        class: arguments.class.unwrap_or(default.class),
        songs: arguments.songs.unwrap_or(default.songs),
        ..default
    };
    stage(&settings, &arguments.out, common)
}

/// Runs the stage in a folder that is locked already.
pub fn stage(settings: &PairSettings, out: &Path, common: &Common) -> anyhow::Result<Outcome> {
    let summary = pairing::pair(out, settings)?;
    if common.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else if !common.quiet {
        println!("pair: {}", words(&summary));
    }
    Ok(Outcome::AllGood)
}

fn words(summary: &PairSummary) -> String {
    let PairSummary { portraits, songs, songs_chosen, pairings, .. } = summary;
    let state = if summary.up_to_date { ", all up to date" } else { "" };
    let mut text =
        format!("{portraits} portraits, {pairings} pairings, {songs_chosen} of {songs} songs chosen{state}");
    for (count, what) in [
        (summary.portraits_left_out, "portraits have no estimate"),
        (summary.portraits_without_song, "portraits got no song: allow other classes with --class preferred"),
        (summary.songs_left_out, "songs have no estimate"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {count} {what}"));
        }
    }
    text
}
