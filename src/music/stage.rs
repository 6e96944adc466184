//! The stage `songs`: a folder of clips -> the table `songs`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::features::{FEATURE_VERSION, catalogue};
use super::regressor::Model;
use super::{Limits, Listened, analyse};
use crate::batch::{Input, Stage};
use crate::datasets::songs::{Song, SongSet};
use crate::tables::rows::FEATURE_COUNT;
use crate::tables::{Footer, SongRow, Status, TableError, fingerprint, parquet};

/// Version of the computation: another one makes every row anew.
const STAGE_VERSION: u32 = 1;

/// Listens to clips and places them on the plane.
pub struct Songs {
    model: Model,
    limits: Limits,
    dataset: &'static str,
    /// What the data set says of its clips, by path relative to the folder.
    known: BTreeMap<String, Song>,
}

/// What the rows depend on besides the files and the model.
#[derive(Serialize)]
struct Settings<'a> {
    max_seconds: f64,
    max_bytes: u64,
    dataset: &'a str,
    known: String,
}

impl Songs {
    /// A stage for the clips below `folder`, of which `set` says what is known.
    pub fn new(model: Model, limits: Limits, set: SongSet, folder: &Path) -> Self {
        let relative = |song: &Song| song.path.strip_prefix(folder).ok()?.to_str().map(str::to_owned);
        let dataset = set.kind.name();
        let known = set.songs.into_iter().filter_map(|song| Some((relative(&song)?, song))).collect();
        Self { model, limits, dataset, known }
    }

    /// What is known of a file before it is heard.
    fn blank(&self, input: &Input) -> SongRow {
        let song = self.known.get(&input.relative);
        let label = song.and_then(|song| song.annotation.as_ref());
        let place = label.and_then(|label| label.point);
        SongRow {
            path: input.relative.clone(),
            dataset: self.dataset.to_owned(),
            title: song.and_then(|song| song.title.clone()),
            artist: song.and_then(|song| song.artist.clone()),
            album: song.and_then(|song| song.album.clone()),
            annotated_valence: place.map(|place| place.valence),
            annotated_arousal: place.map(|place| place.arousal),
            annotated_class: label.and_then(|label| label.class),
            annotated_raw: label.map(|label| label.raw.clone()),
            feature_version: FEATURE_VERSION,
            model: self.model.name().to_owned(),
            ..SongRow::default()
        }
    }

    /// All that the data set says, but not where it lies: rows are made anew when a label changes.
    fn known_text(&self) -> String {
        let line = |(path, song): (&String, &Song)| {
            format!("{path:?} {:?} {:?} {:?} {:?}\n", song.title, song.artist, song.album, song.annotation)
        };
        self.known.iter().map(line).collect()
    }

    fn heard(&self, row: SongRow, id: &str, heard: Listened) -> SongRow {
        let estimate = self.model.estimate(&heard.features, Some(id));
        let Listened { tags, partial, .. } = heard;
        SongRow {
            title: row.title.or(tags.title),
            artist: row.artist.or(tags.artist),
            album: row.album.or(tags.album),
            duration_s: Some(heard.duration_s as f32),
            sample_rate_hz: Some(heard.sample_rate_hz),
            channels: Some(heard.channels),
            tempo_bpm: heard.tempo_bpm,
            key: heard.key,
            loudness_lufs: heard.loudness_lufs,
            features: heard.features.into_boxed_slice().try_into().ok(),
            estimate: (&estimate).into(),
            status: if partial.is_some() { Status::Partial } else { Status::Ok },
            error_kind: partial.as_ref().map(|_| "damaged".to_owned()),
            error: partial,
            ..row
        }
    }
}

/// A row that says why a clip could not be heard.
fn failed(row: SongRow, status: Status, kind: &str, sentence: String) -> SongRow {
    SongRow { status, error_kind: Some(kind.to_owned()), error: Some(sentence), ..row }
}

impl Stage for Songs {
    type Seen = SongRow;
    type Rows = SongRow;
    const NAME: &'static str = "songs";
    const GROUP: usize = 48;

