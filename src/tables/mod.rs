//! The contract with everybody who reads the tables: their schema, written once, and Parquet in and out.
//!
//! A table is a folder of part files, `<run>/<table>/part-<bucket>.parquet`, zstd; reading the folder is the merge.
//! Every row type of [`rows`] knows its columns; [`parquet`] writes and reads them with a [`Footer`] that says what
//! made them; [`atomic`] sees to it that a file which exists is complete.

pub mod atomic;
pub mod cell;
pub mod dictionary;
pub mod fingerprint;
pub mod parquet;
mod record;
pub mod rows;
mod status;

use std::path::PathBuf;

pub use cell::ColumnDoc;
pub use parquet::Footer;
pub use record::Record;
pub use rows::{EstimateColumns, FaceRow, FigureRow, HistoryRow, PairingRow, PortraitRow, RunRow, SongRow};
pub use status::Status;

/// What can go wrong with a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    #[error("{path}: cannot read the table: {source}. Delete the file and run the stage again")]
    Read { path: PathBuf, source: polars::error::PolarsError },
    #[error("{path}: cannot write the table: {source}")]
    Write { path: PathBuf, source: polars::error::PolarsError },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path} holds no table: run `promenade {stage}` first")]
    Missing { path: PathBuf, stage: &'static str },
    #[error(
        "{path} was written with version {found} of the table's schema, this program reads version {expected}: \
         run the stage again"
    )]
    Version { path: PathBuf, found: String, expected: u32 },
    #[error("column `{column}`: {message}")]
    Column { column: String, message: String },
}
