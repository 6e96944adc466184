//! For each portrait the songs that are closest, exactly.

use rayon::prelude::*;

use super::tree::{Best, Tree};
use super::{ClassRule, Collection, PairSettings, Place};
use crate::affect::Class;

/// The distance at which a score has fallen to 1/e.
pub const SCORE_SCALE: f64 = 0.5;

/// The score of a distance: 1 at 0, falling towards 0.
pub fn score(distance: f64) -> f64 {
    (-distance / SCORE_SCALE).exp()
}

/// A song of a portrait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The song's place in the collection of songs.
    pub song: usize,
    /// Root of the expected squared distance, in the units of the comparison.
    pub distance: f64,
}

/// The songs of each portrait, nearest first, in the order of the portraits; ties by the song's id.
///
/// With [`ClassRule::Preferred`] the songs of the portrait's class come first, however far away.
pub fn nearest(portraits: &Collection, songs: &Collection, settings: &PairSettings) -> Vec<Vec<Match>> {
    // A tree for each class serves all rules: a portrait asks one of them, four of them, or all.
    let trees = Class::ALL.map(|class| {
        let of_class = songs.places.iter().enumerate().filter(|(_, song)| song.class == class);
        Tree::new(
            of_class
                .map(|(index, song)| {
                    let [valence, arousal] = songs.position(song, settings);
                    ([valence, arousal, songs.spread(song, settings)], index)
                })
                .collect(),
        )
    });
    let songs_of = |portrait: &Place| {
        let at = portraits.position(portrait, settings);
        let ask = |count: usize, wanted: &dyn Fn(Class) -> bool| {
            let mut best = Best::new(count);
            for class in Class::ALL.into_iter().filter(|&class| wanted(class)) {
                trees[class.index()].search(at, &mut best);
            }
            let found = best.into_sorted().into_iter();
            found.map(|(squared, song)| Match { song, distance: squared.sqrt() }).collect::<Vec<_>>()
        };
        let top = settings.top.min(songs.places.len());
        match settings.class {
            ClassRule::Free => ask(top, &|_| true),
            ClassRule::Required if portrait.class == Class::Neutral => ask(top, &|_| true),
            ClassRule::Required => ask(top, &|class| class == portrait.class),
            ClassRule::Preferred => {
                let mut songs = ask(top, &|class| class == portrait.class);
                if songs.len() < top {
                    songs.extend(ask(top - songs.len(), &|class| class != portrait.class));
                }
                songs
            }
        }
    };
    portraits.places.par_iter().map(songs_of).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::affect::{Estimate, Point};
    use crate::pairing::{Position, SongSource};
    use crate::tables::{FaceRow, SongRow, Status};

    fn estimate(v: f32, a: f32, sd: f32) -> Estimate {
        Estimate::from_gaussian(Point::new(v, a), sd, sd, 0.0)
    }

    fn faces(of: &[Estimate]) -> Collection {
        let row = |(n, estimate): (usize, &Estimate)| FaceRow {
            portrait_id: format!("p{n:04}"),
            is_primary: true,
            estimate: estimate.into(),
            ..Default::default()
        };
        Collection::of_faces(&of.iter().enumerate().map(row).collect::<Vec<_>>())
    }

    fn songs(of: &[Estimate]) -> Collection {
        let row = |(n, estimate): (usize, &Estimate)| SongRow {
            song_id: Some(format!("s{n:04}")),
            status: Status::Ok,
            estimate: estimate.into(),
            ..Default::default()
        };
        Collection::of_songs(&of.iter().enumerate().map(row).collect::<Vec<_>>(), SongSource::Auto)
    }

    fn chosen(matches: &[Match]) -> Vec<usize> {
        matches.iter().map(|found| found.song).collect()
    }

    #[test]
    fn distances_and_scores_are_those_of_the_definition() {
        let portraits = faces(&[estimate(0.5, 0.5, 0.3)]);
        let songs = songs(&[estimate(0.5, 0.1, 0.0), estimate(0.8, 0.5, 0.2)]);
        let settings = PairSettings { position: Position::Absolute, ..Default::default() };
        let found = &nearest(&portraits, &songs, &settings)[0];
        // 0.4 away and sure; 0.3 away with 0.2 of spread on each axis: sqrt(0.09 + 0.08).
        assert_eq!(chosen(found), [0, 1]);
        assert!((found[0].distance - 0.4).abs() < 1e-6 && (found[1].distance - 0.17f64.sqrt()).abs() < 1e-6);
        assert!((score(found[0].distance) - (-0.8f64).exp()).abs() < 1e-6);
    }

    #[test]
    fn every_rule_agrees_with_sorting_all_songs() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let mut draw = |n: usize| -> Vec<Estimate> {
            let mut one = || {
                estimate(rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0), rng.random_range(0.0..0.4))
            };
            (0..n).map(|_| one()).collect()
        };
        let (portraits, songs) = (faces(&draw(60)), songs(&draw(400)));
        for position in [Position::Absolute, Position::Standardised] {
            for class in [ClassRule::Free, ClassRule::Preferred, ClassRule::Required] {
                let settings = PairSettings { top: 7, position, class, ..Default::default() };
                let found = nearest(&portraits, &songs, &settings);
                for (portrait, found) in portraits.places.iter().zip(&found) {
                    let [v, a] = portraits.position(portrait, &settings);
                    let mut all: Vec<_> = songs.places.iter().enumerate().collect();
                    if class == ClassRule::Required && portrait.class != Class::Neutral {
                        all.retain(|(_, song)| song.class == portrait.class);
                    }
                    let key = |index: usize, song: &Place| {
                        let [sv, sa] = songs.position(song, &settings);
                        let spread = songs.spread(song, &settings);
                        let other = class == ClassRule::Preferred && song.class != portrait.class;
                        (other, (v - sv).powi(2) + (a - sa).powi(2) + spread.powi(2), index)
                    };
                    all.sort_by(|&(i, x), &(j, y)| key(i, x).partial_cmp(&key(j, y)).unwrap());
                    let expected: Vec<_> = all.iter().take(7).map(|(index, _)| *index).collect();
                    assert_eq!(chosen(found), expected);
                }
            }
        }
    }

    #[test]
    fn few_equal_and_no_songs_are_no_trouble() {
        let portraits = faces(&[estimate(0.5, 0.5, 0.1), estimate(-0.5, 0.5, 0.1)]);
        let of = |songs: &[Estimate], settings: &PairSettings| {
            let songs = self::songs(songs);
            nearest(&portraits, &songs, settings).iter().map(|found| chosen(found)).collect::<Vec<_>>()
        };
        let settings = PairSettings::default();
        assert!(of(&[], &settings).iter().all(Vec::is_empty));
        assert_eq!(of(&[estimate(0.1, 0.9, 0.1)], &settings), [vec![0], vec![0]]);
        // Five songs in one place: ties by id.
        assert_eq!(of(&[estimate(0.6, 0.6, 0.1); 5], &settings), [vec![0, 1, 2], vec![0, 1, 2]]);
        let required = PairSettings { class: ClassRule::Required, ..settings.clone() };
        assert_eq!(of(&[estimate(0.6, 0.6, 0.1); 5], &required), [vec![0, 1, 2], vec![]]);
        let huge = PairSettings { top: usize::MAX, ..settings };
        assert_eq!(of(&[estimate(0.6, 0.6, 0.1); 2], &huge), [vec![0, 1], vec![0, 1]]);
        assert!(nearest(&Collection::default(), &Collection::default(), &huge).is_empty());
    }

    #[test]
    fn a_neutral_portrait_may_take_any_song_where_the_class_is_required() {
        let portraits = faces(&[estimate(0.0, 0.0, 0.01)]);
        let settings = PairSettings { class: ClassRule::Required, ..Default::default() };
        let found =
            nearest(&portraits, &songs(&[estimate(0.6, 0.6, 0.1), estimate(-0.6, 0.6, 0.1)]), &settings);
        assert_eq!(found[0].len(), 2);
    }
}
