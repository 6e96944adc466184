//! The tables in, the folder out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use askama::Template;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::manifest::{self, Manifest};
use super::metadata::Metadata;
use super::page::{Page, templates_id};
use super::view::{Article, Hung, Inputs};
use super::{ExhibitSettings, ExhibitSettingsError, MetadataError, audio, pictures};
use crate::pairing::{self, PairSettings, Position};
use crate::tables::parquet::{part_files, read_table};
use crate::tables::{FaceRow, PairingRow, PortraitRow, Record, SongRow, TableError, atomic, fingerprint};

/// The folder in a run.
const FOLDER: &str = "exhibit";
const PAGE: &str = "index.html";
const UNPAIRED: &str =
    "No songs are paired with these portraits yet: run `promenade pair`, then build the exhibit again.";

/// What an exhibit came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExhibitSummary {
    /// The page to open.
    #[serde(skip)]
    pub index: PathBuf,
    /// Portraits on the page.
    pub portraits: usize,
    /// Distinct songs on the page.
    pub songs: usize,
    /// Pictures without a usable face, listed at the end of the page.
    pub left_out: usize,
    /// Portraits whose picture could not be shown; the page says why.
    pub pictures_missing: usize,
    /// Songs that cannot be played; the page says why.
    pub songs_missing: usize,
    /// Rows of the metadata files that name no file of the run.
    pub metadata_unmatched: usize,
    /// Whether a pairing was found.
    pub paired: bool,
    /// Whether nothing had changed, so that nothing was done.
    #[serde(skip)]
    pub up_to_date: bool,
}

/// What can go wrong with an exhibit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExhibitError {
    #[error(transparent)]
    Settings(#[from] ExhibitSettingsError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: cannot write the exhibit: {source}: see to space and permissions and run it again")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{path}: cannot write the page: {source}")]
    Page { path: PathBuf, source: askama::Error },
}

/// Builds `<run>/exhibit/` from the run's tables, unless nothing has changed since the last time.
///
/// Pictures and songs that cannot be read are no error: the page says what is missing, the summary counts it.
///
/// # Errors
/// Settings that make no sense, tables `portraits` and `faces` that are missing, any table or metadata file that cannot
/// be read, and a folder that cannot be written to.
pub fn build(run: &Path, settings: &ExhibitSettings) -> Result<ExhibitSummary, ExhibitError> {
    settings.check()?;
    let exhibit = run.join(FOLDER);
    let portrait_notes = Metadata::read(settings.portraits_csv.as_deref())?;
    let song_notes = Metadata::read(settings.songs_csv.as_deref())?;
    let fingerprint = fingerprint(run, settings, [&portrait_notes, &song_notes])?;
    let older = Manifest::read(&exhibit).unwrap_or_default();
    // What was missing may have come back since.
    let complete = older.summary.pictures_missing + older.summary.songs_missing == 0;
    if older.fingerprint == fingerprint && complete && older.is_whole(&exhibit) {
        return Ok(ExhibitSummary { index: exhibit.join(PAGE), up_to_date: true, ..older.summary });
    }

    let pair_settings = pairing::settings_of(run)?;
    let inputs = Inputs {
        portraits: read_table(run)?,
        faces: read_table(run)?,
        songs: optional::<SongRow>(run)?.unwrap_or_default(),
        pairings: optional::<PairingRow>(run)?,
        song_source: pair_settings.as_ref().map_or_else(Default::default, |pairing| pairing.songs),
        portrait_notes,
        song_notes,
    };
    let (page, mut manifest) = assemble(&exhibit, settings, &inputs, pair_settings.as_ref())?;
    let path = exhibit.join(PAGE);
    let html = page.render().map_err(|source| ExhibitError::Page { path: path.clone(), source })?;
    write(&path, html.as_bytes())?;
    manifest.files.insert(PAGE.to_owned(), html.len() as u64);
    manifest.fingerprint = fingerprint;
    // The manifest comes last: a build that was interrupted is done again.
    let path = exhibit.join(manifest::NAME);
    let json = serde_json::to_vec_pretty(&manifest)
        .map_err(|source| ExhibitError::Write { path: path.clone(), source: source.into() })?;
    write(&path, &json)?;
    manifest.remove_stale(&older, &exhibit);
    Ok(ExhibitSummary { index: exhibit.join(PAGE), ..manifest.summary })
}

