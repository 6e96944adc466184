//! WCMED: `WCMED_{Valence,Arousal}_Rating.csv` (`name,rating`, -1..1, linear in rank); segments of longer recordings.

use std::collections::HashMap;
use std::path::Path;

use super::folder::{Found, Index, Label, text};
use super::table::{cell, number};
use super::{Annotation, SongsError, Table, stem};
use crate::affect::Point;

pub fn read(index: &Index, valences: &Path) -> Result<Found, SongsError> {
    let arousals = match index.table("wcmed_arousal_rating.csv") {
        Some(path) => ratings(path)?,
        None => HashMap::new(),
    };
    // The published file has a space after the underscore.
    let recordings = match index.tables_beginning("wcmed_").find(|path| is_metadata(path)) {
        Some(path) => recordings(path)?,
        None => HashMap::new(),
    };
    let mut ids: Vec<_> = ratings(valences)?.into_iter().collect();
    ids.sort_by(|a, b| a.0.cmp(&b.0));
    let labelled = ids.into_iter().filter_map(|(id, valence)| {
        let arousal = *arousals.get(&id)?;
        let annotation = Annotation {
            point: Some(Point::new(valence, arousal).clamped()),
            spread: None,
            class: None,
            raw: format!("valence {valence}, arousal {arousal} (rank, -1 to 1)"),
        };
        // Where the metadata are missing, the name less its last number is the recording.
        let recording = recordings
            .get(&id)
            .cloned()
            .or_else(|| id.rsplit_once(['_', '-']).map(|(recording, _)| recording.to_owned()));
        let path = index.sound(&id).map(Path::to_owned);
        let label = Label {
            group: recording.clone(),
            title: recording,
            annotation: Some(annotation),
            ..Label::default()
        };
        Some((id, path, label))
    });
    Ok(index.join(labelled))
}

fn ratings(path: &Path) -> Result<HashMap<String, f32>, SongsError> {
    let table = Table::read(path)?;
    let (name, rating) = (table.column("name")?, table.column("rating")?);
    Ok(table.rows().filter_map(|row| Some((stem(cell(row, name)), number(row, rating)?))).collect())
}

fn is_metadata(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().ends_with("metadata.csv"))
}

fn recordings(path: &Path) -> Result<HashMap<String, String>, SongsError> {
    let table = Table::read(path)?;
    let (file, song) = (table.column("filename")?, table.column("songname")?);
    Ok(table
        .rows()
        .filter_map(|row| Some((stem(cell(row, file)), text(&cell(row, song).to_lowercase())?)))
        .collect())
}
