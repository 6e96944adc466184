//! The tables in, the table out.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::why::why;
use super::{Collection, PairSettings, SettingsError, nearest, score};
use crate::tables::parquet::{part_files, part_name, read_footer, read_table, write_part};
use crate::tables::{FaceRow, Footer, PairingRow, Record, SongRow, TableError, fingerprint};

/// Version of the computation: raised whenever equal tables would give other rows.
const STAGE_VERSION: u32 = 1;
/// Keys of the footer, besides those of every table.
const INPUTS: &str = "inputs";
const SUMMARY: &str = "summary";
const SETTINGS: &str = "settings_json";

/// What a pairing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairSummary {
    /// Distinct portraits whose primary face has an estimate.
    pub portraits: usize,
    /// Portraits with a face, but without an estimate of it.
    pub portraits_left_out: usize,
    /// Portraits for which the rule on classes left no song.
    pub portraits_without_song: usize,
    /// Distinct songs that could be chosen.
    pub songs: usize,
    /// Songs that could not: unread, failed, or without the kind of place asked for.
    pub songs_left_out: usize,
    /// Distinct songs that were chosen.
    pub songs_chosen: usize,
    /// Rows of the table.
    pub pairings: usize,
    /// Whether nothing had changed, so that nothing was done.
    #[serde(skip)]
    pub up_to_date: bool,
}

/// What can go wrong with a pairing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PairError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
}

/// Reads `faces` and `songs` of a run and writes its `pairings`, unless settings and tables are those of the last time.
///
/// Portraits come by id, songs by rank. Without a usable face or song the table is empty and has its schema.
///
/// # Errors
/// Settings that make no sense, and tables that are missing, broken or cannot be written.
pub fn pair(run: &Path, settings: &PairSettings) -> Result<PairSummary, PairError> {
    settings.check()?;
    let inputs = format!("{} {}", parts_id::<FaceRow>(run)?, parts_id::<SongRow>(run)?);
    let folder = run.join(PairingRow::TABLE);
    let part = folder.join(part_name(0));
    let mut footer = Footer {
        stage_version: STAGE_VERSION,
        settings: fingerprint::settings_id(settings),
        more: [(INPUTS.to_owned(), inputs)].into(),
        ..Default::default()
    };
    if let Some(summary) = last_time(&folder, &part, &footer)? {
        return Ok(PairSummary { up_to_date: true, ..summary });
    }
    let (rows, summary) = compute(&read_table(run)?, &read_table(run)?, settings);
    for (key, json) in [(SUMMARY, to_json(&summary)), (SETTINGS, to_json(settings))] {
        footer.more.insert(key.to_owned(), json);
    }
    write_part(&part, &rows.iter().collect::<Vec<_>>(), &footer)?;
    // Whoever reads the folder reads all its parts.
    for stale in part_files(&folder)?.into_iter().filter(|path| *path != part) {
        std::fs::remove_file(&stale).map_err(|source| PairError::Io { path: stale, source })?;
    }
    Ok(summary)
}

/// The settings with which a run's pairings were made; none where there are no pairings or another program made them.
///
/// # Errors
/// A table that cannot be read.
pub fn settings_of(run: &Path) -> Result<Option<PairSettings>, TableError> {
    let Some(part) = part_files(&run.join(PairingRow::TABLE))?.into_iter().next() else { return Ok(None) };
    Ok(read_footer(&part)?.get(SETTINGS).and_then(|json| serde_json::from_str(json).ok()))
}

fn compute(faces: &[FaceRow], songs: &[SongRow], settings: &PairSettings) -> (Vec<PairingRow>, PairSummary) {
    let portraits = Collection::of_faces(faces);
    let songs = Collection::of_songs(songs, settings.songs);
    let matches = nearest(&portraits, &songs, settings);
    let mut chosen = vec![false; songs.places.len()];
    let mut rows = Vec::new();
    for (portrait, matches) in portraits.places.iter().zip(&matches) {
        for (found, rank) in matches.iter().zip(1..) {
            let song = &songs.places[found.song];
            chosen[found.song] = true;
            let [at, song_at] = [portraits.position(portrait, settings), songs.position(song, settings)];
            rows.push(PairingRow {
                portrait_id: portrait.id.clone(),
                face_index: portrait.face_index,
                rank,
                song_id: song.id.clone(),
                distance: found.distance as f32,
                score: score(found.distance) as f32,
                portrait_class: Some(portrait.class),
                song_class: Some(song.class),
                portrait_valence_z: portrait.standard[0] as f32,
                portrait_arousal_z: portrait.standard[1] as f32,
                song_valence_z: song.standard[0] as f32,
                song_arousal_z: song.standard[1] as f32,
                why: why(portrait, at, song, song_at, settings.position),
                locked: false,
                method: settings.method.name().to_owned(),
            });
        }
    }
    let summary = PairSummary {
        portraits: portraits.places.len(),
        portraits_left_out: portraits.left_out,
        portraits_without_song: matches.iter().filter(|matches| matches.is_empty()).count(),
        songs: songs.places.len(),
        songs_left_out: songs.left_out,
        songs_chosen: chosen.iter().filter(|&&chosen| chosen).count(),
        pairings: rows.len(),
        up_to_date: false,
    };
    (rows, summary)
}

