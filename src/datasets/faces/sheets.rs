//! FER2013 packed into sheets: `labels.csv`, a row a face, and `sheets/fer_NN.png` with 64 x 64 faces each.
//!
//! Face `r` lies in sheet `r / 4096` as tile `t = r % 4096` at x = 48 (t % 64), y = 48 (t / 64). Votes count only
//! where `pixels_source` is `exact`: elsewhere the pixels may belong to another row.

use std::path::{Path, PathBuf};

use image::GrayImage;

use super::fer_csv::{VoteColumns, parse_emotion, parse_split};
use super::table::Table;
use super::{Face, FacesError, PIXELS, SIDE};

/// Faces along one side of a sheet.
const TILES: usize = 64;

/// Reads the table and the sheets that it needs.
pub(super) fn read(folder: &Path) -> Result<Vec<Face>, FacesError> {
    let path = folder.join("labels.csv");
    let mut table = Table::open(&path)?;
    let (row, emotion, usage) = (table.column("row")?, table.column("emotion")?, table.column("Usage")?);
    let (votes, source) = (VoteColumns::find(&table)?, table.find("pixels_source"));
    let mut faces = Vec::new();
    let mut sheet: Option<(usize, PathBuf, GrayImage)> = None;
    while table.advance()? {
        let place: usize = table.parse(row)?;
        let number = place / (TILES * TILES);
        if sheet.as_ref().is_none_or(|(open, ..)| *open != number) {
            let path = folder.join("sheets").join(format!("fer_{number:02}.png"));
            let picture =
                image::open(&path).map_err(|source| FacesError::Picture { path: path.clone(), source })?;
            sheet = Some((number, path, picture.into_luma8()));
        }
        let Some((_, path, picture)) = &sheet else { continue };
        let exact = source.is_none_or(|column| table.cell(column) == b"exact");
        faces.push(Face {
            pixels: tile(picture, place, path)?,
            emotion: parse_emotion(&table, emotion)?,
            votes: if exact { Some(votes.read(&table)?) } else { None },
            split: parse_split(&table, usage)?,
        });
    }
    if faces.is_empty() {
        return Err(FacesError::Empty { path, expected: "a row a face" });
    }
    Ok(faces)
}

fn tile(sheet: &GrayImage, row: usize, path: &Path) -> Result<Box<[u8]>, FacesError> {
    let tile = row % (TILES * TILES);
    let (x, y) = (SIDE * (tile % TILES), SIDE * (tile / TILES));
    let (width, height) = sheet.dimensions();
    if x + SIDE > width as usize || y + SIDE > height as usize {
        return Err(FacesError::SheetTooSmall { path: path.to_owned(), width, height, row });
    }
    let mut pixels = Vec::with_capacity(PIXELS);
    for line in y..y + SIDE {
        let start = line * width as usize + x;
        pixels.extend_from_slice(&sheet.as_raw()[start..start + SIDE]);
    }
    Ok(pixels.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::faces::Split;

    #[test]
    fn the_shared_set_is_whole_and_its_pixels_are_the_official_ones() {
        let Some(shared) = std::env::var_os("PROMENADE_SHARED") else {
            eprintln!("left out: PROMENADE_SHARED is not set");
            return;
        };
        let faces = read(&Path::new(&shared).join("data/fer2013")).unwrap();
        let count = |split| faces.iter().filter(|f| f.split == split).count();
        assert_eq!(
            [Split::Training, Split::PublicTest, Split::PrivateTest].map(count),
            [28_709, 3_589, 3_589]
        );
        assert_eq!(faces.iter().filter(|f| f.votes.is_none()).count(), 177);
    }

    #[test]
    fn tiles_lie_where_the_packing_says() {
        let mut sheet = GrayImage::new(48 * 64, 96);
        sheet.put_pixel(48 * 2, 48, image::Luma([9]));
        assert_eq!(tile(&sheet, 66, Path::new("s")).unwrap()[0], 9);
        let error = tile(&sheet, 128, Path::new("s")).unwrap_err().to_string();
        assert!(error.contains("row 128"), "{error}");
    }
}
