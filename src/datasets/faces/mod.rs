//! Readers of labelled faces.
//!
//! In: a copy of FER2013 in one of three forms, with FER+'s votes where they are at hand. Out: [`Face`]s, 48 x 48
//! grey pixels with a label, the votes and the official split. [`paintings`] reads faces in paintings that people
//! have placed on the plane; those are for evaluation, never for training.

mod error;
mod fer_csv;
mod folders;
pub mod paintings;
mod sheets;
mod table;

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use crate::affect::expression_targets::{Emotion, Votes};

pub use error::FacesError;

/// Width and height of a face in FER2013, in pixels.
pub const SIDE: usize = 48;

/// Number of pixels of a face.
pub const PIXELS: usize = SIDE * SIDE;

/// The official splits. Validate on `PublicTest`, report `PrivateTest`, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    Training,
    PublicTest,
    PrivateTest,
}

impl Split {
    /// The name that the data set uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Training => "Training",
            Self::PublicTest => "PublicTest",
            Self::PrivateTest => "PrivateTest",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Training, Self::PublicTest, Self::PrivateTest]
            .into_iter()
            .find(|split| split.name().eq_ignore_ascii_case(text.trim()))
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A labelled face.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// [`PIXELS`] grey levels, row by row from the top left.
    pub pixels: Box<[u8]>,
    /// FER2013's label.
    pub emotion: Emotion,
    /// FER+'s votes, where they are known to belong to these very pixels.
    pub votes: Option<Votes>,
    /// The official split.
    pub split: Split,
}

impl Face {
    /// BLAKE3 of the pixels: equal for exact copies.
    pub fn fingerprint(&self) -> [u8; 32] {
        *blake3::hash(&self.pixels).as_bytes()
    }
}

/// Reads FER2013 in whichever form `path` holds:
///
/// * `fer2013.csv` (`emotion,pixels,Usage`), or a folder with it; `fer2013new.csv` beside it adds the votes;
/// * folders `train|test/<emotion>/*.png|jpg`;
/// * a folder with `labels.csv` and `sheets/fer_NN.png` (64 x 64 faces a sheet), which holds the votes.
///
/// # Errors
/// [`FacesError::Unrecognised`] where it holds none of them, else the file, the row and what is wrong with it.
pub fn read(path: &Path) -> Result<Vec<Face>, FacesError> {
    if path.is_file() {
        return fer_csv::read(path);
    }
    let csv = path.join("fer2013.csv");
    if csv.is_file() {
        return fer_csv::read(&csv);
    }
    if path.join("labels.csv").is_file() && path.join("sheets").is_dir() {
        return sheets::read(path);
    }
    if path.join("train").is_dir() {
        return folders::read(path);
    }
    Err(FacesError::Unrecognised { path: path.to_owned() })
}

/// Removes from the training split every face whose pixels occur in a test split too; returns how many.
///
/// FER2013 holds such copies by the hundred: a network that has seen them is tested on what it knows.
pub fn drop_leaks(faces: &mut Vec<Face>) -> usize {
    let held_out: HashSet<[u8; 32]> =
        faces.iter().filter(|f| f.split != Split::Training).map(Face::fingerprint).collect();
    let before = faces.len();
    faces.retain(|f| f.split != Split::Training || !held_out.contains(&f.fingerprint()));
    before - faces.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_test_faces_leave_the_training_split() {
        let face = |level, split| Face {
            pixels: vec![level; PIXELS].into(),
            emotion: Emotion::Sad,
            votes: None,
            split,
        };
        let mut faces = vec![
            face(1, Split::Training),
            face(2, Split::Training),
            face(1, Split::PrivateTest),
            face(2, Split::Training),
        ];
        assert_eq!(drop_leaks(&mut faces), 1);
        assert_eq!(faces.iter().map(|f| f.pixels[0]).collect::<Vec<_>>(), [2, 1, 2]);
    }

    #[test]
    fn a_folder_of_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("fer2013.csv") && error.contains(&*folder.path().to_string_lossy()),
            "{error}"
        );
    }
}
