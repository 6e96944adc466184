//! Songs in the exhibit, under their id and the extension that their bytes deserve.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::sources::{resolve, safe_name};
use super::stage::ExhibitError;
use super::{AudioMode, ExhibitSettings};
use crate::tables::{atomic, fingerprint};

/// All extensions that [`extension`] gives.
const EXTENSIONS: [&str; 10] = ["mp3", "opus", "ogg", "flac", "wav", "m4a", "aac", "aiff", "webm", "audio"];

/// Brings a song into the exhibit where it is not there yet, and gives its path there.
///
/// Inside, an error is a sentence on why the song cannot be played.
///
/// # Errors
/// An exhibit that cannot be written to.
pub(super) fn prepare(
    exhibit: &Path,
    settings: &ExhibitSettings,
    id: &str,
    path: &str,
) -> Result<Result<String, String>, ExhibitError> {
    let name = safe_name(id);
    let file = |extension: &str| format!("audio/{name}.{extension}");
    // A file that is there is whole and has these bytes, since it was written at once under their hash.
    if let Some(there) = EXTENSIONS.into_iter().map(file).find(|file| exhibit.join(file).is_file()) {
        return Ok(Ok(there));
    }
    let Some(source) = resolve(&settings.songs, path) else {
        return Ok(Err("The song's file is missing.".to_owned()));
    };
    let relative = match head(&source) {
        Ok(head) => file(extension(&head)),
        Err(error) => return Ok(Err(unread(&error))),
    };
    let target = exhibit.join(&relative);
    let outcome = match settings.audio {
        AudioMode::Link => link(&source, &target, id),
        AudioMode::Copy => copy(&source, &target, id),
    };
    match outcome {
        Ok(()) => Ok(Ok(relative)),
        Err(Trouble::Source(reason)) => Ok(Err(reason)),
        Err(Trouble::Target(source)) => Err(ExhibitError::Write { path: target, source }),
    }
}

/// Which side of a copy failed.
enum Trouble {
    Source(String),
    Target(io::Error),
}

fn unread(error: &io::Error) -> String {
    format!("The song's file could not be read: {error}.")
}

fn changed() -> String {
    "The song's file has changed since it was listened to.".to_owned()
}

fn link(source: &Path, target: &Path, id: &str) -> Result<(), Trouble> {
    let found = fingerprint::file_id(source).map_err(|error| Trouble::Source(unread(&error)))?;
    if found != id {
        return Err(Trouble::Source(changed()));
    }
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(Trouble::Target)?;
    }
    // Another disk, or one without links.
    std::fs::hard_link(source, target).or_else(|_| copy(source, target, id))
}

fn copy(source: &Path, target: &Path, id: &str) -> Result<(), Trouble> {
    let mut trouble = None;
    let written = atomic::write(target, |out| {
        let mut fail = |reason: String| {
            trouble = Some(reason);
            // Only stops the writing; the reason is what counts.
            io::Error::from(io::ErrorKind::InvalidData)
        };
        let mut file = File::open(source).map_err(|error| fail(unread(&error)))?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = file.read(&mut buffer).map_err(|error| fail(unread(&error)))?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            out.write_all(&buffer[..count])?;
        }
        if hasher.finalize().to_hex()[..16] == *id { Ok(()) } else { Err(fail(changed())) }
    });
    match (written, trouble) {
        (_, Some(reason)) => Err(Trouble::Source(reason)),
        (written, None) => written.map_err(Trouble::Target),
    }
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut head)?;
    Ok(head)
}

/// The extension by which browsers know what the bytes are; `audio` where they are nothing known.
fn extension(head: &[u8]) -> &'static str {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    match head {
        _ if at(0, b"OggS") && at(28, b"OpusHead") => "opus",
        _ if at(0, b"OggS") => "ogg",
        _ if at(0, b"fLaC") => "flac",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "wav",
        _ if at(4, b"ftyp") => "m4a",
        _ if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => "aiff",
        _ if at(0, &[0x1A, 0x45, 0xDF, 0xA3]) => "webm",
        _ if at(0, b"ID3") => "mp3",
        // Frame headers: ADTS has layer bits 00, MPEG audio has not.
        [0xFF, second, ..] if second & 0xF6 == 0xF0 => "aac",
        [0xFF, second, ..] if second & 0xE0 == 0xE0 => "mp3",
        _ => "audio",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_come_from_the_bytes() {
        assert_eq!(extension(b"ID3\x04"), "mp3");
        assert_eq!(extension(&[0xFF, 0xFB, 0x90]), "mp3");
        assert_eq!(extension(&[0xFF, 0xF1, 0x50]), "aac");
        let mut ogg = b"OggS".to_vec();
        ogg.resize(28, 0);
        assert_eq!(extension(&ogg), "ogg");
        ogg.extend(b"OpusHead");
        assert_eq!(extension(&ogg), "opus");
        assert_eq!(extension(b"RIFF\0\0\0\0WAVE"), "wav");
        assert_eq!(extension(b""), "audio");
    }

    #[test]
    fn a_song_comes_in_once_whole_and_only_with_the_bytes_of_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let exhibit = folder.path().join("exhibit");
        std::fs::write(folder.path().join("a b.wrong"), b"fLaC song").unwrap();
        let id = fingerprint::bytes_id(b"fLaC song");
        for audio in [AudioMode::Copy, AudioMode::Link] {
            let settings = ExhibitSettings { songs: folder.path().to_owned(), audio, ..Default::default() };
            let bring = |id: &str, path: &str| prepare(&exhibit, &settings, id, path).unwrap();
            assert_eq!(bring("00", "none"), Err("The song's file is missing.".to_owned()));
            assert_eq!(bring("00", "a b.wrong"), Err(changed()));
            assert_eq!(std::fs::read_dir(exhibit.join("audio")).unwrap().count(), 0);
            let there = bring(&id, "a b.wrong").unwrap();
            assert_eq!(there, format!("audio/{id}.flac"));
            assert_eq!(std::fs::read(exhibit.join(&there)).unwrap(), b"fLaC song");
            assert_eq!(bring(&id, "gone"), Ok(there.clone()));
            std::fs::remove_file(exhibit.join(there)).unwrap();
        }
    }
}
