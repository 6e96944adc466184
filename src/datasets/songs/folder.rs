//! What lies in a folder: sound files and tables.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{Song, SongsError, stem};

/// Extensions of sound files.
pub const EXTENSIONS: [&str; 16] = [
    "mp3", "ogg", "oga", "opus", "flac", "wav", "m4a", "mp4", "aac", "aiff", "aif", "caf", "mka", "webm",
    "mp2", "wave",
];

/// Folders are searched no deeper.
const DEPTH: usize = 12;

/// Files of a folder by what they are for.
pub struct Index {
    /// Sound files, sorted.
    pub sounds: Vec<PathBuf>,
    /// Sound files by their stem; of several with one stem the first.
    by_stem: HashMap<String, usize>,
    /// Tables, sorted.
    tables: Vec<PathBuf>,
}

/// Songs of a labelled set that are there, and how many rows have no sound.
pub struct Found {
    pub songs: Vec<Song>,
    pub without_sound: usize,
}

impl Index {
    /// Walks a folder. Hidden files and what cannot be entered are left out.
    pub fn of(folder: &Path) -> Result<Self, SongsError> {
        // The folder itself must be readable; a closed folder below costs only what is in it.
        std::fs::read_dir(folder).map_err(|source| SongsError::Io { path: folder.to_owned(), source })?;
        let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        let walk = WalkDir::new(folder).max_depth(DEPTH).follow_links(true).sort_by_file_name().into_iter();
        let (mut sounds, mut tables) = (Vec::new(), Vec::new());
        for entry in walk.filter_entry(|e| e.depth() == 0 || !hidden(e.file_name())).flatten() {
            let path = entry.path();
            let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
            if !entry.file_type().is_file() {
                continue;
            } else if extension == "csv" {
                tables.push(path.to_owned());
            } else if EXTENSIONS.contains(&extension.as_str()) {
                sounds.push(path.to_owned());
            }
        }
        let mut by_stem = HashMap::new();
        for (place, path) in sounds.iter().enumerate() {
            by_stem.entry(stem_of(path)).or_insert(place);
        }
        Ok(Self { sounds, by_stem, tables })
    }

    /// The first table of that name, without regard to case.
    pub fn table(&self, name: &str) -> Option<&Path> {
        self.tables.iter().map(PathBuf::as_path).find(|path| file_name(path) == name)
    }

    /// All tables of that name, without regard to case.
    pub fn tables<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Path> {
        self.tables.iter().map(PathBuf::as_path).filter(move |path| file_name(path) == name)
    }

    /// All tables whose name begins so.
    pub fn tables_beginning<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a Path> {
        self.tables.iter().map(PathBuf::as_path).filter(move |path| file_name(path).starts_with(start))
    }

    /// The sound file of that name, with or without an extension.
    pub fn sound(&self, name: &str) -> Option<&Path> {
        self.by_stem.get(&stem(name)).map(|&place| self.sounds[place].as_path())
    }

    /// Pairs what a set says with the sound that is there: sounds that nothing is said of stay, without a label.
    pub fn join(&self, labelled: impl IntoIterator<Item = (String, Option<PathBuf>, Label)>) -> Found {
        let mut songs: HashMap<PathBuf, Song> =
            self.sounds.iter().map(|p| (p.clone(), Song::bare(p.clone(), stem_of(p)))).collect();
        let mut without_sound = 0;
        for (id, path, label) in labelled {
            match path.and_then(|path| songs.get_mut(&path)) {
                Some(song) => label.apply(song, id),
                None => without_sound += 1,
            }
        }
        Found { songs: songs.into_values().collect(), without_sound }
    }
}

/// What a set says of a song.
#[derive(Default)]
pub struct Label {
    pub group: Option<String>,
    pub title: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
    pub annotation: Option<super::Annotation>,
}

impl Label {
    fn apply(self, song: &mut Song, id: String) {
        let Self { group, title, artist, album, annotation } = self;
        *song = Song { path: std::mem::take(&mut song.path), id, group, title, artist, album, annotation };
    }
}

/// Text of a cell that is not empty.
pub fn text(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| cell.to_owned())
}

/// Songs without labels.
pub fn songs(index: &Index) -> Vec<Song> {
    index.sounds.iter().map(|path| Song::bare(path.clone(), stem_of(path))).collect()
}

fn stem_of(path: &Path) -> String {
    stem(&path.file_name().unwrap_or_default().to_string_lossy())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}
