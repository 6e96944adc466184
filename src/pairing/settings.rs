//! What the curator may choose.

use serde::{Deserialize, Serialize};

/// How the songs of a portrait are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The songs that are closest to each portrait, exactly; ties by id.
    #[default]
    Nearest,
}

impl Method {
    /// The word in the `method` column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
        }
    }
}

/// Where portraits and songs stand when they are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// Where their estimates lie on the plane.
    Absolute,
    /// Where they stand in their own collection, which is laid on mean 0 and standard deviation 1 an axis. Faces in
    /// paintings lean to neutral and calm; left alone, all of them would get the same few songs.
    #[default]
    Standardised,
}

/// What the classes of a portrait and of a song have to do with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassRule {
    /// Only songs of the portrait's class; a neutral portrait takes any song.
    Required,
    /// Songs of the portrait's class first, then the rest.
    #[default]
    Preferred,
    /// Any song.
    Free,
}

/// Which of a song's two places is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SongSource {
    /// The annotation where there is one, else the prediction.
    #[default]
    Auto,
    /// The prediction; songs without one are left out.
    Predicted,
    /// The annotation; songs without one are left out.
    Annotated,
}

/// The settings of a pairing; every field has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PairSettings {
    /// Songs a portrait gets, at least 1; fewer where there are fewer songs.
    pub top: usize,
    /// Where portraits and songs stand when they are compared.
    pub position: Position,
    /// What their classes have to do with each other.
    pub class: ClassRule,
    /// Which of a song's places is meant.
    pub songs: SongSource,
    /// How the songs are chosen.
    pub method: Method,
}

impl Default for PairSettings {
    fn default() -> Self {
        Self {
            top: 3,
            position: Position::default(),
            class: ClassRule::default(),
            songs: SongSource::default(),
            method: Method::default(),
        }
    }
}

/// Settings that make no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    #[error("pair: `top` is 0, so that no portrait would get a song: set it to 1 or more")]
    NoSongs,
}

impl PairSettings {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// [`SettingsError::NoSongs`] where `top` is 0.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.top == 0 { Err(SettingsError::NoSongs) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_words_and_a_wrong_one_is_an_error() {
        let read = toml::from_str::<PairSettings>;
        assert_eq!(read("").unwrap(), PairSettings::default());
        let settings =
            read("top = 5\nposition = \"absolute\"\nclass = \"free\"\nsongs = \"annotated\"").unwrap();
        assert_eq!(
            (settings.top, settings.position, settings.class, settings.songs),
            (5, Position::Absolute, ClassRule::Free, SongSource::Annotated)
        );
        assert!(read("tops = 5").unwrap_err().to_string().contains("tops"));
        assert!(read("position = \"standardized\"").is_err());
        assert_eq!(read("top = 0").unwrap().check(), Err(SettingsError::NoSongs));
    }
}
