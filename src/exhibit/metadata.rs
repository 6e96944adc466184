//! What the curator knows of pictures and songs: two CSV files, joined by the relative path.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What can be wrong with a metadata file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: has no column `file`, by which rows are joined: name it in the first line")]
    NoFileColumn { path: PathBuf },
    #[error("{path}: {source}: write it as a CSV with commas and quotes")]
    Csv { path: PathBuf, source: csv::Error },
}

/// The rows of a metadata file by their `file`; the first row of a file counts.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    rows: BTreeMap<String, BTreeMap<String, String>>,
    /// The bytes that were read, for the fingerprint.
    pub bytes: Vec<u8>,
}

impl Metadata {
    /// Reads a file, or nothing where there is none to read.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, MetadataError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let bytes =
            std::fs::read(path).map_err(|source| MetadataError::Io { path: path.to_owned(), source })?;
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.into(),
            // Spreadsheets that do not write UTF-8 write Windows' superset of Latin-1.
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0,
        };
        let text = text.trim_start_matches('\u{feff}');
        let csv_error = |source| MetadataError::Csv { path: path.to_owned(), source };
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header: Vec<String> =
            reader.headers().map_err(csv_error)?.iter().map(str::to_ascii_lowercase).collect();
        if !header.iter().any(|name| name == "file") {
            return Err(MetadataError::NoFileColumn { path: path.to_owned() });
        }
        let mut rows = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(csv_error)?;
            let cells = header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
            let row: BTreeMap<String, String> =
                cells.map(|(name, cell)| (name.clone(), cell.to_owned())).collect();
            if let Some(file) = row.get("file") {
                rows.entry(key(file)).or_insert(row);
            }
        }
        Ok(Self { rows, bytes })
    }

    /// A cell of a file's row; none where it is empty or there is no such row or column.
    pub(super) fn get(&self, file: &str, column: &str) -> Option<&str> {
        self.rows.get(&key(file))?.get(column).map(String::as_str)
    }

    /// How many rows name none of these files.
    pub(super) fn unmatched<'a>(&self, files: impl Iterator<Item = &'a str>) -> usize {
        let files: std::collections::BTreeSet<String> = files.map(key).collect();
        self.rows.keys().filter(|file| !files.contains(*file)).count()
    }
}

/// A path as people write it: with either slash, perhaps with a leading `./`.
fn key(file: &str) -> String {
    let file = file.replace('\\', "/");
    file.trim_start_matches("./").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Metadata, MetadataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.csv");
        std::fs::write(&path, bytes).unwrap();
        Metadata::read(Some(&path))
    }

    #[test]
    fn files_of_all_kinds_of_spreadsheets_are_read() {
        let csv = "\u{feff} File , TITLE,artist\r\n.\\a\\b.jpg,\"A, \"\"B\"\"\",\r\nshort.jpg\r\na/b.jpg,again,x\r\n";
        let metadata = read(csv.as_bytes()).unwrap();
        assert_eq!(metadata.get("a/b.jpg", "title"), Some("A, \"B\""));
        assert_eq!(metadata.get("a/b.jpg", "artist"), None);
        assert_eq!(metadata.get("short.jpg", "title"), None);
        assert_eq!(metadata.unmatched(["a/b.jpg"].into_iter()), 1);
        let latin = read(b"file,title\nx.jpg,Caf\xe9\n").unwrap();
        assert_eq!(latin.get("x.jpg", "title"), Some("Café"));
        assert_eq!(Metadata::read(None).unwrap().get("x", "title"), None);
    }

    #[test]
    fn what_is_wrong_names_the_file() {
        let error = read(b"name,title\n").unwrap_err().to_string();
        assert!(error.contains("m.csv") && error.contains("no column `file`"), "{error}");
        assert!(matches!(Metadata::read(Some(Path::new("/none.csv"))), Err(MetadataError::Io { .. })));
    }
}
