//! From a path in a table to the file.

use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::tables::fingerprint;

/// The file that a table's relative path names in `folder`; none where there is none, or the path leads elsewhere.
///
/// Bytes that are not UTF-8 stand percent-encoded in tables, so a path that is not there as written is decoded.
pub(super) fn resolve(folder: &Path, relative: &str) -> Option<PathBuf> {
    let as_written = inside(Path::new(relative)).map(|path| folder.join(path)).filter(|path| path.is_file());
    as_written.or_else(|| {
        let decoded = decode(relative)?;
        inside(&decoded).map(|path| folder.join(path)).filter(|path| path.is_file())
    })
}

/// A path that goes down only.
pub(super) fn inside(path: &Path) -> Option<&Path> {
    let goes_down = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    (!path.as_os_str().is_empty() && path.components().all(goes_down)).then_some(path)
}

#[cfg(unix)]
fn decode(text: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

#[cfg(not(unix))]
fn decode(text: &str) -> Option<PathBuf> {
    Some(PathBuf::from(percent_decode_str(text).decode_utf8().ok()?.into_owned()))
}

/// An id as a name for files and anchors: as it is where it is one, else a hash of whatever stands there.
pub(super) fn safe_name(id: &str) -> String {
    let plain =
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if plain { id.to_owned() } else { fingerprint::bytes_id(id.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_their_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("in");
        std::fs::create_dir_all(folder.join("a")).unwrap();
        std::fs::write(root.path().join("secret"), b"x").unwrap();
        for name in ["a/100%25 #?.jpg", "plain.jpg"] {
            std::fs::write(folder.join(name), b"x").unwrap();
        }
        assert!(resolve(&folder, "a/100%25 #?.jpg").is_some());
        assert_eq!(resolve(&folder, "./plain.jpg").unwrap(), folder.join("./plain.jpg"));
        let absolute = root.path().join("secret");
        for outside in
            ["../secret", "a/../../secret", "%2e%2e/secret", absolute.to_str().unwrap(), "", "a", "none"]
        {
            assert_eq!(resolve(&folder, outside), None, "{outside}");
        }
    }

    #[test]
    fn names_of_files_are_plain() {
        assert_eq!(safe_name("00ffa0"), "00ffa0");
        for hostile in ["", "../x", "a\"b", "ä"] {
            let name = safe_name(hostile);
            assert!(name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
        }
    }
}
