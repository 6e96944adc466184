//! Why this song: a sentence that follows from the numbers alone.

use super::{Place, Position};
use crate::affect::Class;

/// Differences below these, in units of the plane, are none, little and plain; above the last they are great.
const STEPS: [f64; 3] = [0.03, 0.2, 0.5];
/// A standard deviation of a collection is about a third of the plane's unit.
const STANDARD_UNIT: f64 = 3.0;

/// One sentence or two on a pair; `portrait_at` and `song_at` are the two places that were compared.
pub(super) fn why(
    portrait: &Place,
    portrait_at: [f64; 2],
    song: &Place,
    song_at: [f64; 2],
    position: Position,
) -> String {
    let unit = match position {
        Position::Absolute => 1.0,
        Position::Standardised => STANDARD_UNIT,
    };
    let valence = compare((song_at[0] - portrait_at[0]) / unit, "brighter", "darker");
    let arousal = compare((song_at[1] - portrait_at[1]) / unit, "livelier", "calmer");
    let away = (song_at[0] - portrait_at[0]).hypot(song_at[1] - portrait_at[1]);
    let than = match position {
        Position::Absolute => "than the face",
        Position::Standardised => "among the songs than the face is among the portraits",
    };
    let place = match position {
        Position::Absolute => format!("lies {away:.2} away"),
        Position::Standardised => format!("stands {away:.2} standard deviations away"),
    };
    let difference = match (arousal, valence) {
        (None, None) => "with hardly a difference".to_owned(),
        (Some(one), None) | (None, Some(one)) => format!("{one} {than}"),
        (Some(arousal), Some(valence)) => format!("{arousal} and {valence} {than}"),
    };
    let source = if song.annotated { " Its place is the one that its listeners gave it." } else { "" };
    format!("{}; the song {place}, {difference}.{source}", classes(portrait.class, song.class))
}

fn classes(portrait: Class, song: Class) -> String {
    if portrait == song {
        return format!("Both {}: {}", portrait.word(), meaning(portrait));
    }
    format!("The face is {}, the song {}", portrait.word(), song.word())
}

/// What a class says of valence and arousal.
fn meaning(class: Class) -> &'static str {
    match class {
        Class::Q1 => "pleasant and excited",
        Class::Q2 => "unpleasant and excited",
        Class::Q3 => "unpleasant and calm",
        Class::Q4 => "pleasant and calm",
        Class::Neutral => "near the middle of the plane",
    }
}

fn compare(difference: f64, more: &str, less: &str) -> Option<String> {
    let word = if difference > 0.0 { more } else { less };
    match STEPS.iter().filter(|&&step| difference.abs() >= step).count() {
        0 => None,
        1 => Some(format!("a little {word}")),
        2 => Some(word.to_owned()),
        _ => Some(format!("much {word}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(class: Class, annotated: bool) -> Place {
        Place {
            id: "x".into(),
            face_index: 0,
            class,
            point: [0.0; 2],
            sd: [0.0; 2],
            standard: [0.0; 2],
            annotated,
        }
    }

    #[test]
    fn sentences_say_what_the_numbers_say() {
        let (serene, sad) = (place(Class::Q4, false), place(Class::Q3, true));
        assert_eq!(
            why(&serene, [0.5, -0.5], &serene, [0.5, -0.38], Position::Absolute),
            "Both serene: pleasant and calm; the song lies 0.12 away, a little livelier than the face."
        );
        assert_eq!(
            why(&serene, [0.5, -0.5], &sad, [-0.5, -0.51], Position::Absolute),
            "The face is serene, the song sad; the song lies 1.00 away, much darker than the face. \
             Its place is the one that its listeners gave it."
        );
        assert_eq!(
            why(&serene, [0.0, 0.0], &serene, [0.02, 0.0], Position::Standardised),
            "Both serene: pleasant and calm; the song stands 0.02 standard deviations away, with hardly a difference."
        );
        assert_eq!(
            why(&sad, [0.0, 0.0], &sad, [0.3, -0.8], Position::Standardised),
            "Both sad: unpleasant and calm; the song stands 0.85 standard deviations away, calmer and a little \
             brighter among the songs than the face is among the portraits. Its place is the one that its listeners \
             gave it."
        );
    }
}
