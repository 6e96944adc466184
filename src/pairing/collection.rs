//! The portraits and the songs that can be paired, each with its place on the plane.

use std::collections::BTreeMap;

use super::{PairSettings, Position, SongSource};
use crate::affect::{Class, Estimate, Point};
use crate::tables::{FaceRow, SongRow};

/// The spread of an annotated place, which the sets give as a mean over listeners: the standard error of that mean.
///
/// DEAM's listeners differ by 0.38 (valence) and 0.37 (arousal) standard deviations on [-1, 1] (mean of
/// `valence_std` and `arousal_std` over songs 1 to 2000, divided by 4), and ten of them heard a song: 0.375 / sqrt(10).
pub const ANNOTATION_SD: f32 = 0.12;

/// A portrait or a song with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The id of the file.
    pub id: String,
    /// Which face of a portrait; 0 for a song.
    pub face_index: u32,
    /// The most probable class.
    pub class: Class,
    /// Valence and arousal in [-1, 1].
    pub point: [f64; 2],
    /// Standard deviations of valence and arousal.
    pub sd: [f64; 2],
    /// Valence and arousal in standard deviations from the collection's mean.
    pub standard: [f64; 2],
    /// Whether the place is an annotation, not a prediction.
    pub annotated: bool,
}

/// The distinct places of one kind, sorted by id.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// The places, sorted by id.
    pub places: Vec<Place>,
    /// Distinct ids without a usable estimate.
    pub left_out: usize,
    /// Standard deviations of the places on both axes; 1 where all lie on one value, whose place is then 0.
    pub axis_sd: [f64; 2],
}

impl Collection {
    /// The primary face of each portrait. Copies of a file are one portrait: the first by path counts.
    pub fn of_faces(rows: &[FaceRow]) -> Self {
        let mut primary: BTreeMap<&str, &FaceRow> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.is_primary) {
            let kept = primary.entry(&row.portrait_id).or_insert(row);
            if (&row.path, row.face_index) < (&kept.path, kept.face_index) {
                *kept = row;
            }
        }
        Self::new(primary.into_iter().map(|(id, row)| {
            let estimate = row.estimate.estimate()?;
            Some(place(id, row.face_index, estimate.class(), &estimate, false))
        }))
    }

    /// The songs that can be played and have a place. Copies of a file are one song: the first by path counts.
    pub fn of_songs(rows: &[SongRow], source: SongSource) -> Self {
        let mut distinct: BTreeMap<&str, &SongRow> = BTreeMap::new();
        for row in rows {
            let Some(id) = &row.song_id else { continue };
            let kept = distinct.entry(id).or_insert(row);
            if row.path < kept.path {
                *kept = row;
            }
        }
        let unread = rows.iter().filter(|row| row.song_id.is_none()).count();
        let mut songs = Self::new(distinct.into_iter().map(|(id, row)| {
            let estimate = song_estimate(row, source)?;
            let annotated = song_is_annotated(row, source);
            let class = row.annotated_class.filter(|_| annotated).unwrap_or_else(|| estimate.class());
            Some(place(id, 0, class, &estimate, annotated))
        }));
        songs.left_out += unread;
        songs
    }

    fn new(places: impl Iterator<Item = Option<Place>>) -> Self {
        let mut left_out = 0;
        let mut places: Vec<Place> = places
            .filter_map(|place| {
                left_out += usize::from(place.is_none());
                place
            })
            .collect();
        let mut axis_sd = [1.0; 2];
        for (axis, unit) in axis_sd.iter_mut().enumerate() {
            let count = places.len().max(1) as f64;
            let mean = places.iter().map(|place| place.point[axis]).sum::<f64>() / count;
            let variance = places.iter().map(|place| (place.point[axis] - mean).powi(2)).sum::<f64>() / count;
            // Equal numbers leave a variance of rounding errors, which must not be blown up to 1.
            let constant = variance.sqrt() <= 1e-9 * (1.0 + mean.abs());
            *unit = if constant { 1.0 } else { variance.sqrt() };
            for place in &mut places {
                place.standard[axis] = if constant { 0.0 } else { (place.point[axis] - mean) / *unit };
            }
        }
        Self { places, left_out, axis_sd }
    }

    /// Where a place of this collection stands in a comparison.
    pub(super) fn position(&self, place: &Place, settings: &PairSettings) -> [f64; 2] {
        match settings.position {
            Position::Absolute => place.point,
            Position::Standardised => place.standard,
        }
    }

    /// The root of the trace of the place's covariance, in the units of the comparison.
    pub(super) fn spread(&self, place: &Place, settings: &PairSettings) -> f64 {
        let unit = match settings.position {
            Position::Absolute => [1.0; 2],
            Position::Standardised => self.axis_sd,
        };
        (place.sd[0] / unit[0]).hypot(place.sd[1] / unit[1])
    }
}

