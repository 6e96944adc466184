//! Emotify: `data.csv`, one row a rater, and `emotifymusic/<genre>/<1..100>.mp3`.

use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{Found, Index, Label};
use super::table::cell;
use super::{Annotation, SongsError, Table};
use crate::affect::gems;

/// Genres in the order of the track ids: 1-100, 101-200, 201-300, 301-400. File numbers begin anew in each.
const GENRES: [&str; 4] = ["classical", "rock", "electronic", "pop"];

/// Whether a table of that name is Emotify's.
pub fn is_one(path: &Path) -> bool {
    Table::read(path).is_ok_and(|table| table.has("track id") && table.has("joyful_activation"))
}

pub fn read(index: &Index, path: &Path) -> Result<Found, SongsError> {
    let table = Table::read(path)?;
    let track = table.column("track id")?;
    let mut terms = [0; 9];
    for (place, (name, _)) in terms.iter_mut().zip(gems::TERMS) {
        *place = table.column(name)?;
    }
    let mut votes: BTreeMap<usize, ([f32; 9], f32)> = BTreeMap::new();
    for row in table.rows() {
        let Some(id) = cell(row, track).parse().ok().filter(|id| (1..=400).contains(id)) else { continue };
        let (sums, raters) = votes.entry(id).or_default();
        for (sum, &term) in sums.iter_mut().zip(&terms) {
            *sum += f32::from(u8::from(cell(row, term) == "1"));
        }
        *raters += 1.0;
    }
    let labelled = votes.into_iter().map(|(id, (sums, raters))| {
        let (genre, number) = (GENRES[(id - 1) / 100], (id - 1) % 100 + 1);
        let name = format!("{genre}/{number}");
        let shares = sums.map(|n| n / raters);
        let named: Vec<String> =
            gems::TERMS.iter().zip(shares).map(|((term, _), share)| format!("{term} {share:.2}")).collect();
        let annotation =
            Annotation { point: gems::place(&shares), spread: None, class: None, raw: named.join(", ") };
        let path = index.sounds.iter().find(|path| is_track(path, genre, number)).cloned();
        (name, path, Label { annotation: Some(annotation), ..Label::default() })
    });
    Ok(index.join(labelled))
}

fn is_track(path: &Path, genre: &str, number: usize) -> bool {
    let folder = path.parent().and_then(Path::file_name).map(|f| f.to_string_lossy().to_lowercase());
    let stem = path.file_stem().map(|s| s.to_string_lossy());
    folder.as_deref() == Some(genre) && stem.is_some_and(|s| s.parse() == Ok(number))
}
