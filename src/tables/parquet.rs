//! Rows to Parquet files and back.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::{Record, TableError, atomic};

/// What made a file, kept in its footer under `promenade.*` keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footer {
    /// Version of the computation of the stage.
    pub stage_version: u32,
    /// Hash of the settings that the rows depend on; not of folders.
    pub settings: String,
    /// Hash of the model's weights; empty where the stage has none.
    pub model: String,
    /// Device class and precision, such as `cpu f32`.
    pub device: String,
    /// More that readers want to know, such as the names of the features.
    pub more: BTreeMap<String, String>,
}

const PREFIX: &str = "promenade.";

impl Footer {
    fn pairs<R: Record>(&self) -> Vec<(String, String)> {
        let own = [
            ("table", R::TABLE.to_owned()),
            ("schema_version", R::VERSION.to_string()),
            ("stage_version", self.stage_version.to_string()),
            ("settings", self.settings.clone()),
            ("model", self.model.clone()),
            ("device", self.device.clone()),
            ("tool_version", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        let own = own.into_iter().map(|(key, value)| (key.to_owned(), value));
        let more = self.more.iter().map(|(key, value)| (key.clone(), value.clone()));
        own.chain(more).map(|(key, value)| (format!("{PREFIX}{key}"), value)).collect()
    }

    /// Whether the footer that lies in a file is the one that this stage would write there now.
    pub fn matches<R: Record>(&self, found: &BTreeMap<String, String>) -> bool {
        self.pairs::<R>().iter().all(|(key, value)| {
            let key = key.trim_start_matches(PREFIX);
            // A newer program with the same stage version writes the same rows.
            key == "tool_version" || found.get(key) == Some(value)
        })
    }
}

/// The name of the part file of a bucket.
pub fn part_name(bucket: u32) -> String {
    format!("part-{bucket:05}.parquet")
}

/// Where the part file of a bucket lies in a run's folder.
pub fn part_path<R: Record>(run: &Path, bucket: u32) -> PathBuf {
    run.join(R::TABLE).join(part_name(bucket))
}

/// Whether a bucket's part file is there and was made as `footer` says.
pub fn is_current<R: Record>(run: &Path, bucket: u32, footer: &Footer) -> bool {
    read_footer(&part_path::<R>(run, bucket)).is_ok_and(|found| footer.matches::<R>(&found))
}

/// The rows of a bucket's part file, where it is there and was made as `footer` says.
pub fn read_current<R: Record>(run: &Path, bucket: u32, footer: &Footer) -> Option<Vec<R>> {
    if !is_current::<R>(run, bucket, footer) {
        return None;
    }
    read_part(&part_path::<R>(run, bucket)).ok()
}

/// Removes a bucket's part file; one that is not there is removed already.
pub fn remove<R: Record>(run: &Path, bucket: u32) -> std::io::Result<()> {
    match std::fs::remove_file(part_path::<R>(run, bucket)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes one part file, whole or not at all.
pub fn write_part<R: Record>(path: &Path, rows: &[&R], footer: &Footer) -> Result<(), TableError> {
    let write_error = |source| TableError::Write { path: path.to_owned(), source };
    let mut frame = DataFrame::new(rows.len(), R::to_columns(rows)?).map_err(write_error)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(footer.pairs::<R>())))
        .finish(&mut frame)
        .map_err(write_error)?;
    atomic::write_bytes(path, &bytes).map_err(|source| TableError::Io { path: path.to_owned(), source })
}

/// What lies under the `promenade.*` keys of a file's footer, without the prefix.
pub fn read_footer(path: &Path) -> Result<BTreeMap<String, String>, TableError> {
    let mut reader = ParquetReader::new(open(path)?);
    let metadata =
        reader.get_metadata().map_err(|source| TableError::Read { path: path.to_owned(), source })?;
    let pairs = metadata.key_value_metadata().iter().flatten();
    Ok(pairs
        .filter_map(|pair| Some((pair.key.strip_prefix(PREFIX)?.to_owned(), pair.value.clone()?)))
        .collect())
}

/// The rows of one part file.
pub fn read_part<R: Record>(path: &Path) -> Result<Vec<R>, TableError> {
    R::from_frame(&read_frame::<R>(path)?)
}

/// The columns of one part file, after a look at the version of its schema.
pub fn read_frame<R: Record>(path: &Path) -> Result<DataFrame, TableError> {
    let footer = read_footer(path)?;
    let found = footer.get("schema_version").cloned().unwrap_or_else(|| "none".to_owned());
    if found != R::VERSION.to_string() {
        return Err(TableError::Version { path: path.to_owned(), found, expected: R::VERSION });
    }
    ParquetReader::new(open(path)?)
        .set_rechunk(true)
        .finish()
        .map_err(|source| TableError::Read { path: path.to_owned(), source })
}

/// All rows of a run's table, part by part in the order of their names.
///
/// # Errors
/// [`TableError::Missing`] where the stage that makes the table has not run.
pub fn read_table<R: Record>(run: &Path) -> Result<Vec<R>, TableError> {
    let folder = run.join(R::TABLE);
    let parts = part_files(&folder)?;
    if parts.is_empty() {
        return Err(TableError::Missing { path: folder, stage: R::STAGE });
    }
    let mut rows = Vec::new();
    for part in parts {
        rows.extend(read_part::<R>(&part)?);
    }
    Ok(rows)
}

/// All columns of a table's folder, or of one Parquet file, whatever its schema.
pub fn read_any(path: &Path) -> Result<DataFrame, TableError> {
    let is_folder =
        std::fs::metadata(path).map_err(|source| TableError::Io { path: path.to_owned(), source })?.is_dir();
    let parts = if is_folder { part_files(path)? } else { vec![path.to_owned()] };
    let mut whole: Option<DataFrame> = None;
    for part in &parts {
        let read_error = |source| TableError::Read { path: part.clone(), source };
        let frame = ParquetReader::new(open(part)?).finish().map_err(read_error)?;
        match &mut whole {
            None => whole = Some(frame),
            Some(whole) => {
                whole.vstack_mut(&frame).map_err(read_error)?;
            }
        }
    }
    let mut whole = whole.ok_or_else(|| TableError::Missing { path: path.to_owned(), stage: "run" })?;
    whole.rechunk_mut();
    Ok(whole)
}

/// The part files in a table's folder, sorted by name; none where there is no such folder.
pub fn part_files(folder: &Path) -> Result<Vec<PathBuf>, TableError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(TableError::Io { path: folder.to_owned(), source }),
    };
    let is_part = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("part-") && name.ends_with(".parquet"))
    };
    let mut parts: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(is_part).collect();
    parts.sort();
    Ok(parts)
}

