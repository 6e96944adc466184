//! A file -> an upright RGB picture.
//!
//! JPEG (grey, RGB, CMYK), PNG, WebP, TIFF, GIF and BMP, told apart by their first bytes whatever the file's name.
//! Of an animation or a file of several pages the first picture is taken; 16 bits a channel become 8; what is
//! transparent is laid on white; the orientation that a camera noted (EXIF) is applied. Colour profiles are not.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

/// What a picture may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest file in bytes.
    pub max_bytes: u64,
    /// Most pixels of the picture; checked in the header, before anything is allocated.
    pub max_pixels: u64,
    /// Shortest side in pixels: no face can be found in less.
    pub min_side: u32,
}

impl Default for Limits {
    /// 200 MB, 120 megapixels (360 MB as RGB), 16 pixels.
    fn default() -> Self {
        Self { max_bytes: 200_000_000, max_pixels: 120_000_000, min_side: 16 }
    }
}

/// A decoded picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The pixels, upright.
    pub rgb: RgbImage,
    /// Whether the file ends before the picture does; the rest is filled up by the decoder.
    pub partial: bool,
}

/// Why a file gave no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file cannot be opened or read.
    #[error("{}: cannot be read: {source}. Check that it is there and that you may read it.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder, pipe or device.
    #[error("{}: is no ordinary file. Give a picture file.", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// No bytes.
    #[error("{}: is empty. Copy it again from where it came.", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// More bytes than the limit.
    #[error("{}: more than {limit} bytes. Make it smaller or raise the limit of bytes.", path.display())]
    TooManyBytes {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// More pixels than the limit.
    #[error("{}: {width} x {height} pixels, more than {limit}. Scale it down or raise the limit of pixels.", path.display())]
    TooManyPixels {
        /// The file.
        path: PathBuf,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit in pixels.
        limit: u64,
    },
    /// A side shorter than the limit.
    #[error("{}: {width} x {height} pixels, a side below {limit}. Use a larger copy of the picture.", path.display())]
    TooSmall {
        /// The file.
        path: PathBuf,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The shortest side allowed, in pixels.
        limit: u32,
    },
    /// No known kind of picture.
    #[error("{}: {found}. Convert it to JPEG, PNG, WebP, TIFF, GIF or BMP.", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is, in words.
        found: String,
    },
    /// The bytes are damaged.
    #[error("{}: damaged: {reason}. Open and save it in a picture editor, or copy it again.", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The decoder has a fault that this file brings out.
    #[error("{}: the decoder failed on it: {reason}. Open and save it in a picture editor.", path.display())]
    Panicked {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
}

impl DecodeError {
    /// The row's status.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Io { .. } | Self::NotAFile { .. } => "io_error",
            Self::TooManyBytes { .. } | Self::TooManyPixels { .. } => "too_large",
            Self::TooSmall { .. } => "too_small",
            Self::Unsupported { .. } => "unsupported",
            Self::Empty { .. } | Self::Damaged { .. } => "decode_error",
            Self::Panicked { .. } => "crashed",
        }
    }

    /// The row's error kind: a word that can be counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io { .. } => "unreadable",
            Self::NotAFile { .. } => "not_a_file",
            Self::Empty { .. } => "empty",
            Self::TooManyBytes { .. } => "too_many_bytes",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::TooSmall { .. } => "too_small",
            Self::Unsupported { .. } => "unsupported_format",
            Self::Damaged { .. } => "damaged",
            Self::Panicked { .. } => "decoder_panic",
        }
    }
}

/// Reads a picture file.
///
/// # Errors
///
/// See [`DecodeError`]; a decoder that panics is an error too.
pub fn decode(path: &Path, limits: &Limits) -> Result<Picture, DecodeError> {
    let bytes = read(path, limits)?;
    decode_bytes(&bytes, path, limits)
}

/// Decodes a picture from the bytes of a file; `path` stands in the error only.
///
/// # Errors
///
/// See [`DecodeError`].
pub fn decode_bytes(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Picture, DecodeError> {
    catch_unwind(AssertUnwindSafe(|| decode_unfenced(bytes, path, limits))).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let reason = said.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(DecodeError::Panicked {
            path: path.into(),
            reason: reason.unwrap_or_else(|| "no reason given".into()),
        })
    })
}

fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, DecodeError> {
    let io = |source| DecodeError::Io { path: path.into(), source };
    // Asked before opening: opening a pipe would wait for a writer.
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(DecodeError::NotAFile { path: path.into() });
    }
    let too_many = || DecodeError::TooManyBytes { path: path.into(), limit: limits.max_bytes };
    if metadata.len() > limits.max_bytes {
        return Err(too_many());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    let file = File::open(path).map_err(io)?;
    file.take(limits.max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    // The file may have grown since.
    if bytes.len() as u64 > limits.max_bytes { Err(too_many()) } else { Ok(bytes) }
}

fn decode_unfenced(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Picture, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty { path: path.into() });
    }
    let unsupported = |found: String| DecodeError::Unsupported { path: path.into(), found };
    let format = image::guess_format(bytes).map_err(|_| unsupported(name_of(bytes).to_owned()))?;
    if !format.reading_enabled() {
        return Err(unsupported(format!("{format:?} is not read")));
    }

    let failed = |error: ImageError, width, height| match error {
        ImageError::Unsupported(error) => {
            unsupported(format!("{format:?} of a kind that is not read ({error})"))
        }
        ImageError::Limits(_) => {
            DecodeError::TooManyPixels { path: path.into(), width, height, limit: limits.max_pixels }
        }
        other => DecodeError::Damaged { path: path.into(), reason: other.to_string() },
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(allocation(limits));
    let decoder = reader.into_decoder().map_err(|error| failed(error, 0, 0))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(DecodeError::TooManyPixels {
            path: path.into(),
            width,
            height,
            limit: limits.max_pixels,
        });
    }
    if width.min(height) < limits.min_side.max(1) {
        return Err(DecodeError::TooSmall { path: path.into(), width, height, limit: limits.min_side });
    }
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| failed(error, width, height))?;
    if let Some(orientation) = orientation(bytes, format) {
        picture.apply_orientation(orientation);
    }
    Ok(Picture { rgb: on_white(picture), partial: format == ImageFormat::Jpeg && ends_early(bytes) })
}

/// The decoder's own limits: eight bytes a pixel (RGBA of 16 bits), and room for its tables.
fn allocation(limits: &Limits) -> image::Limits {
    let mut allocation = image::Limits::no_limits();
    allocation.max_alloc = Some(limits.max_pixels.saturating_mul(8).saturating_add(64 << 20));
    allocation
}

/// What a file that is no known picture seems to be.
fn name_of(bytes: &[u8]) -> &'static str {
    let brand = bytes.get(4..12).unwrap_or_default();
    if brand.starts_with(b"ftyphei") || brand.starts_with(b"ftypmif1") {
        return "HEIC is not read";
    }
    let heads: [(&[u8], &str); 6] = [
        (b"%PDF", "a PDF document, no picture"),
        (b"8BPS", "a Photoshop file, which is not read"),
        (b"<svg", "an SVG drawing, which is not read"),
        (b"<?xml", "an XML file (SVG perhaps), which is not read"),
        (b"PK\x03\x04", "a zip archive, no picture"),
        (b"\x00\x00\x00\x0cJXL ", "JPEG XL is not read"),
    ];
    let named = heads.iter().find(|(head, _)| bytes.starts_with(head));
    named.map_or("no known kind of picture by its first bytes", |(_, name)| name)
}

/// The orientation in the EXIF data, of the formats that may hold one.
fn orientation(bytes: &[u8], format: ImageFormat) -> Option<Orientation> {
    use ImageFormat::{Jpeg, Png, Tiff, WebP};
    if !matches!(format, Jpeg | Png | Tiff | WebP) {
        return None;
    }
    let mut reader = exif::Reader::new();
    let data = reader.continue_on_error(true).read_from_container(&mut Cursor::new(bytes));
    let data = data.or_else(|error| error.distill_partial_result(|_| ())).ok()?;
    let value = data.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?.value.get_uint(0)?;
    Orientation::from_exif(u8::try_from(value).ok()?)
}

/// Eight-bit RGB; what is transparent lies on white.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in rgb.pixels_mut().zip(rgba.pixels()) {
        let alpha = u32::from(from[3]);
        to.0 = [0, 1, 2].map(|channel| {
            // At most 255 * 255 / 255, rounded: it fits.
            ((u32::from(from[channel]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        });
    }
    rgb
}

/// Whether a JPEG lacks the end marker behind its last scan. In the scan's own data FF is followed by 00 or by a
/// restart marker, so that the marker found there is the real one and not that of an embedded thumbnail.
fn ends_early(bytes: &[u8]) -> bool {
    let last_scan = bytes.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap_or(0);
    !bytes[last_scan..].windows(2).any(|pair| pair == [0xFF, 0xD9])
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
