//! 4Q: `panda_dataset_taffc_annotations.csv` (`Song,Quadrant`), its metadata, clips in `Q1`..`Q4` or all in one folder.

use std::collections::HashMap;
use std::path::Path;

use super::folder::{Found, Index, Label, text};
use super::table::{cell, number};
use super::{Annotation, SongsError, Table, stem};
use crate::affect::{Class, Point};

/// Where a song lies of which only the quadrant is known: the means of the four quadrants' songs by the mood words
/// of the set and the norms of Warriner, Kuperman and Brysbaert 2013 (Behavior Research Methods 45), rounded.
pub const CENTRES: [(Class, Point); 4] = [
    (Class::Q1, Point::new(0.47, 0.19)),
    (Class::Q2, Point::new(-0.38, 0.10)),
    (Class::Q3, Point::new(-0.34, -0.22)),
    (Class::Q4, Point::new(0.37, -0.28)),
];

pub fn read(index: &Index, annotations: &Path) -> Result<Found, SongsError> {
    let about = match index.table("panda_dataset_taffc_metadata.csv") {
        Some(path) => metadata(path)?,
        None => HashMap::new(),
    };
    let places = match index.table("va_from_warriner.csv") {
        Some(path) => places(path)?,
        None => HashMap::new(),
    };
    let table = Table::read(annotations)?;
    let (song, quadrant) = (table.column("song")?, table.column("quadrant")?);
    let labelled = table.rows().filter_map(|row| {
        let id = cell(row, song).to_owned();
        let key = stem(&id);
        let class: Class = cell(row, quadrant).parse().ok()?;
        let centre = CENTRES.iter().find(|(c, _)| *c == class).map(|(_, point)| *point);
        let (artist, title, moods) = about.get(&key).cloned().unwrap_or_default();
        let raw = match &moods {
            Some(moods) => format!("{}: {moods}", cell(row, quadrant)),
            None => cell(row, quadrant).to_owned(),
        };
        let point = places.get(&key).copied().or(centre);
        let annotation = Annotation { point, spread: None, class: Some(class), raw };
        let group = artist.as_ref().map(|a| a.to_lowercase());
        let label = Label { group, title, artist, album: None, annotation: Some(annotation) };
        let path = index.sound(&id).map(Path::to_owned);
        Some((id, path, label))
    });
    Ok(index.join(labelled))
}

/// Artist, title and mood words.
type About = (Option<String>, Option<String>, Option<String>);

fn metadata(path: &Path) -> Result<HashMap<String, About>, SongsError> {
    let table = Table::read(path)?;
    let (song, artist, title) = (table.column("song")?, table.column("artist")?, table.column("title")?);
    let moods = table.column("moodsstr").ok();
    Ok(table
        .rows()
        .map(|row| {
            let moods = moods.and_then(|m| text(cell(row, m)));
            (stem(cell(row, song)), (text(cell(row, artist)), text(cell(row, title)), moods))
        })
        .collect())
}

/// `Song,Quadrant,valence,arousal`, in [-1, 1].
///
/// # Errors
/// [`SongsError`] where the table cannot be read or lacks a column.
pub fn places(path: &Path) -> Result<HashMap<String, Point>, SongsError> {
    let table = Table::read(path)?;
    let (song, valence, arousal) =
        (table.column("song")?, table.column("valence")?, table.column("arousal")?);
    let place = |row: &[String]| Some(Point::new(number(row, valence)?, number(row, arousal)?).clamped());
    Ok(table.rows().filter_map(|row| Some((stem(cell(row, song)), place(row)?))).collect())
}

/// `song,quadrant,fold`: the fold of each song, by its stem.
///
/// # Errors
/// [`SongsError`] where the table cannot be read or lacks a column.
pub fn folds(path: &Path) -> Result<HashMap<String, usize>, SongsError> {
    let table = Table::read(path)?;
    let (song, fold) = (table.column("song")?, table.column("fold")?);
    let fold = |row: &[String]| cell(row, fold).parse::<usize>().ok();
    Ok(table.rows().filter_map(|row| Some((stem(cell(row, song)), fold(row)?))).collect())
}
