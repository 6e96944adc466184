//! Files that are either absent or complete.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file beside its place, syncs it and renames it into place, making its folder where needed.
///
/// Whoever looks at `path`, at any moment and after any kill, sees the old file, the whole new one, or none.
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = parent(path);
    std::fs::create_dir_all(folder)?;
    let temporary = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    let mut writer = BufWriter::new(temporary);
    fill(&mut writer)?;
    persist(writer.into_inner().map_err(io::IntoInnerError::into_error)?, path)
}

/// Writes the bytes of a whole file, as [`write()`] does.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, |file| file.write_all(bytes))
}

/// Writes the bytes of a whole file as [`write_bytes`] does, but does not wait for the disk.
///
/// For files that are many, small, and can be made again: a kill never shows half of one, a power cut may lose it.
pub fn write_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = parent(path);
    let open = || tempfile::Builder::new().prefix(".writing-").tempfile_in(folder);
    let mut temporary = match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            open()?
        }
        opened => opened?,
    };
    temporary.write_all(bytes)?;
    readable(&temporary)?;
    temporary.persist(path).map(|_| ()).map_err(|error| error.error)
}

fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    readable(&temporary)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    // The rename itself lies in the folder: without this a power cut may undo it.
    File::open(parent(path))?.sync_all()
}

/// A temporary file is private by default; a table is as readable as any other file of the user's.
fn readable(temporary: &NamedTempFile) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        temporary.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// The folder of a path; a bare name lies in the current one.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/table.bin");
        write_bytes(&path, b"old").unwrap();
        let failed = write(&path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
