//! A pipeline file: the stages of a run and their settings, as TOML.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use super::exhibit::ExhibitJob;
use super::faces::FacesJob;
use super::songs::SongsJob;
use crate::pairing::PairSettings;

/// The stages that a pipeline file names; a stage that is not named is not run. Paths are relative to the current folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// The run's folder.
    pub out: PathBuf,
    pub faces: Option<FacesJob>,
    pub songs: Option<SongsJob>,
    pub pair: Option<PairSettings>,
    pub exhibit: Option<ExhibitJob>,
}

impl Pipeline {
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read: check the path", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is no pipeline file", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_pipelines_can_be_read() {
        for name in ["demo.toml", "gallery.toml"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(name);
            let pipeline = Pipeline::load(&path).unwrap();
            assert!(pipeline.faces.is_some() && pipeline.exhibit.is_some(), "{name}");
        }
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        std::fs::write(&path, "out = \"o\"\n[pair]\ntopp = 3\n").unwrap();
        let text = format!("{:#}", Pipeline::load(&path).unwrap_err());
        assert!(text.contains("topp"), "{text}");
    }
}
