//! The files of a folder, in an order that does not depend on the file system.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use walkdir::WalkDir;

use super::{BatchError, Stage};

/// A file to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Path relative to the folder given, `/` between its parts; bytes that are not UTF-8 are percent-encoded.
    pub relative: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last changed, nanoseconds since 1970.
    pub modified_ns: u64,
}

impl Input {
    /// An error as its row says it: without the path that many errors begin with, since the row has it already and a
    /// table must not depend on where the folder lies.
    pub fn sentence(&self, error: &impl std::fmt::Display) -> String {
        let text = error.to_string();
        let path = self.path.display().to_string();
        let rest = text.strip_prefix(&path).map_or(text.as_str(), |rest| rest.trim_start_matches([':', ' ']));
        rest.replace(&path, &self.relative)
    }
}

/// How many first bytes decide about a file without an extension.
const HEAD: u64 = 16;

/// All input files of a stage below a folder, sorted by relative path.
///
/// Links are followed, loops are not. Pipes, devices and sockets are passed over, and so are hidden files and folders
/// and what cannot be listed, which `unlisted` counts.
///
/// # Errors
/// Where the folder is not there, is a file, or cannot be listed itself.
pub fn discover<S: Stage>(stage: &S, folder: &Path) -> Result<Discovered, BatchError> {
    check_folder(folder)?;
    let mut found = Discovered::default();
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    for entry in WalkDir::new(folder).follow_links(true).into_iter().filter_entry(visible) {
        let Ok(entry) = entry else {
            found.unlisted += 1;
            continue;
        };
        let Ok(metadata) = entry.metadata() else {
            found.unlisted += 1;
            continue;
        };
        if !metadata.is_file() || !is_input(stage, entry.path()) {
            continue;
        }
        let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        found.inputs.push(Input {
            relative: encode(relative),
            path: entry.path().to_owned(),
            bytes: metadata.len(),
            modified_ns: modified.map_or(0, |time| time.as_nanos() as u64),
        });
    }
    found.inputs.sort_by(|a, b| a.relative.cmp(&b.relative));
    Ok(found)
}

/// Whether a folder is there and can be listed.
///
/// # Errors
/// Where it is not there, is a file, or cannot be listed.
pub fn check_folder(folder: &Path) -> Result<(), BatchError> {
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(BatchError::NoFolder(folder.to_owned()));
        }
        Err(source) => return Err(BatchError::Unreadable { folder: folder.to_owned(), source }),
        Ok(metadata) if !metadata.is_dir() => return Err(BatchError::NotAFolder(folder.to_owned())),
        Ok(_) => {}
    }
    let listed = std::fs::read_dir(folder);
    listed.map(|_| ()).map_err(|source| BatchError::Unreadable { folder: folder.to_owned(), source })
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The inputs, sorted by relative path.
    pub inputs: Vec<Input>,
    /// Entries that could not be listed: unreadable folders, broken links, loops.
    pub unlisted: u64,
}

fn is_input<S: Stage>(stage: &S, path: &Path) -> bool {
    match path.extension() {
        Some(extension) => stage.accepts(&extension.to_string_lossy().to_ascii_lowercase()),
        None => {
            let mut head = Vec::new();
            let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
            read.is_ok() && stage.sniffs(&head)
        }
    }
}

/// What a table's `path` percent-encodes besides bytes that are not UTF-8: only `%` itself, so that it can be undone.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// A relative path as the tables hold it.
fn encode(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => percent_encode(path.as_os_str().as_encoded_bytes(), ENCODED).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_are_encoded_and_others_kept() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(encode(Path::new("a/ü %.jpg")), "a/ü %.jpg");
        assert_eq!(encode(Path::new(OsStr::from_bytes(b"a\xff.jpg"))), "a%FF.jpg");
    }
}
