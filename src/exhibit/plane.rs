//! The valence-arousal plane as a drawing: 100 units of the drawing are 1 of the plane, up is excited.

use askama::Template;

use crate::affect::{Class, Estimate, NEUTRAL_RADIUS, Point};

/// Units of the drawing in one unit of the plane.
const SCALE: f32 = 100.0;
/// Radius of the circle in which a song's number stands.
const BADGE: f32 = 9.0;

/// A plane with places on it.
#[derive(Clone, Debug, Template)]
#[template(path = "exhibit/plane.svg")]
pub(super) struct Plane {
    /// What the drawing shows, for those who do not see it.
    pub label: String,
    /// Whether it is the map of the whole collection, whose marks are smaller.
    pub is_map: bool,
    pub ovals: Vec<Oval>,
    pub songs: Vec<Dot>,
    pub badges: Vec<Badge>,
    pub portraits: Vec<Dot>,
}

/// A one-sigma ellipse.
#[derive(Clone, Debug)]
pub(super) struct Oval {
    pub kind: &'static str,
    pub x: String,
    pub y: String,
    pub major: String,
    pub minor: String,
    /// Degrees, with the clock, as SVG turns.
    pub turn: String,
}

/// A portrait or a song.
#[derive(Clone, Debug)]
pub(super) struct Dot {
    pub x: String,
    pub y: String,
    pub class: Class,
    /// What it is, shown when pointed at.
    pub title: String,
    /// The anchor that it leads to.
    pub anchor: Option<String>,
}

/// A song's number, beside its dot.
#[derive(Clone, Debug)]
pub(super) struct Badge {
    pub number: u32,
    pub x: String,
    pub y: String,
    pub dot_x: String,
    pub dot_y: String,
}

impl Plane {
    /// The plane of one portrait and of its songs, each with the number that it has beside the picture.
    pub(super) fn of_portrait(face: &Estimate, songs: &[(u32, Estimate)]) -> Self {
        let mut label = format!("Plane of feeling. The face: {}.", in_words(face.mean));
        for (number, song) in songs {
            label.push_str(&format!(" Song {number}: {}.", in_words(song.mean)));
        }
        let ovals = songs.iter().map(|(_, song)| oval("song", song));
        Self {
            label,
            is_map: false,
            ovals: ovals.chain([oval("face", face)]).collect(),
            songs: Vec::new(),
            badges: badges(face.mean, songs),
            portraits: vec![dot(face.mean, face.class(), String::new(), None)],
        }
    }

    /// The plane of the whole collection.
    pub(super) fn map(portraits: Vec<Dot>, songs: Vec<Dot>) -> Self {
        let label = format!("Plane of feeling with {} portraits and {} songs.", portraits.len(), songs.len());
        Self { label, is_map: true, ovals: Vec::new(), songs, badges: Vec::new(), portraits }
    }

    /// Radius of the neutral disc in the drawing.
    fn disc(&self) -> f32 {
        NEUTRAL_RADIUS * SCALE
    }
}

/// A mark at a place.
pub(super) fn dot(point: Point, class: Class, title: String, anchor: Option<String>) -> Dot {
    let [x, y] = draw(point);
    Dot { x: number(x), y: number(y), class, title, anchor }
}

/// Coordinates of the drawing.
fn draw(point: Point) -> [f32; 2] {
    let inside = point.clamped();
    [inside.valence * SCALE, -inside.arousal * SCALE]
}

/// One decimal is a fortieth of a pixel at the usual size; never a negative zero.
fn number(x: f32) -> String {
    let rounded = (x * 10.0).round() / 10.0;
    format!("{:.1}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn oval(kind: &'static str, estimate: &Estimate) -> Oval {
    let (major, minor, angle) = estimate.ellipse();
    let [x, y] = draw(estimate.mean);
    // A spread beyond the plane is drawn as wide as the plane; too small a one could not be seen.
    let radius =
        |r: f32| number(if r.is_finite() { (r * SCALE).clamp(1.0, 2.0 * SCALE) } else { 2.0 * SCALE });
    let turn = if angle.is_finite() { number(-angle.to_degrees()) } else { number(0.0) };
    Oval { kind, x: number(x), y: number(y), major: radius(major), minor: radius(minor), turn }
}

/// Numbers go beside their dots, in the direction that keeps them clearest of each other and of the face.
fn badges(face: Point, songs: &[(u32, Estimate)]) -> Vec<Badge> {
    let mut taken = vec![draw(face)];
    taken.extend(songs.iter().map(|(_, song)| draw(song.mean)));
    songs
        .iter()
        .map(|&(place, song)| {
            let dot = draw(song.mean);
            let mut best = (f32::MIN, dot);
            // Twelve directions close by, then, for a crowd in a corner, twelve further out.
            for step in 0..24 {
                let angle = std::f32::consts::TAU * (step % 12) as f32 / 12.0;
                let away = BADGE * if step < 12 { 1.7 } else { 4.0 };
                let reach = SCALE - BADGE;
                let at = [(angle.cos(), dot[0]), (angle.sin(), dot[1])]
                    .map(|(towards, from)| (from + away * towards).clamp(-reach, reach));
                let room = |other: &[f32; 2]| (at[0] - other[0]).hypot(at[1] - other[1]);
                let clear = taken.iter().map(room).fold(f32::MAX, f32::min);
                // Twice and a half the radius is clear; more is no better, and the first direction wins.
                let clear = clear.min(2.5 * BADGE);
                if clear > best.0 {
                    best = (clear, at);
                }
            }
            taken.push(best.1);
            let [x, y] = best.1.map(number);
            let [dot_x, dot_y] = dot.map(number);
            Badge { number: place, x, y, dot_x, dot_y }
        })
        .collect()
}

fn in_words(point: Point) -> String {
    format!("valence {:+.2}, arousal {:+.2}", point.valence, point.arousal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_is_excited_right_is_pleasant_and_nothing_leaves_the_plane() {
        let dot = dot(Point::new(0.5, 0.25), Class::Q1, String::new(), None);
        assert_eq!((&*dot.x, &*dot.y), ("50.0", "-25.0"));
        assert_eq!(draw(Point::new(7.0, f32::NAN)), [100.0, 0.0]);
        assert_eq!(number(-0.01), "0.0");
    }

    #[test]
    fn an_ellipse_that_leans_up_to_the_right_turns_against_the_clock() {
        let oval = oval("face", &Estimate::from_gaussian(Point::ORIGIN, 0.2, 0.2, 0.5));
        assert_eq!((&*oval.turn, &*oval.major), ("-45.0", "24.5"));
        let mut wild = Estimate::from_gaussian(Point::ORIGIN, 0.2, 0.2, 0.0);
        wild.valence_sd = f32::MAX;
        assert_eq!(super::oval("face", &wild).major, "200.0");
    }

    #[test]
    fn numbers_of_songs_in_one_place_do_not_cover_each_other() {
        let song = Estimate::from_gaussian(Point::new(1.0, 1.0), 0.1, 0.1, 0.0);
        let plane = Plane::of_portrait(&song, &[(1, song), (2, song), (3, song)]);
        let at = |badge: &Badge| [&badge.x, &badge.y].map(|x| x.parse::<f32>().unwrap());
        for (i, a) in plane.badges.iter().enumerate() {
            for b in &plane.badges[i + 1..] {
                let [[ax, ay], [bx, by]] = [at(a), at(b)];
                assert!((ax - bx).hypot(ay - by) > BADGE, "{a:?} {b:?}");
            }
        }
        let svg = plane.to_string();
        assert!(svg.contains("Song 3: valence +1.00, arousal +1.00"), "{svg}");
    }
}
