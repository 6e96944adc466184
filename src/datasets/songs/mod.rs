//! Sets of songs, labelled or not: 4Q, Emotify, PMEmo, WCMED, DEAM, EmoMusic, any folder.
//!
//! [`read`] takes a folder as its set is distributed, finds out which set it is by the names and headers of its
//! tables, and yields a [`Song`] for each sound file, with its annotation where the set has one. The scale of the
//! annotation is known by the set, never guessed from the numbers; valence and arousal come out in [-1, 1].

mod deam;
mod emotify;
mod folder;
pub mod four_q;
mod pmemo;
mod table;
#[cfg(test)]
mod tests;
mod wcmed;

use std::path::{Path, PathBuf};

use crate::affect::{Class, Point};

pub use table::{Table, stem};

/// Which set a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Panda, Malheiro and Paiva 2018: 900 clips of four quadrants.
    FourQ,
    /// Aljanaki, Wiering and Veltkamp 2016: 400 songs, nine terms of GEMS.
    Emotify,
    /// Zhang et al. 2018: 794 choruses, 0..1.
    Pmemo,
    /// Fan et al. 2020: 400 segments of Western classical music, -1..1.
    Wcmed,
    /// Aljanaki, Yang and Soleymani 2017: 1,802 songs, 1..9.
    Deam,
    /// Soleymani et al. 2013: 744 clips of 45 s, 1..9.
    EmoMusic,
    /// Sound files without labels.
    Folder,
}

impl Kind {
    /// The name in the column `dataset`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FourQ => "4q",
            Self::Emotify => "emotify",
            Self::Pmemo => "pmemo",
            Self::Wcmed => "wcmed",
            Self::Deam => "deam",
            Self::EmoMusic => "emomusic",
            Self::Folder => "folder",
        }
    }
}

/// What a set says about a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Mean place on the plane, mapped to [-1, 1].
    pub point: Option<Point>,
    /// Spread among the raters (valence, arousal) in the same unit, where the set states it.
    pub spread: Option<(f32, f32)>,
    /// Quadrant, where the set gives classes.
    pub class: Option<Class>,
    /// The set's own words or numbers.
    pub raw: String,
}

/// One sound file of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    pub path: PathBuf,
    /// The set's own name of the song: a stem, a number, or `rock/7`.
    pub id: String,
    /// What must not be split between training and test: the artist or the recording, lower case.
    pub group: Option<String>,
    pub title: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
    pub annotation: Option<Annotation>,
}

impl Song {
    fn bare(path: PathBuf, id: String) -> Self {
        Self { path, id, group: None, title: None, artist: None, album: None, annotation: None }
    }
}

/// The songs of a folder, sorted by path.
#[derive(Clone, Debug)]
pub struct SongSet {
    pub kind: Kind,
    pub songs: Vec<Song>,
    /// Rows of the annotations whose sound is not there.
    pub without_sound: usize,
    /// Sound files without an annotation.
    pub without_annotation: usize,
}

/// Why a set cannot be read. Each message names the file, the cause and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SongsError {
    #[error("{}: cannot be read ({source}); check that it exists and that you may read it", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: not a table ({detail}); take the file as the set distributes it", path.display())]
    Table { path: PathBuf, detail: String },
    #[error("{}: no column `{column}`, only {found}; take the file as the set distributes it", path.display())]
    Column { path: PathBuf, column: String, found: String },
}

/// Reads a folder, whatever set it holds.
///
/// # Errors
/// [`SongsError`] where the folder or one of the set's own tables cannot be read. Single bad rows are left out.
pub fn read(folder: &Path) -> Result<SongSet, SongsError> {
    let index = folder::Index::of(folder)?;
    let songs = if let Some(table) = index.table("panda_dataset_taffc_annotations.csv") {
        (Kind::FourQ, four_q::read(&index, table)?)
    } else if let Some(table) = index.tables("data.csv").find(|path| emotify::is_one(path)) {
        (Kind::Emotify, emotify::read(&index, table)?)
    } else if let Some(table) = index.tables("static_annotations.csv").find(|path| pmemo::is_one(path)) {
        (Kind::Pmemo, pmemo::read(&index, table)?)
    } else if let Some(table) = index.table("wcmed_valence_rating.csv") {
        (Kind::Wcmed, wcmed::read(&index, table)?)
    } else if let Some(kind) = deam::kind(&index) {
        (kind, deam::read(&index, kind)?)
    } else {
        (Kind::Folder, folder::Found { songs: folder::songs(&index), without_sound: 0 })
    };
    let (kind, found) = songs;
    let mut songs = found.songs;
    songs.sort_by(|a, b| a.path.cmp(&b.path));
    let without_annotation = songs.iter().filter(|s| s.annotation.is_none()).count();
    Ok(SongSet { kind, songs, without_sound: found.without_sound, without_annotation })
}
