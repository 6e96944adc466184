//! Faces in paintings that people have placed on the plane.
//!
//! Columns: `file` (name in the folder of pictures), `x, y, width, height` (the face, pixels of the picture),
//! `class` (Q1 to Q4, N; X for a face that nobody could read), `valence`, `arousal` (-1 to 1). For evaluation and for
//! choosing settings, never for training.

use std::path::Path;

use super::FacesError;
use super::table::Table;
use crate::affect::{Class, Point};

/// A face in a painting and what its readers saw in it.
#[derive(Clone, Debug, PartialEq)]
pub struct PaintedFace {
    /// The picture's file name.
    pub file: String,
    /// The face's left, top, width and height, in pixels of the picture.
    pub face: [f32; 4],
    /// The class that most readers chose.
    pub class: Class,
    /// The mean of the readers' places.
    pub point: Point,
}

/// Reads the table; faces that nobody could read are left out.
///
/// # Errors
/// Names the missing column, or the row whose cell is no number or no class.
pub fn read(path: &Path) -> Result<Vec<PaintedFace>, FacesError> {
    let mut table = Table::open(path)?;
    let (file, class) = (table.column("file")?, table.column("class")?);
    let place = [table.column("x")?, table.column("y")?, table.column("width")?, table.column("height")?];
    let (valence, arousal) = (table.column("valence")?, table.column("arousal")?);
    let mut faces = Vec::new();
    while table.advance()? {
        let word = table.text(class);
        if word.is_empty() || word.eq_ignore_ascii_case("x") {
            continue;
        }
        let class = word.parse().map_err(|problem: String| {
            table.fault(problem, "correct the cell or write X for an unreadable face")
        })?;
        let mut face = [0.0; 4];
        for (value, column) in face.iter_mut().zip(place) {
            *value = table.parse(column)?;
        }
        let point = Point::new(table.parse(valence)?, table.parse(arousal)?);
        if point != point.clamped() {
            return Err(table.fault("valence or arousal lies outside -1 to 1", "rescale the columns"));
        }
        faces.push(PaintedFace { file: table.text(file), face, class, point });
    }
    Ok(faces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<PaintedFace>, FacesError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    #[test]
    fn unreadable_faces_are_left_out_and_faults_named() {
        let head = "file,x,y,width,height,class,valence,arousal\n";
        let faces = read_text(&format!("{head}a.jpg,1,2,3,4,N,0.1,-0.2\nb.jpg,1,2,3,4,X,,\n")).unwrap();
        assert_eq!(faces.len(), 1);
        assert_eq!((faces[0].class, faces[0].point), (Class::Neutral, Point::new(0.1, -0.2)));
        for (row, words) in [("a,1,2,3,4,Q9,0,0", "`q9` is no class"), ("a,1,2,3,4,Q1,3,0", "outside")] {
            let error = read_text(&format!("{head}{row}\n")).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