/// Brings all files but the page into the exhibit.
fn assemble(
    exhibit: &Path,
    settings: &ExhibitSettings,
    inputs: &Inputs,
    pair_settings: Option<&PairSettings>,
) -> Result<(Page, Manifest), ExhibitError> {
    let hung = inputs.hung();
    let paired = hung.iter().flat_map(|hung| &hung.songs);
    let songs: BTreeMap<&str, Option<&SongRow>> =
        paired.map(|(pair, song)| (pair.song_id.as_str(), *song)).collect();
    let known: Vec<(&str, &SongRow)> = songs.iter().filter_map(|(&id, &song)| Some((id, song?))).collect();
    let audio = known
        .par_iter()
        .map(|&(id, song)| Ok((id, audio::prepare(exhibit, settings, id, &song.path)?)))
        .collect::<Result<BTreeMap<_, _>, ExhibitError>>()?;
    let make = |hung: &Hung| pictures::prepare(exhibit, settings, hung.id, &hung.row.path);
    let pictures = hung.par_iter().map(make).collect::<Result<Vec<_>, ExhibitError>>()?;

    let pair = hung.iter().zip(pictures);
    let articles: Vec<Article> = pair.map(|(hung, picture)| inputs.article(hung, picture, &audio)).collect();
    let left_out = inputs.left_out(&hung);
    let portrait_paths = inputs.portraits.iter().map(|row| row.path.as_str());
    let song_paths = inputs.songs.iter().map(|row| row.path.as_str());
    let summary = ExhibitSummary {
        portraits: articles.len(),
        songs: songs.len(),
        left_out: left_out.len(),
        pictures_missing: articles.iter().filter(|article| article.picture.is_err()).count(),
        songs_missing: songs.len() - audio.values().filter(|song| song.is_ok()).count(),
        metadata_unmatched: inputs.portrait_notes.unmatched(portrait_paths)
            + inputs.song_notes.unmatched(song_paths),
        paired: inputs.pairings.is_some(),
        ..Default::default()
    };
    let shown = articles.iter().filter_map(|article| article.picture.as_ref().ok());
    let files = shown.flat_map(|picture| [&picture.large, &picture.small]);
    let files = files.chain(audio.values().filter_map(|song| song.as_ref().ok()));
    let files = files.filter_map(|file| Some((file.clone(), manifest::size(exhibit, file)?))).collect();
    let page = Page {
        title: super::words::plain(&settings.title),
        intro: settings.intro.clone(),
        unpaired: inputs.pairings.is_none().then_some(UNPAIRED),
        standardised: pair_settings.is_some_and(|pairing| pairing.position == Position::Standardised),
        songs: songs.len(),
        map: inputs.map(&hung, &articles),
        articles,
        left_out,
    };
    Ok((page, Manifest { files, summary, ..Default::default() }))
}

/// A table that may not have been made yet.
fn optional<R: Record>(run: &Path) -> Result<Option<Vec<R>>, TableError> {
    match read_table(run) {
        Ok(rows) => Ok(Some(rows)),
        Err(TableError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A hash of all that the exhibit depends on: tables, metadata, settings and templates, not folders.
fn fingerprint(
    run: &Path,
    settings: &ExhibitSettings,
    notes: [&Metadata; 2],
) -> Result<String, ExhibitError> {
    let mut text = format!("{} {}", templates_id(), fingerprint::settings_id(&settings.without_folders()));
    for notes in notes {
        text.push_str(&format!(" {}", fingerprint::bytes_id(&notes.bytes)));
    }
    for table in [PortraitRow::TABLE, FaceRow::TABLE, SongRow::TABLE, PairingRow::TABLE] {
        text.push_str(&format!(" {table}"));
        for path in part_files(&run.join(table))? {
            let id = fingerprint::file_id(&path)
                .map_err(|source| ExhibitError::Read { path: path.clone(), source })?;
            text.push_str(&format!(" {id}"));
        }
    }
    Ok(fingerprint::bytes_id(text.as_bytes()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ExhibitError> {
    atomic::write_bytes(path, bytes).map_err(|source| ExhibitError::Write { path: path.to_owned(), source })
}
