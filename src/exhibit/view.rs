//! What the page says, from the rows of the tables; how it looks is the template's.

use std::collections::{BTreeMap, BTreeSet};

use super::metadata::Metadata;
use super::pictures::Picture;
use super::plane::{Dot, Plane, dot};
use super::sources::safe_name;
use super::words;
use crate::affect::{Class, Estimate};
use crate::pairing::{SongSource, song_estimate, song_is_annotated};
use crate::tables::{FaceRow, PairingRow, PortraitRow, SongRow};

/// The tables and what the curator knows.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub portraits: Vec<PortraitRow>,
    pub faces: Vec<FaceRow>,
    pub songs: Vec<SongRow>,
    /// None where no pairing was made.
    pub pairings: Option<Vec<PairingRow>>,
    pub song_source: SongSource,
    pub portrait_notes: Metadata,
    pub song_notes: Metadata,
}

/// A file of the exhibit, or a sentence on why there is none.
pub(super) type Asset<T> = Result<T, String>;

/// A portrait with a readable face, and its songs in order of rank.
pub(super) struct Hung<'a> {
    pub row: &'a PortraitRow,
    pub id: &'a str,
    pub face: &'a FaceRow,
    pub estimate: Estimate,
    pub songs: Vec<(&'a PairingRow, Option<&'a SongRow>)>,
}

/// A portrait as the page shows it.
pub(super) struct Article {
    pub anchor: String,
    pub class: Class,
    pub reading: String,
    pub meaning: &'static str,
    /// Each class with its probability in whole percent.
    pub shares: Vec<(Class, u32)>,
    pub title: String,
    pub artist: Option<String>,
    pub date: Option<String>,
    pub rights: Option<String>,
    pub link: Option<String>,
    pub alt: String,
    pub picture: Asset<Picture>,
    pub face_box: Option<FaceBox>,
    pub plane: Plane,
    pub songs: Vec<SongCard>,
}

/// The face's box in pixels of an upright original of `width` x `height`.
pub(super) struct FaceBox {
    pub width: u32,
    pub height: u32,
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

/// A song as the page shows it.
pub(super) struct SongCard {
    pub rank: u32,
    pub class: Option<Class>,
    pub title: String,
    pub artist: Option<String>,
    /// Mood, tempo, key and duration, as far as known.
    pub facts: Vec<String>,
    pub note: Option<String>,
    pub audio: Asset<String>,
    pub why: String,
}

/// A picture without a usable face.
pub(super) struct LeftOut {
    pub path: String,
    pub title: String,
    pub status: String,
    pub sentence: String,
}

impl Inputs {
    /// The portraits that hang, by path; copies of a file hang once.
    pub(super) fn hung(&self) -> Vec<Hung<'_>> {
        let mut faces: BTreeMap<&str, &FaceRow> = BTreeMap::new();
        for face in self.faces.iter().filter(|face| face.is_primary) {
            faces.entry(&face.portrait_id).or_insert(face);
        }
        let mut songs: BTreeMap<&str, &SongRow> = BTreeMap::new();
        for song in &self.songs {
            let Some(id) = &song.song_id else { continue };
            let kept = songs.entry(id).or_insert(song);
            if song.path < kept.path {
                *kept = song;
            }
        }
        let mut pairs: BTreeMap<&str, Vec<&PairingRow>> = BTreeMap::new();
        for pair in self.pairings.iter().flatten() {
            pairs.entry(&pair.portrait_id).or_default().push(pair);
        }
        let mut rows: Vec<&PortraitRow> = self.portraits.iter().collect();
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        let mut seen = BTreeSet::new();
        let mut hung = Vec::new();
        for row in rows {
            let Some(id) = row.portrait_id.as_deref() else { continue };
            let Some(&face) = faces.get(id) else { continue };
            let Some(estimate) = face.estimate.estimate() else { continue };
            if !seen.insert(id) {
                continue;
            }
            let mut own = pairs.get(id).cloned().unwrap_or_default();
            own.sort_by_key(|pair| pair.rank);
            let songs = own.into_iter().map(|pair| (pair, songs.get(&*pair.song_id).copied())).collect();
            hung.push(Hung { row, id, face, estimate, songs });
        }
        hung
    }

