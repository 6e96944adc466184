//! Sentences and labels that the page is made of.

use crate::affect::{Class, Estimate};
use crate::tables::Status;

/// What a class means on the two axes.
pub(super) fn meaning(class: Class) -> &'static str {
    match class {
        Class::Q1 => "pleasant and excited",
        Class::Q2 => "unpleasant and excited",
        Class::Q3 => "unpleasant and calm",
        Class::Q4 => "pleasant and calm",
        Class::Neutral => "neither one nor the other",
    }
}

/// How sure a class is, in a word, from its probability.
fn confidence(probability: f32) -> &'static str {
    match probability {
        p if p >= 0.85 => "almost certainly",
        p if p >= 0.65 => "probably",
        p if p >= 0.45 => "perhaps",
        _ => "faintly",
    }
}

/// Such as `Probably serene (71 %)`.
pub(super) fn reading(estimate: &Estimate) -> String {
    let class = estimate.class();
    let probability = estimate.probabilities[class.index()].clamp(0.0, 1.0);
    capitalised(&format!("{} {} ({:.0} %)", confidence(probability), class.word(), 100.0 * probability))
}

/// The same text with a capital first letter.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Why a picture has no place on the plane, where its row says nothing itself.
pub(super) fn why_left_out(status: Status) -> &'static str {
    match status {
        Status::Ok | Status::Partial => "Its face could not be read.",
        Status::NoFace => "No face was found in it.",
        Status::TooSmall => "It has too few pixels to read a face.",
        Status::DecodeError => "The file is damaged.",
        Status::Unsupported => "The file's format is not supported.",
        Status::TooLarge => "The file is larger than the limit set for the run.",
        Status::TimedOut => "Reading it took longer than allowed.",
        Status::Crashed => "Reading it failed.",
        Status::IoError => "The file could not be read from the disk.",
        Status::Silent | Status::TooShort => "It is no picture.",
    }
}

/// The status for people.
pub(super) fn status(status: Status) -> String {
    capitalised(&status.name().replace('_', " "))
}

/// A title from a file's name, for want of a better one.
pub(super) fn title_of_path(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let spaced = if stem.contains(' ') { stem.to_owned() } else { stem.replace(['_', '-'], " ") };
    let title = plain(&spaced);
    if title.is_empty() { "Untitled".to_owned() } else { capitalised(&title) }
}

/// Text on one line: control characters, which HTML does not allow, and runs of white space become a space.
pub(super) fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A duration such as `3:05`.
pub(super) fn duration(seconds: f32) -> Option<String> {
    let whole =
        (seconds.is_finite() && (0.5..360_000.0).contains(&seconds)).then(|| seconds.round() as u32)?;
    Some(format!("{}:{:02}", whole / 60, whole % 60))
}

/// A link that a page may carry: to the web, nothing that runs.
pub(super) fn web_link(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affect::Point;

    #[test]
    fn readings_say_how_sure_they_are() {
        let mut estimate = Estimate::from_gaussian(Point::new(0.6, -0.6), 0.1, 0.1, 0.0);
        assert_eq!(reading(&estimate), "Almost certainly serene (100 %)");
        estimate.probabilities = [0.1, 0.1, 0.2, 0.5, 0.1];
        assert_eq!(reading(&estimate), "Perhaps serene (50 %)");
    }

    #[test]
    fn names_become_titles_and_links_lead_to_the_web() {
        assert_eq!(title_of_path("a/the_old-king.v2.jpg"), "The old king.v2");
        assert_eq!(title_of_path("happy mood_1.opus"), "Happy mood_1");
        assert_eq!(title_of_path("a\nb\u{0}c.jpg"), "A b c");
        assert_eq!(title_of_path(""), "Untitled");
        assert_eq!(duration(184.6).unwrap(), "3:05");
        assert_eq!(duration(f32::NAN), None);
        assert_eq!(web_link("javascript:alert(1)"), None);
        assert_eq!(web_link("HTTPS://example.org/a"), Some("HTTPS://example.org/a"));
    }
}