fn place(id: &str, face_index: u32, class: Class, estimate: &Estimate, annotated: bool) -> Place {
    Place {
        id: id.to_owned(),
        face_index,
        class,
        point: [estimate.mean.valence, estimate.mean.arousal].map(f64::from),
        sd: [estimate.valence_sd, estimate.arousal_sd].map(|sd| f64::from(sd.abs())),
        standard: [0.0; 2],
        annotated,
    }
}

/// Where a song lies for a pairing with this source; none where it cannot be played or has no such place.
pub fn song_estimate(row: &SongRow, source: SongSource) -> Option<Estimate> {
    if row.status.is_failure() {
        return None;
    }
    if song_is_annotated(row, source) {
        let mean = Point::new(row.annotated_valence?, row.annotated_arousal?);
        return Some(Estimate::from_gaussian(mean, ANNOTATION_SD, ANNOTATION_SD, 0.0));
    }
    row.estimate.estimate().filter(|_| source != SongSource::Annotated)
}

/// Whether the place that [`song_estimate`] gives is the song's annotation.
pub fn song_is_annotated(row: &SongRow, source: SongSource) -> bool {
    let is_number = |x: Option<f32>| x.is_some_and(f32::is_finite);
    source != SongSource::Predicted && is_number(row.annotated_valence) && is_number(row.annotated_arousal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Status;

    fn face(id: &str, path: &str, valence: f32, is_primary: bool) -> FaceRow {
        let estimate = Estimate::from_gaussian(Point::new(valence, 0.25), 0.1, 0.2, 0.0);
        FaceRow {
            portrait_id: id.into(),
            path: path.into(),
            is_primary,
            estimate: (&estimate).into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_portrait_is_its_primary_face_and_copies_are_one() {
        let mut blind = face("c", "c", f32::NAN, true);
        blind.estimate.p_q1 = None;
        let rows = [
            face("b", "z", 0.6, true),
            face("a", "2", 0.5, true),
            face("a", "1", 0.2, true),
            face("a", "1", 0.9, false),
            blind,
        ];
        let faces = Collection::of_faces(&rows);
        let found: Vec<_> =
            faces.places.iter().map(|place| (place.id.as_str(), place.point[0] as f32)).collect();
        assert_eq!(found, [("a", 0.2), ("b", 0.6)]);
        assert_eq!(faces.left_out, 1);
    }

    #[test]
    fn a_collection_is_laid_on_mean_0_and_deviation_1_and_a_constant_axis_on_0() {
        let rows = [face("a", "a", -0.3, true), face("b", "b", 0.1, true), face("c", "c", 0.5, true)];
        let faces = Collection::of_faces(&rows);
        let z: Vec<f64> = faces.places.iter().map(|place| place.standard[0]).collect();
        assert!(z.iter().sum::<f64>().abs() < 1e-9);
        assert!((z.iter().map(|x| x * x).sum::<f64>() / 3.0 - 1.0).abs() < 1e-9);
        assert!(faces.places.iter().all(|place| place.standard[1] == 0.0));
        assert_eq!(faces.axis_sd[1], 1.0);
        assert_eq!(Collection::of_faces(&rows[..1]).places[0].standard, [0.0, 0.0]);
    }

    #[test]
    fn the_source_chooses_between_annotation_and_prediction() {
        let predicted = Estimate::from_gaussian(Point::new(0.6, 0.6), 0.1, 0.1, 0.0);
        let song = SongRow {
            song_id: Some("s".into()),
            annotated_valence: Some(-0.5),
            annotated_arousal: Some(-0.5),
            estimate: (&predicted).into(),
            status: Status::Ok,
            ..Default::default()
        };
        let valence =
            |row: &SongRow, source| song_estimate(row, source).map(|estimate| estimate.mean.valence);
        assert_eq!(valence(&song, SongSource::Auto), Some(-0.5));
        assert_eq!(valence(&song, SongSource::Predicted), Some(0.6));
        let bare = SongRow { annotated_valence: Some(f32::NAN), ..song.clone() };
        assert_eq!(valence(&bare, SongSource::Auto), Some(0.6));
        assert_eq!(valence(&bare, SongSource::Annotated), None);
        let broken = SongRow { status: Status::DecodeError, ..song };
        assert_eq!(valence(&broken, SongSource::Auto), None);
        let songs = Collection::of_songs(&[broken, bare, SongRow::default()], SongSource::Auto);
        assert_eq!((songs.places.len(), songs.left_out), (0, 2));
    }
}