    fn accepts(&self, extension: &str) -> bool {
        matches!(
            extension,
            "mp3"
                | "mp2"
                | "ogg"
                | "oga"
                | "opus"
                | "flac"
                | "wav"
                | "wave"
                | "m4a"
                | "m4b"
                | "aac"
                | "mp4"
                | "aif"
                | "aiff"
                | "aifc"
                | "caf"
                | "mka"
                | "webm"
        )
    }

    fn sniffs(&self, head: &[u8]) -> bool {
        let starts = |magic: &[u8]| head.starts_with(magic);
        let container = |name: &[u8]| head.get(8..12) == Some(name);
        starts(b"ID3")
            || starts(b"OggS")
            || starts(b"fLaC")
            || (starts(b"RIFF") && container(b"WAVE"))
            || (starts(b"FORM") && (container(b"AIFF") || container(b"AIFC")))
            || head.get(4..8) == Some(b"ftyp")
    }

    fn footer(&self) -> Footer {
        let settings = Settings {
            max_seconds: self.limits.max_seconds,
            max_bytes: self.limits.max_bytes,
            dataset: self.dataset,
            known: fingerprint::bytes_id(&self.known_text().into_bytes()),
        };
        let names: Vec<_> = catalogue().iter().map(|feature| feature.name.as_str()).collect();
        Footer {
            stage_version: STAGE_VERSION,
            settings: fingerprint::settings_id(&settings),
            model: self.model.name().to_owned(),
            device: "cpu f32".into(),
            more: BTreeMap::from([
                ("feature_version".to_owned(), FEATURE_VERSION.to_string()),
                ("feature_names".to_owned(), names.join(",")),
            ]),
        }
    }

    fn analyse(&self, input: &Input) -> SongRow {
        let row = self.blank(input);
        let id = match fingerprint::file_id(&input.path) {
            Ok(id) => id,
            Err(error) => return failed(row, Status::IoError, "unreadable", input.sentence(&error)),
        };
        let row = SongRow { song_id: Some(id.clone()), ..row };
        match analyse(&input.path, &self.limits) {
            Ok(heard) => self.heard(row, &id, heard),
            Err(error) => {
                let (status, kind) = error.kind();
                let status = status.parse().unwrap_or(Status::DecodeError);
                failed(row, status, kind, input.sentence(&error))
            }
        }
    }

    fn crashed(&self, input: &Input, message: &str) -> SongRow {
        let sentence = format!("the decoder failed on this file: {message}. Convert it to flac or mp3");
        failed(self.blank(input), Status::Crashed, "panic", sentence)
    }

    fn infer(&self, seen: Vec<SongRow>) -> Result<Vec<SongRow>, String> {
        // The regressor is small enough to be asked file by file.
        Ok(seen)
    }

    fn status(row: &SongRow) -> Status {
        row.status
    }

    fn write(&self, run: &Path, bucket: u32, rows: &[SongRow], footer: &Footer) -> Result<(), TableError> {
        let rows: Vec<_> = rows.iter().collect();
        parquet::write_part(&parquet::part_path::<SongRow>(run, bucket), &rows, footer)
    }

    fn read(&self, run: &Path, bucket: u32, footer: &Footer) -> Option<BTreeMap<String, SongRow>> {
        let rows = parquet::read_current::<SongRow>(run, bucket, footer)?;
        Some(rows.into_iter().map(|row| (row.path.clone(), row)).collect())
    }

    fn is_current(&self, run: &Path, bucket: u32, footer: &Footer) -> bool {
        parquet::is_current::<SongRow>(run, bucket, footer)
    }

    fn remove(&self, run: &Path, bucket: u32) -> std::io::Result<()> {
        parquet::remove::<SongRow>(run, bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_room_for_every_feature() {
        assert_eq!(
            catalogue().len(),
            FEATURE_COUNT,
            "set FEATURE_COUNT in tables/rows.rs and raise the schema version"
        );
    }
}
