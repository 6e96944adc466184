//! PMEmo: `annotations/static_annotations.csv` (`musicId,Arousal(mean),Valence(mean)`, 0..1), `chorus/<musicId>.mp3`.

use std::collections::HashMap;
use std::path::Path;

use super::folder::{Found, Index, Label, text};
use super::table::{cell, number};
use super::{Annotation, SongsError, Table, stem};
use crate::affect::Point;

/// Whether a table of that name is PMEmo's; EmoMusic has one of the same name.
pub fn is_one(path: &Path) -> bool {
    Table::read(path).is_ok_and(|table| table.has("musicid"))
}

pub fn read(index: &Index, path: &Path) -> Result<Found, SongsError> {
    let about = match index.table("metadata.csv") {
        Some(path) => metadata(path)?,
        None => HashMap::new(),
    };
    let spreads = match index.table("static_annotations_std.csv") {
        Some(path) => pairs(path, "valence(std)", "arousal(std)")?,
        None => HashMap::new(),
    };
    let mut ids: Vec<_> = pairs(path, "valence(mean)", "arousal(mean)")?.into_iter().collect();
    ids.sort_by(|a, b| a.0.cmp(&b.0));
    let labelled = ids.into_iter().map(|(id, (valence, arousal))| {
        let annotation = Annotation {
            point: Some(Point::new(2.0 * valence - 1.0, 2.0 * arousal - 1.0).clamped()),
            spread: spreads.get(&id).map(|(v, a)| (2.0 * v, 2.0 * a)),
            class: None,
            raw: format!("valence {valence}, arousal {arousal} (0 to 1)"),
        };
        let (title, artist, album) = about.get(&id).cloned().unwrap_or_default();
        let group = artist.as_ref().map(|a| a.to_lowercase());
        let path = index.sound(&id).map(Path::to_owned);
        (id, path, Label { group, title, artist, album, annotation: Some(annotation) })
    });
    Ok(index.join(labelled))
}

/// Two numbers by id.
fn pairs(path: &Path, valence: &str, arousal: &str) -> Result<HashMap<String, (f32, f32)>, SongsError> {
    let table = Table::read(path)?;
    let (id, valence, arousal) = (table.column("musicid")?, table.column(valence)?, table.column(arousal)?);
    let both = |row: &[String]| Some((number(row, valence)?, number(row, arousal)?));
    Ok(table.rows().filter_map(|row| Some((stem(cell(row, id)), both(row)?))).collect())
}

/// Title, artist and album.
type About = (Option<String>, Option<String>, Option<String>);

fn metadata(path: &Path) -> Result<HashMap<String, About>, SongsError> {
    let table = Table::read(path)?;
    let [id, title, artist, album] = ["musicid", "title", "artist", "album"].map(|name| table.column(name));
    let (id, title, artist, album) = (id?, title?, artist?, album?);
    let about = |row: &[String]| (text(cell(row, title)), text(cell(row, artist)), text(cell(row, album)));
    Ok(table.rows().map(|row| (stem(cell(row, id)), about(row))).collect())
}
