//! One run at a time in a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::BatchError;

/// Holds a run's folder until dropped. The kernel gives the lock back when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the folder, making it where needed.
    ///
    /// # Errors
    /// [`BatchError::Locked`] with the process and host that hold it.
    pub fn take(run: &Path) -> Result<Self, BatchError> {
        let path = run.join(".lock");
        let failed = |source| BatchError::Write { path: path.clone(), source };
        std::fs::create_dir_all(run).map_err(failed)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // The owner is only named for the reader's sake; an unreadable name changes nothing.
                if file.read_to_string(&mut owner).is_err() || owner.trim().is_empty() {
                    owner = "another process".into();
                }
                return Err(BatchError::Locked { run: run.to_owned(), owner: owner.trim().into() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "process {} on {}", std::process::id(), host.trim()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_holds_the_folder_and_a_later_one_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let error = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        Lock::take(folder.path()).unwrap();
    }
}
