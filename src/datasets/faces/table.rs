//! A CSV file as people hand it on: with a byte order mark, spaces round the names, any line end, any case.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::FacesError;

/// An open table: its columns by name, its rows one at a time.
pub(super) struct Table {
    path: PathBuf,
    header: Vec<String>,
    reader: csv::Reader<BufReader<File>>,
    record: csv::ByteRecord,
    row: usize,
}

impl Table {
    /// Opens a table and reads its header.
    pub(super) fn open(path: &Path) -> Result<Self, FacesError> {
        let io = |source| FacesError::Io { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        if file.fill_buf().map_err(io)?.starts_with(b"\xEF\xBB\xBF") {
            file.consume(3);
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
        let names =
            reader.byte_headers().map_err(|source| FacesError::Csv { path: path.to_owned(), source })?;
        let header = names.iter().map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
        Ok(Self { path: path.to_owned(), header, reader, record: csv::ByteRecord::new(), row: 0 })
    }

    /// The place of a column, or `None`.
    pub(super) fn find(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name.eq_ignore_ascii_case(column))
    }

    /// The place of a column that must be there.
    pub(super) fn column(&self, column: &'static str) -> Result<usize, FacesError> {
        self.find(column).ok_or_else(|| FacesError::MissingColumn {
            path: self.path.clone(),
            column,
            found: self.header.join(", "),
        })
    }

    /// Goes to the next row; false after the last. Rows without any text are passed over.
    pub(super) fn advance(&mut self) -> Result<bool, FacesError> {
        loop {
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|source| FacesError::Csv { path: self.path.clone(), source })? {
                return Ok(false);
            }
            self.row += 1;
            if self.record.iter().any(|cell| !cell.is_empty()) {
                return Ok(true);
            }
        }
    }

    /// The bytes of a cell of the current row; empty where the row is too short.
    pub(super) fn cell(&self, column: usize) -> &[u8] {
        self.record.get(column).unwrap_or_default()
    }

    /// The text of a cell of the current row.
    pub(super) fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(self.cell(column)).into_owned()
    }

    /// A cell of the current row as a number or word of type `T`.
    pub(super) fn parse<T: FromStr>(&self, column: usize) -> Result<T, FacesError> {
        let text = self.text(column);
        text.parse().map_err(|_| {
            let name = self.header.get(column).map_or("", String::as_str);
            self.fault(
                format!("`{text}` is no value for column `{name}`"),
                "correct the cell or remove the row",
            )
        })
    }

    /// An error about the current row.
    pub(super) fn fault(&self, problem: impl Into<String>, remedy: &'static str) -> FacesError {
        FacesError::Row { path: self.path.clone(), row: self.row, problem: problem.into(), remedy }
    }
}
