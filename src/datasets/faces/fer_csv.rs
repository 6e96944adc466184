//! `fer2013.csv` as released: `emotion,pixels,Usage`, pixels as 2,304 numbers with spaces between; and
//! `fer2013new.csv`, FER+'s votes for the same rows in the same order.

use std::path::Path;

use super::table::Table;
use super::{Face, FacesError, PIXELS, Split};
use crate::affect::expression_targets::{VOTED, Votes};

/// Reads the faces, with their votes where `fer2013new.csv` lies beside the table.
pub(super) fn read(path: &Path) -> Result<Vec<Face>, FacesError> {
    let mut table = Table::open(path)?;
    let (emotion, pixels, usage) =
        (table.column("emotion")?, table.column("pixels")?, table.column("Usage")?);
    let mut faces = Vec::new();
    while table.advance()? {
        faces.push(Face {
            pixels: parse_pixels(&table, pixels)?,
            emotion: parse_emotion(&table, emotion)?,
            votes: None,
            split: parse_split(&table, usage)?,
        });
    }
    if faces.is_empty() {
        return Err(FacesError::Empty { path: path.to_owned(), expected: "a row a face" });
    }
    let votes = path.with_file_name("fer2013new.csv");
    if votes.is_file() {
        add_votes(&votes, path, &mut faces)?;
    }
    Ok(faces)
}

fn parse_pixels(table: &Table, column: usize) -> Result<Box<[u8]>, FacesError> {
    let mut pixels = Vec::with_capacity(PIXELS);
    for word in table.cell(column).split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        let level = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok()).ok_or_else(|| {
            let word = String::from_utf8_lossy(word);
            table.fault(format!("`{word}` is no grey level from 0 to 255"), "correct the row or remove it")
        })?;
        pixels.push(level);
    }
    if pixels.len() != PIXELS {
        let problem = format!("{} pixels, but 48 x 48 are {PIXELS}", pixels.len());
        return Err(table.fault(problem, "copy the row from the official file or remove it"));
    }
    Ok(pixels.into())
}

pub(super) fn parse_emotion<T: std::str::FromStr<Err = String>>(
    table: &Table,
    column: usize,
) -> Result<T, FacesError> {
    table
        .text(column)
        .parse()
        .map_err(|problem: String| table.fault(problem, "correct the cell or remove the row"))
}

pub(super) fn parse_split(table: &Table, column: usize) -> Result<Split, FacesError> {
    let text = table.text(column);
    Split::parse(&text).ok_or_else(|| {
        let problem = format!("usage `{text}` is not Training, PublicTest or PrivateTest");
        table.fault(problem, "correct the cell or remove the row")
    })
}

/// Places of FER+'s ten columns.
pub(super) struct VoteColumns {
    emotions: [usize; 8],
    unknown: usize,
    not_a_face: usize,
}

impl VoteColumns {
    pub(super) fn find(table: &Table) -> Result<Self, FacesError> {
        let mut emotions = [0; 8];
        for (place, name) in emotions.iter_mut().zip(VOTED) {
            *place = table.column(name)?;
        }
        Ok(Self { emotions, unknown: table.column("unknown")?, not_a_face: table.column("NF")? })
    }

    pub(super) fn read(&self, table: &Table) -> Result<Votes, FacesError> {
        let mut votes = Votes {
            unknown: table.parse(self.unknown)?,
            not_a_face: table.parse(self.not_a_face)?,
            ..Votes::default()
        };
        for (count, &place) in votes.emotions.iter_mut().zip(&self.emotions) {
            *count = table.parse(place)?;
        }
        Ok(votes)
    }
}

fn add_votes(path: &Path, faces_path: &Path, faces: &mut [Face]) -> Result<(), FacesError> {
    let misfit =
        |problem| FacesError::VotesDoNotFit { votes: path.to_owned(), faces: faces_path.to_owned(), problem };
    let mut table = Table::open(path)?;
    let (usage, columns) = (table.column("Usage")?, VoteColumns::find(&table)?);
    let mut row = 0;
    while table.advance()? {
        let Some(face) = faces.get_mut(row) else {
            return Err(misfit(format!("it has more rows than the {} faces", faces.len())));
        };
        row += 1;
        let split = parse_split(&table, usage)?;
        if split != face.split {
            return Err(misfit(format!("row {row} is {split} in one and {} in the other", face.split)));
        }
        face.votes = Some(columns.read(&table)?);
    }
    if row == faces.len() { Ok(()) } else { Err(misfit(format!("{row} rows for {} faces", faces.len()))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::expression_targets::Emotion;

    fn row(emotion: &str, pixels: usize, usage: &str) -> String {
        format!("{emotion},{},{usage}\r\n", vec!["7"; pixels].join(" "))
    }

    fn read_text(text: &str, votes: Option<&str>) -> Result<Vec<Face>, FacesError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fer2013.csv");
        std::fs::write(&path, text).unwrap();
        if let Some(votes) = votes {
            std::fs::write(folder.path().join("fer2013new.csv"), votes).unwrap();
        }
        super::super::read(folder.path())
    }

    const VOTES: &str =
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";

    #[test]
    fn faces_and_votes_row_by_row() {
        let text = format!(
            "\u{feff}emotion, pixels ,Usage\r\n{}{}",
            row("3", PIXELS, "Training"),
            row("6", PIXELS, "PublicTest")
        );
        let votes = format!("{VOTES}Training,a.png,4,6,0,0,0,0,0,0,0,0\nPublicTest,,0,0,0,0,0,0,0,0,0,10\n");
        let faces = read_text(&text, Some(&votes)).unwrap();
        assert_eq!((faces[0].emotion, faces[1].split), (Emotion::Happy, Split::PublicTest));
        assert_eq!(faces[0].votes.unwrap().emotions[1], 6);
        assert_eq!(faces[1].votes.unwrap().not_a_face, 10);
    }

    #[test]
    fn faults_name_the_row_and_the_remedy() {
        let head = "emotion,pixels,Usage\n";
        let cases = [
            ("emotion,Usage\n".to_owned(), "no column `pixels`"),
            (
                format!("{head}{}{}", row("0", PIXELS, "Training"), row("0", 2303, "Training")),
                "row 2: 2303 pixels",
            ),
            (format!("{head}{}", row("9", PIXELS, "Training")), "row 1: emotion 9"),
            (format!("{head}{}", row("0", PIXELS, "Holiday")), "usage `Holiday`"),
            (head.to_owned(), "holds no face"),
        ];
        for (text, words) in cases {
            let error = read_text(&text, None).unwrap_err().to_string();
            assert!(error.contains(words), "{error} lacks {words}");
        }
        let text = format!("{head}{}", row("0", PIXELS, "Training"));
        let error = read_text(&text, Some(VOTES)).unwrap_err().to_string();
        assert!(error.contains("0 rows for 1 faces"), "{error}");
    }
}
