//! Why a file has no row of features.

use std::path::PathBuf;

/// Why a sound file could not be listened to. Each message names the file, the cause and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The file could not be opened or read.
    #[error("{}: cannot be read ({source}); check that it exists and that you may read it", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// No known container or codec of sound is in the file.
    #[error("{}: no sound that can be decoded ({detail}); convert it to mp3, flac, ogg, opus, m4a or wav", path.display())]
    Unsupported { path: PathBuf, detail: String },
    /// The container is known, but nothing in it could be decoded.
    #[error("{}: damaged ({detail}); replace it by a fresh copy", path.display())]
    Decode { path: PathBuf, detail: String },
    /// A limit of [`Limits`](super::Limits) was passed.
    #[error("{}: too large ({detail}); raise the limit in the settings or cut the file", path.display())]
    TooLarge { path: PathBuf, detail: String },
    /// Less sound than the features need.
    #[error("{}: only {seconds:.2} s of sound, {needed} s are needed; use a longer excerpt", path.display())]
    TooShort { path: PathBuf, seconds: f64, needed: f64 },
    /// Nothing to hear.
    #[error("{}: silent (peak {peak_dbfs:.0} dBFS); check the recording", path.display())]
    Silent { path: PathBuf, peak_dbfs: f64 },
}

impl ListenError {
    /// The `status` and the `error_kind` of the file's row in the table `songs`.
    pub fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::Io { source, .. } => (
                "io_error",
                match source.kind() {
                    std::io::ErrorKind::NotFound => "not_found",
                    std::io::ErrorKind::PermissionDenied => "permission_denied",
                    _ => "read",
                },
            ),
            Self::Unsupported { .. } => ("unsupported", "format"),
            Self::Decode { .. } => ("decode_error", "damaged"),
            Self::TooLarge { .. } => ("too_large", "limit"),
            Self::TooShort { .. } => ("too_short", "duration"),
            Self::Silent { .. } => ("silent", "level"),
        }
    }
}
