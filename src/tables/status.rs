//! What became of an input.

use std::fmt;
use std::str::FromStr;

/// What became of an input file; one row an input, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Status {
    /// All well.
    Ok,
    /// A picture in which no face was found; a result, not a failure.
    NoFace,
    /// Too few pixels to read.
    TooSmall,
    /// Only a part could be decoded; the row speaks of that part.
    Partial,
    /// The bytes are not what their header promises.
    DecodeError,
    /// A format or codec that nobody here reads.
    Unsupported,
    /// Over a limit on bytes, pixels, samples or duration, checked before decoding.
    TooLarge,
    /// A clip without sound.
    Silent,
    /// A clip too short to listen to.
    TooShort,
    /// Took longer than allowed.
    TimedOut,
    /// A decoder panicked.
    Crashed,
    /// The file could not be read from the disk.
    IoError,
}

impl Status {
    const ALL: [Self; 12] = [
        Self::Ok,
        Self::NoFace,
        Self::TooSmall,
        Self::Partial,
        Self::DecodeError,
        Self::Unsupported,
        Self::TooLarge,
        Self::Silent,
        Self::TooShort,
        Self::TimedOut,
        Self::Crashed,
        Self::IoError,
    ];

    /// The word in the `status` column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoFace => "no_face",
            Self::TooSmall => "too_small",
            Self::Partial => "partial",
            Self::DecodeError => "decode_error",
            Self::Unsupported => "unsupported",
            Self::TooLarge => "too_large",
            Self::Silent => "silent",
            Self::TooShort => "too_short",
            Self::TimedOut => "timed_out",
            Self::Crashed => "crashed",
            Self::IoError => "io_error",
        }
    }

    /// Whether the input gave nothing that can be used, which the exit status of a run reports.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Ok | Self::NoFace | Self::Partial)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|status| status.name() == text)
            .ok_or_else(|| format!("`{text}` is no status"))
    }
}
