//! Comma-separated tables as sets really distribute them.

use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, WINDOWS_1252};

use super::SongsError;

/// A table in memory: cells trimmed, headers found without regard to case.
///
/// A byte order mark is taken off, bytes that are not UTF-8 are read as Latin-1 (Windows-1252), records end at CR,
/// LF or CRLF, and rows may be longer or shorter than the header.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// `Io`, or `Table` where the quotes are broken or there is no header.
    pub fn read(path: &Path) -> Result<Self, SongsError> {
        let bytes = std::fs::read(path).map_err(|source| SongsError::Io { path: path.to_owned(), source })?;
        Self::parse(path, &bytes)
    }

    /// Parses bytes; `path` is for messages.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, SongsError> {
        let broken = |detail: String| SongsError::Table { path: path.to_owned(), detail };
        let text = decode(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| broken(e.to_string()))?;
            rows.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        if rows.is_empty() {
            return Err(broken("it is empty".into()));
        }
        let headers = rows.remove(0).iter().map(|h| h.to_lowercase()).collect();
        Ok(Self { path: path.to_owned(), headers, rows })
    }

    /// Whether there is a column of that name.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|h| *h == name.to_lowercase())
    }

    /// The place of a column.
    ///
    /// # Errors
    /// `Column`, naming those that there are.
    pub fn column(&self, name: &str) -> Result<usize, SongsError> {
        self.headers.iter().position(|h| *h == name.to_lowercase()).ok_or_else(|| SongsError::Column {
            path: self.path.clone(),
            column: name.to_owned(),
            found: self.headers.join(", "),
        })
    }

    /// Rows, each a slice of cells.
    pub fn rows(&self) -> impl Iterator<Item = &[String]> {
        self.rows.iter().map(Vec::as_slice)
    }
}

/// Text of any of the encodings met.
fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// The cell of a row; empty where the row is too short.
pub fn cell(row: &[String], column: usize) -> &str {
    row.get(column).map_or("", String::as_str)
}

/// The number in a cell; none where it is empty or none.
pub fn number(row: &[String], column: usize) -> Option<f32> {
    cell(row, column).parse().ok().filter(|x: &f32| x.is_finite())
}

/// The name of a file without folders and its extension of sound, lower case: what ids are matched by.
pub fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name).trim().to_lowercase();
    match name.rsplit_once('.') {
        Some((stem, extension)) if super::folder::EXTENSIONS.contains(&extension) => stem.to_owned(),
        _ => name,
    }
}
