//! What the curator may choose.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How the songs come into the exhibit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioMode {
    /// As copies: the folder can be moved anywhere.
    #[default]
    Copy,
    /// As hard links where the disk allows, which cost no space; changing the original changes the exhibit.
    Link,
}

/// The settings of an exhibit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExhibitSettings {
    /// The folder that the paths in `portraits` are relative to.
    pub portraits: PathBuf,
    /// The folder that the paths in `songs` are relative to.
    pub songs: PathBuf,
    /// A CSV with the columns file, title, artist, date, rights, link; `file` is the path in `portraits`.
    pub portraits_csv: Option<PathBuf>,
    /// A CSV with the columns file, title, artist, mood, tempo_bpm, key, rights; `file` is the path in `songs`.
    pub songs_csv: Option<PathBuf>,
    /// The title of the page.
    pub title: String,
    /// A few words below the title.
    pub intro: String,
    /// How the songs come into the exhibit.
    pub audio: AudioMode,
    /// Longest side of a picture, pixels, 64 to 8192; smaller originals keep their size.
    pub picture_px: u32,
    /// Longest side of the small form of a picture, pixels, 64 to 8192.
    pub thumbnail_px: u32,
}

impl Default for ExhibitSettings {
    fn default() -> Self {
        Self {
            portraits: PathBuf::new(),
            songs: PathBuf::new(),
            portraits_csv: None,
            songs_csv: None,
            title: "Promenade".to_owned(),
            intro: "Portraits, each with the songs that feel nearest to it.".to_owned(),
            audio: AudioMode::default(),
            picture_px: 1200,
            thumbnail_px: 400,
        }
    }
}

/// Settings that make no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExhibitSettingsError {
    #[error("exhibit: `{name}` is {value} pixels: set it to 64 to 8192")]
    Size { name: &'static str, value: u32 },
}

impl ExhibitSettings {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// [`ExhibitSettingsError::Size`] for a size of pictures outside its range.
    pub fn check(&self) -> Result<(), ExhibitSettingsError> {
        for (name, value) in [("picture_px", self.picture_px), ("thumbnail_px", self.thumbnail_px)] {
            if !(64..=8192).contains(&value) {
                return Err(ExhibitSettingsError::Size { name, value });
            }
        }
        Ok(())
    }

    /// The settings that the page depends on; folders are only where its files come from.
    pub(super) fn without_folders(&self) -> Self {
        let nowhere = PathBuf::new();
        Self {
            portraits: nowhere.clone(),
            songs: nowhere,
            portraits_csv: None,
            songs_csv: None,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_defaults_and_limits() {
        let read = toml::from_str::<ExhibitSettings>;
        let settings = read("title = \"Faces\"\nportraits = \"art\"\naudio = \"link\"").unwrap();
        assert_eq!((&*settings.title, settings.audio, settings.picture_px), ("Faces", AudioMode::Link, 1200));
        assert!(read("colour = 1").is_err());
        let tiny = read("thumbnail_px = 0").unwrap().check().unwrap_err();
        assert_eq!(tiny.to_string(), "exhibit: `thumbnail_px` is 0 pixels: set it to 64 to 8192");
    }
}
