//! Title, artist and album as the container states them.

use symphonia::core::formats::FormatReader;
use symphonia::core::meta::{MetadataRevision, StandardTag};

/// What a file says about itself; raw text, to be escaped where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    pub title: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
}

impl Tags {
    /// Reads every revision of metadata that the reader has queued; the first that states a field wins.
    pub(super) fn read(&mut self, format: &mut dyn FormatReader) {
        let mut log = format.metadata();
        loop {
            if let Some(revision) = log.current() {
                self.take(revision);
            }
            if log.pop().is_none() {
                break;
            }
        }
    }

    fn take(&mut self, revision: &MetadataRevision) {
        let per_track = revision.per_track.iter().flat_map(|t| &t.metadata.tags);
        let mut album_artist = None;
        for tag in revision.media.tags.iter().chain(per_track) {
            match &tag.std {
                Some(StandardTag::TrackTitle(text)) => fill(&mut self.title, text),
                Some(StandardTag::Artist(text)) => fill(&mut self.artist, text),
                Some(StandardTag::AlbumArtist(text)) => fill(&mut album_artist, text),
                Some(StandardTag::Album(text)) => fill(&mut self.album, text),
                _ => {}
            }
        }
        self.artist = self.artist.take().or(album_artist);
    }
}

fn fill(slot: &mut Option<String>, text: &str) {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if slot.is_none() && !text.is_empty() {
        *slot = Some(text.to_owned());
    }
}