/// The summary of the last pairing, where it was made with these settings from these tables.
fn last_time(folder: &Path, part: &Path, footer: &Footer) -> Result<Option<PairSummary>, TableError> {
    if part_files(folder)? != [part] {
        return Ok(None);
    }
    // A part that cannot be read is made anew.
    let Ok(found) = read_footer(part) else { return Ok(None) };
    if !footer.matches::<PairingRow>(&found) {
        return Ok(None);
    }
    Ok(found.get(SUMMARY).and_then(|json| serde_json::from_str(json).ok()))
}

/// A hash of the bytes of a table's parts.
fn parts_id<R: Record>(run: &Path) -> Result<String, PairError> {
    let mut ids = String::new();
    for path in part_files(&run.join(R::TABLE))? {
        let id =
            fingerprint::file_id(&path).map_err(|source| PairError::Io { path: path.clone(), source })?;
        ids.push_str(&id);
    }
    Ok(fingerprint::bytes_id(ids.as_bytes()))
}

fn to_json(value: &impl Serialize) -> String {
    // Plain structs of numbers and words always serialise; text that does not parse later counts as absent.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::{Class, Estimate, Point};
    use crate::pairing::ClassRule;
    use crate::tables::Status;

    fn write<R: Record>(run: &Path, rows: &[R]) {
        let path = run.join(R::TABLE).join(part_name(0));
        write_part(&path, &rows.iter().collect::<Vec<_>>(), &Footer::default()).unwrap();
    }

    fn faces(n: usize) -> Vec<FaceRow> {
        let estimate = Estimate::from_gaussian(Point::new(0.5, 0.5), 0.1, 0.1, 0.0);
        let face = |n| FaceRow {
            portrait_id: format!("p{n}"),
            is_primary: true,
            estimate: (&estimate).into(),
            ..Default::default()
        };
        (0..n).map(face).collect()
    }

    fn songs(n: usize) -> Vec<SongRow> {
        let estimate = Estimate::from_gaussian(Point::new(-0.5, 0.4), 0.1, 0.1, 0.0);
        let song = |n| SongRow {
            song_id: Some(format!("s{n}")),
            status: Status::Ok,
            estimate: (&estimate).into(),
            ..Default::default()
        };
        (0..n).map(song).collect()
    }

    #[test]
    fn pairing_again_does_nothing_until_a_table_or_a_setting_changes() {
        let run = tempfile::tempdir().unwrap();
        let run = run.path();
        write(run, &faces(2));
        write(run, &songs(2));
        let settings = PairSettings::default();
        let first = pair(run, &settings).unwrap();
        assert_eq!((first.portraits, first.songs, first.pairings, first.songs_chosen), (2, 2, 4, 2));
        assert!(!first.up_to_date);
        let bytes = |run: &Path| std::fs::read(run.join("pairings").join(part_name(0))).unwrap();
        let before = bytes(run);
        let rows: Vec<PairingRow> = read_table(run).unwrap();
        let order: Vec<_> = rows.iter().map(|row| (&*row.portrait_id, row.rank, &*row.song_id)).collect();
        assert_eq!(order, [("p0", 1, "s0"), ("p0", 2, "s1"), ("p1", 1, "s0"), ("p1", 2, "s1")]);
        assert_eq!((rows[0].portrait_class, rows[0].song_class), (Some(Class::Q1), Some(Class::Q2)));

        assert_eq!(pair(run, &settings).unwrap(), PairSummary { up_to_date: true, ..first.clone() });
        assert_eq!(settings_of(run).unwrap(), Some(settings.clone()));
        let required = PairSettings { class: ClassRule::Required, ..settings.clone() };
        let other = pair(run, &required).unwrap();
        assert_eq!((other.up_to_date, other.pairings, other.portraits_without_song), (false, 0, 2));
        write(run, &songs(1));
        assert_eq!(pair(run, &settings).unwrap().pairings, 2);
        write(run, &songs(2));
        assert!(!pair(run, &settings).unwrap().up_to_date);
        assert_eq!(bytes(run), before);
    }

    #[test]
    fn no_rows_give_an_empty_table_and_no_table_says_which_stage_to_run() {
        let run = tempfile::tempdir().unwrap();
        let run = run.path();
        let settings = PairSettings::default();
        write(run, &faces(0));
        let error = pair(run, &settings).unwrap_err();
        assert!(error.to_string().contains("run `promenade songs` first"), "{error}");
        write(run, &songs(0));
        assert_eq!(pair(run, &settings).unwrap(), PairSummary::default());
        assert!(read_table::<PairingRow>(run).unwrap().is_empty());
        let none = PairSettings { top: 0, ..settings };
        assert!(matches!(pair(run, &none), Err(PairError::Settings(SettingsError::NoSongs))));
    }

    #[test]
    fn a_stale_or_broken_part_is_replaced() {
        let run = tempfile::tempdir().unwrap();
        let run = run.path();
        write(run, &faces(1));
        write(run, &songs(1));
        let settings = PairSettings::default();
        pair(run, &settings).unwrap();
        std::fs::write(run.join("pairings").join(part_name(7)), b"old").unwrap();
        assert!(!pair(run, &settings).unwrap().up_to_date);
        assert_eq!(part_files(&run.join("pairings")).unwrap().len(), 1);
        std::fs::write(run.join("pairings").join(part_name(0)), b"torn").unwrap();
        assert_eq!(pair(run, &settings).unwrap().pairings, 1);
    }
}
