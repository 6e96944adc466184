//! DEAM (`static_annotations_averaged_songs_*.csv`) and EmoMusic (`static_annotations.csv`): 1..9, `<song_id>.mp3`.

use std::collections::HashMap;
use std::path::Path;

use super::folder::{Found, Index, Label, text};
use super::table::{cell, number};
use super::{Annotation, Kind, SongsError, Table, stem};
use crate::affect::Point;

/// Beginning of the names of DEAM's tables.
const DEAM: &str = "static_annotations_averaged_songs";

/// Which of the two lies here, if one does.
pub fn kind(index: &Index) -> Option<Kind> {
    let is_emomusic =
        |path: &Path| Table::read(path).is_ok_and(|t| t.has("song_id") && t.has("mean_arousal"));
    if index.tables_beginning(DEAM).next().is_some() {
        Some(Kind::Deam)
    } else {
        index.tables("static_annotations.csv").any(is_emomusic).then_some(Kind::EmoMusic)
    }
}

pub fn read(index: &Index, kind: Kind) -> Result<Found, SongsError> {
    let about = match index.table("songs_info.csv") {
        Some(path) => metadata(path)?,
        None => HashMap::new(),
    };
    let (tables, names): (Vec<&Path>, _) = if kind == Kind::Deam {
        let names = ["valence_mean", "valence_std", "arousal_mean", "arousal_std"];
        (index.tables_beginning(DEAM).collect(), names)
    } else {
        let names = ["mean_valence", "std_valence", "mean_arousal", "std_arousal"];
        (index.tables("static_annotations.csv").collect(), names)
    };
    let mut labelled = Vec::new();
    for path in tables {
        let table = Table::read(path)?;
        let id = table.column("song_id")?;
        let [valence, valence_sd, arousal, arousal_sd] = names.map(|name| table.column(name));
        let (valence, arousal) = (valence?, arousal?);
        for row in table.rows() {
            let (Some(v), Some(a)) = (number(row, valence), number(row, arousal)) else { continue };
            let sd = |column: &Result<usize, SongsError>| column.as_ref().ok().and_then(|&c| number(row, c));
            let annotation = Annotation {
                point: Some(Point::new((v - 5.0) / 4.0, (a - 5.0) / 4.0).clamped()),
                spread: sd(&valence_sd).zip(sd(&arousal_sd)).map(|(v, a)| (v / 4.0, a / 4.0)),
                class: None,
                raw: format!("valence {v}, arousal {a} (1 to 9)"),
            };
            let id = stem(cell(row, id));
            let (title, artist) = about.get(&id).cloned().unwrap_or_default();
            let group = artist.as_ref().map(|a| a.to_lowercase());
            let path = index.sound(&id).map(Path::to_owned);
            labelled.push((
                id,
                path,
                Label { group, title, artist, album: None, annotation: Some(annotation) },
            ));
        }
    }
    Ok(index.join(labelled))
}

/// Title and artist.
type About = (Option<String>, Option<String>);

fn metadata(path: &Path) -> Result<HashMap<String, About>, SongsError> {
    let table = Table::read(path)?;
    let (id, artist, title) =
        (table.column("song_id")?, table.column("artist")?, table.column("song title")?);
    Ok(table
        .rows()
        .map(|row| (stem(cell(row, id)), (text(cell(row, title)), text(cell(row, artist)))))
        .collect())
}
