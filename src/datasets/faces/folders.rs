//! FER2013 as folders of pictures: `train|test/<emotion>/*.png|jpg`, as on Kaggle.
//!
//! Such copies merge both test splits into `test`. Where file names begin with `PublicTest_` or `PrivateTest_` they
//! are parted by them, else by a hash of the pixels, so that copies stay together; `validation` or `val` beside
//! `test` is PublicTest.

use std::path::{Path, PathBuf};

use image::imageops::FilterType;

use super::{Face, FacesError, SIDE, Split};
use crate::affect::expression_targets::Emotion;

/// Reads every picture, in the order of the paths.
pub(super) fn read(root: &Path) -> Result<Vec<Face>, FacesError> {
    let has_validation = ["validation", "val"].iter().any(|name| root.join(name).is_dir());
    let mut faces = Vec::new();
    for (name, given) in [
        ("train", Some(Split::Training)),
        ("validation", Some(Split::PublicTest)),
        ("val", Some(Split::PublicTest)),
        ("test", None),
    ] {
        let folder = root.join(name);
        if !folder.is_dir() {
            continue;
        }
        for class in entries(&folder)?.into_iter().filter(|path| path.is_dir()) {
            let emotion = emotion_of(&class)?;
            for path in entries(&class)?.into_iter().filter(|path| is_picture(path)) {
                let pixels = decode(&path)?;
                let split = given.unwrap_or_else(|| test_split(&path, &pixels, has_validation));
                faces.push(Face { pixels, emotion, votes: None, split });
            }
        }
    }
    if faces.is_empty() {
        return Err(FacesError::Empty { path: root.to_owned(), expected: "pictures in train/<emotion>/" });
    }
    Ok(faces)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FacesError> {
    let io = |source| FacesError::Io { path: folder.to_owned(), source };
    let mut paths = std::fs::read_dir(folder)
        .map_err(io)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(io)?;
    paths.sort();
    Ok(paths)
}

fn emotion_of(folder: &Path) -> Result<Emotion, FacesError> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.parse().map_err(|problem: String| FacesError::Io {
        path: folder.to_owned(),
        source: std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            format!("{problem}; rename or remove the folder"),
        ),
    })
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg")
}

fn decode(path: &Path) -> Result<Box<[u8]>, FacesError> {
    let picture =
        image::open(path).map_err(|source| FacesError::Picture { path: path.to_owned(), source })?;
    let grey = picture.into_luma8();
    let side = SIDE as u32;
    let grey = if grey.dimensions() == (side, side) {
        grey
    } else {
        image::imageops::resize(&grey, side, side, FilterType::Triangle)
    };
    Ok(grey.into_raw().into())
}

fn test_split(path: &Path, pixels: &[u8], has_validation: bool) -> Split {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("PublicTest") {
        Split::PublicTest
    } else if has_validation || name.starts_with("PrivateTest") {
        Split::PrivateTest
    } else if blake3::hash(pixels).as_bytes()[0] & 1 == 0 {
        Split::PublicTest
    } else {
        Split::PrivateTest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, path: &str, level: u8) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::GrayImage::from_pixel(48, 48, image::Luma([level])).save(path).unwrap();
    }

    #[test]
    fn folders_give_the_emotion_and_names_the_split() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "train/happy/Training_1.png", 1);
        put(root.path(), "test/sad/PublicTest_2.png", 2);
        put(root.path(), "test/sad/PrivateTest_3.png", 3);
        let faces = super::super::read(root.path()).unwrap();
        let found: Vec<_> = faces.iter().map(|f| (f.emotion, f.split, f.pixels[0])).collect();
        assert_eq!(
            found,
            [
                (Emotion::Happy, Split::Training, 1),
                (Emotion::Sad, Split::PrivateTest, 3),
                (Emotion::Sad, Split::PublicTest, 2)
            ]
        );
        put(root.path(), "train/bored/1.png", 1);
        let error = read(root.path()).unwrap_err().to_string();
        assert!(error.contains("bored"), "{error}");
    }

    #[test]
    fn a_broken_picture_is_named() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "train/happy/1.png", 1);
        std::fs::write(root.path().join("train/happy/2.png"), b"no picture").unwrap();
        assert!(read(root.path()).unwrap_err().to_string().contains("2.png"));
    }
}
