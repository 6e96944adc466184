//! What can be wrong with a set of faces.

use std::path::PathBuf;

/// Why a set of faces could not be read: the file, the row, the remedy.
#[derive(Debug, thiserror::Error)]
pub enum FacesError {
    /// The operating system refused a file or folder.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },

    /// A table is no CSV.
    #[error("{path} is no readable CSV: {source}", path = path.display())]
    Csv { path: PathBuf, source: csv::Error },

    /// A table lacks a column.
    #[error("{path} has no column `{column}`; its columns are {found}", path = path.display())]
    MissingColumn { path: PathBuf, column: &'static str, found: String },

    /// A row says something that the set does not allow. `row` counts data rows from 1.
    #[error("{path}, row {row}: {problem}; {remedy}", path = path.display())]
    Row { path: PathBuf, row: usize, problem: String, remedy: &'static str },

    /// Votes and faces do not belong together.
    #[error("{votes} does not fit {faces}: {problem}; take both files from the official releases or remove the votes",
        votes = votes.display(), faces = faces.display())]
    VotesDoNotFit { votes: PathBuf, faces: PathBuf, problem: String },

    /// A picture could not be decoded.
    #[error("cannot decode {path}: {source}; copy the file from the data set again", path = path.display())]
    Picture { path: PathBuf, source: image::ImageError },

    /// A sheet of faces is smaller than its table says.
    #[error("{path} is {width} x {height} pixels and does not hold the face of row {row}; copy the file again",
        path = path.display())]
    SheetTooSmall { path: PathBuf, width: u32, height: u32, row: usize },

    /// Nothing that looks like FER2013.
    #[error("{path} holds no FER2013: give fer2013.csv, a folder with train/<emotion>/ and test/<emotion>/, \
        or a folder with labels.csv and sheets/", path = path.display())]
    Unrecognised { path: PathBuf },

    /// A form of the set without a single face.
    #[error("{path} holds no face; expected {expected}", path = path.display())]
    Empty { path: PathBuf, expected: &'static str },
}
