//! How files flow through a stage: discover, skip what the ledger holds, decode in parallel, infer in batches, write.
//!
//! A stage says how one file is analysed and how its rows are written ([`Stage`]); everything else is here, once:
//! [`discover`] lists the files of a folder in sorted order, the ledger remembers which of them have rows already,
//! [`flow`] moves the rest through the pool bucket by bucket, [`lock`] keeps two runs apart, [`stop`] hears Ctrl-C,
//! and [`Observer`] is told how it goes. Memory holds one group of files' results, whatever the folder's size.

pub mod discover;
pub mod flow;
mod ledger;
pub mod lock;
mod progress;
pub mod runs;
pub mod stop;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use discover::Input;
pub use flow::{Options, run};
pub use progress::{Observer, Silent, Summary};

use crate::tables::{Footer, Status, TableError};

/// A job over a folder of files, one set of rows a file.
pub trait Stage: Sync {
    /// What the analysis of one file leaves for the network; small, since a group of them is held at once.
    type Seen: Send;
    /// The finished rows of one file.
    type Rows: Send;

    /// Its name, which is its subcommand's.
    const NAME: &'static str;
    /// How many files are analysed before their batch is inferred and written: what a kill loses at most.
    const GROUP: usize;

    /// Whether files of this extension (lower case, without the dot) are its inputs.
    fn accepts(&self, extension: &str) -> bool;
    /// Whether a file without an extension is its input, by its first bytes.
    fn sniffs(&self, head: &[u8]) -> bool;
    /// What the rows depend on besides the files.
    fn footer(&self) -> Footer;

    /// Looks at one file, on any thread. Bad input is a result too.
    fn analyse(&self, input: &Input) -> Self::Seen;
    /// What stands for a file whose analysis panicked.
    fn crashed(&self, input: &Input, message: &str) -> Self::Seen;
    /// Gives each file its rows, in order.
    fn infer(&self, seen: Vec<Self::Seen>) -> Result<Vec<Self::Rows>, String>;

    /// What became of the file.
    fn status(rows: &Self::Rows) -> Status;
    /// Writes the part files of a bucket.
    fn write(&self, run: &Path, bucket: u32, rows: &[Self::Rows], footer: &Footer) -> Result<(), TableError>;
    /// Reads the rows of a bucket back, by path; `None` where a part is missing or was made otherwise.
    fn read(&self, run: &Path, bucket: u32, footer: &Footer) -> Option<BTreeMap<String, Self::Rows>>;
    /// Whether the part files of a bucket are there and were made with this footer.
    fn is_current(&self, run: &Path, bucket: u32, footer: &Footer) -> bool;
    /// Removes the part files of a bucket whose files are gone.
    fn remove(&self, run: &Path, bucket: u32) -> std::io::Result<()>;
}

/// Why a stage could not run. One bad file is never the reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    #[error("{0} is not there: check the path")]
    NoFolder(PathBuf),
    #[error("{0} is a file: give the folder that holds it")]
    NotAFolder(PathBuf),
    #[error("{folder} cannot be read: {source}")]
    Unreadable { folder: PathBuf, source: std::io::Error },
    #[error("{run} is being written by {owner}: wait until that run ends, or choose another --out")]
    Locked { run: PathBuf, owner: String },
    #[error(
        "{path}: cannot write: {source}. Free some space or choose another --out; finished files are kept"
    )]
    Write { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("the network failed: {0}. Run `promenade doctor`")]
    Network(String),
}

#[cfg(test)]
mod tests;