    /// The pictures that do not hang, by path.
    pub(super) fn left_out(&self, hung: &[Hung]) -> Vec<LeftOut> {
        let ids: BTreeSet<&str> = hung.iter().map(|hung| hung.id).collect();
        let hangs = |row: &&PortraitRow| row.portrait_id.as_deref().is_some_and(|id| ids.contains(id));
        let mut rows: Vec<&PortraitRow> = self.portraits.iter().filter(|row| !hangs(row)).collect();
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        let left_out = |row: &&PortraitRow| LeftOut {
            path: words::plain(&row.path),
            title: self.portrait_title(row),
            status: words::status(row.status),
            sentence: row
                .error
                .as_deref()
                .map(words::plain)
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| words::why_left_out(row.status).to_owned()),
        };
        rows.iter().map(left_out).collect()
    }

    fn portrait_title(&self, row: &PortraitRow) -> String {
        let noted = self.portrait_notes.get(&row.path, "title").map(words::plain);
        noted.filter(|title| !title.is_empty()).unwrap_or_else(|| words::title_of_path(&row.path))
    }

    /// The article of a portrait; `audio` holds the files of the songs by their ids.
    pub(super) fn article(
        &self,
        hung: &Hung,
        picture: Asset<Picture>,
        audio: &BTreeMap<&str, Asset<String>>,
    ) -> Article {
        let note = |column: &str| self.portrait_notes.get(&hung.row.path, column).map(words::plain);
        let class = hung.estimate.class();
        let title = self.portrait_title(hung.row);
        let artist = note("artist");
        let by = artist.as_deref().map(|artist| format!(" by {artist}")).unwrap_or_default();
        let place = |(pair, song): &(&PairingRow, Option<&SongRow>)| {
            Some((pair.rank, song_estimate((*song)?, self.song_source)?))
        };
        let places: Vec<(u32, Estimate)> = hung.songs.iter().filter_map(place).collect();
        let percent = |p: f32| (100.0 * p.clamp(0.0, 1.0)).round() as u32;
        Article {
            anchor: format!("p-{}", safe_name(hung.id)),
            class,
            reading: words::reading(&hung.estimate),
            meaning: words::meaning(class),
            shares: Class::ALL
                .map(|class| (class, percent(hung.estimate.probabilities[class.index()])))
                .into(),
            alt: format!("{title}{by}. The sitter's face reads as {}.", class.word()),
            title,
            artist,
            date: note("date"),
            rights: note("rights"),
            link: note("link").and_then(|link| words::web_link(&link).map(str::to_owned)),
            picture,
            face_box: face_box(hung),
            plane: Plane::of_portrait(&hung.estimate, &places),
            songs: hung.songs.iter().map(|&(pair, song)| self.card(pair, song, audio)).collect(),
        }
    }

    fn card(
        &self,
        pair: &PairingRow,
        song: Option<&SongRow>,
        audio: &BTreeMap<&str, Asset<String>>,
    ) -> SongCard {
        let path = song.map_or("", |song| &song.path);
        let note = |column: &str| self.song_notes.get(path, column).map(words::plain);
        let tag = |tag: Option<&String>| tag.map(|tag| words::plain(tag)).filter(|tag| !tag.is_empty());
        let title = note("title").or_else(|| tag(song?.title.as_ref()));
        let tempo = note("tempo_bpm").and_then(|text| text.parse().ok()).or_else(|| song?.tempo_bpm);
        let tempo = tempo.filter(|bpm: &f32| bpm.is_finite() && (1.0..1000.0).contains(bpm));
        let placed = song.is_some_and(|song| song_is_annotated(song, self.song_source));
        let facts = [
            note("mood").or_else(|| pair.song_class.map(|class| class.word().to_owned())),
            tempo.map(|bpm| format!("{bpm:.0} bpm")),
            note("key").or_else(|| tag(song?.key.as_ref())),
            song.and_then(|song| words::duration(song.duration_s?)),
            placed.then(|| "placed by listeners".to_owned()),
        ];
        let unknown = || Err("The song is missing from the table of songs.".to_owned());
        SongCard {
            rank: pair.rank,
            class: pair.song_class,
            title: title.unwrap_or_else(|| match song {
                Some(song) => words::title_of_path(&song.path),
                None => "Unknown song".to_owned(),
            }),
            artist: note("artist").or_else(|| tag(song?.artist.as_ref())),
            facts: facts.into_iter().flatten().map(|fact| words::capitalised(&fact)).collect(),
            note: note("rights"),
            audio: audio.get(&*pair.song_id).cloned().unwrap_or_else(unknown),
            why: words::plain(&pair.why),
        }
    }

    /// The map of everything that has a place; portraits lead to their articles.
    pub(super) fn map(&self, hung: &[Hung], articles: &[Article]) -> Plane {
        let portraits = hung.iter().zip(articles).map(|(hung, article)| {
            dot(hung.estimate.mean, article.class, article.title.clone(), Some(article.anchor.clone()))
        });
        let mut seen = BTreeSet::new();
        let song_dot = |song: &SongRow| -> Option<Dot> {
            let estimate = song_estimate(song, self.song_source)?;
            seen.insert(song.song_id.as_deref()?.to_owned()).then_some(())?;
            let annotated = song_is_annotated(song, self.song_source);
            let class = song.annotated_class.filter(|_| annotated).unwrap_or_else(|| estimate.class());
            let noted = self.song_notes.get(&song.path, "title").or(song.title.as_deref()).map(words::plain);
            let title = noted.unwrap_or_else(|| words::title_of_path(&song.path));
            Some(dot(estimate.mean, class, title, None))
        };
        Plane::map(portraits.collect(), self.songs.iter().filter_map(song_dot).collect())
    }
}

/// The box where it can be drawn: finite numbers on a picture of known size.
fn face_box(hung: &Hung) -> Option<FaceBox> {
    let (width, height) = (hung.row.width.filter(|&w| w > 0)?, hung.row.height.filter(|&h| h > 0)?);
    let face = hung.face;
    let finite = [face.x, face.y, face.width, face.height].into_iter().all(f32::is_finite);
    (finite && face.width > 0.0 && face.height > 0.0).then_some(FaceBox {
        width,
        height,
        x: face.x,
        y: face.y,
        w: face.width,
        h: face.height,
    })
}