fn open(path: &Path) -> Result<File, TableError> {
    File::open(path).map_err(|source| TableError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::{Estimate, Point};
    use crate::tables::rows::FEATURE_COUNT;
    use crate::tables::{SongRow, Status};

    fn songs() -> Vec<SongRow> {
        let estimate = Estimate::from_gaussian(Point::new(0.3, -0.4), 0.2, 0.1, 0.25);
        let good = SongRow {
            song_id: Some("00ff".into()),
            path: "calm/\"a\"\n<script>.opus".into(),
            features: Some(Box::new([0.5; FEATURE_COUNT])),
            estimate: (&estimate).into(),
            status: Status::Ok,
            ..Default::default()
        };
        let bad = SongRow { path: "b.mp3".into(), status: Status::Silent, ..Default::default() };
        vec![good, bad]
    }

    #[test]
    fn rows_come_back_as_they_went() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("songs").join(part_name(3));
        let rows = songs();
        let footer = Footer { settings: "abc".into(), ..Default::default() };
        write_part(&path, &rows.iter().collect::<Vec<_>>(), &footer).unwrap();
        assert_eq!(read_table::<SongRow>(folder.path()).unwrap(), rows);
        assert_eq!(rows[0].estimate.estimate().unwrap().mean, Point::new(0.3, -0.4));
        let found = read_footer(&path).unwrap();
        assert!(footer.matches::<SongRow>(&found));
        assert!(!Footer { settings: "abd".into(), ..footer }.matches::<SongRow>(&found));
    }

    #[test]
    fn a_table_without_rows_has_its_schema() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(part_name(0));
        write_part::<SongRow>(&path, &[], &Footer::default()).unwrap();
        let frame = read_frame::<SongRow>(&path).unwrap();
        let names: Vec<_> = frame.get_column_names().iter().map(|name| name.to_string()).collect();
        let expected: Vec<_> = SongRow::columns().iter().map(|column| column.name.to_owned()).collect();
        assert_eq!((frame.height(), names), (0, expected));
    }

    #[test]
    fn equal_rows_make_equal_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let rows = songs();
        let write = |name: &str| {
            let path = folder.path().join(name);
            write_part(&path, &rows.iter().collect::<Vec<_>>(), &Footer::default()).unwrap();
            std::fs::read(path).unwrap()
        };
        assert_eq!(write("one"), write("two"));
    }

    #[test]
    fn a_table_that_is_not_there_names_the_stage_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_table::<SongRow>(folder.path()).unwrap_err();
        assert!(error.to_string().contains("run `promenade songs` first"), "{error}");
    }
}
