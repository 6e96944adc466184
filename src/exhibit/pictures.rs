//! Pictures in the sizes of a page.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageReader, Limits, Rgb, RgbImage,
};

use super::ExhibitSettings;
use super::sources::{resolve, safe_name};
use super::stage::ExhibitError;
use crate::tables::{atomic, fingerprint};

/// JPEG quality of the pictures: artefacts are not seen at the size of a page.
const QUALITY: u8 = 86;
/// Files and decoded pictures above these are not shown.
const MAX_BYTES: u64 = 256 << 20;
const MAX_DECODED: u64 = 1 << 30;

/// A picture in the exhibit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// The large form, relative to the exhibit.
    pub large: String,
    /// The small form, relative to the exhibit.
    pub small: String,
    /// Pixels of the large form.
    pub width: u32,
    /// Pixels of the large form.
    pub height: u32,
    /// Pixels of the small form.
    pub small_width: u32,
}

/// Makes both forms of a picture where they do not lie there yet.
///
/// Inside, an error is a sentence on why the picture cannot be shown.
///
/// # Errors
/// An exhibit that cannot be written to.
pub(super) fn prepare(
    exhibit: &Path,
    settings: &ExhibitSettings,
    id: &str,
    path: &str,
) -> Result<Result<Picture, String>, ExhibitError> {
    let name = safe_name(id);
    let file = |px: u32| format!("pictures/{name}-{px}.jpg");
    let (large, small) = (file(settings.picture_px), file(settings.thumbnail_px));
    let picture = |(width, height), (small_width, _)| Picture {
        large: large.clone(),
        small: small.clone(),
        width,
        height,
        small_width,
    };
    if let (Ok(size), Ok(small_size)) =
        (image::image_dimensions(exhibit.join(&large)), image::image_dimensions(exhibit.join(&small)))
    {
        return Ok(Ok(picture(size, small_size)));
    }
    let Some(source) = resolve(&settings.portraits, path) else {
        return Ok(Err("The picture's file is missing.".to_owned()));
    };
    let forms = match read(&source, id) {
        Ok((upright, profile)) => {
            // The small form comes from the large one: less work, and nobody sees it.
            let big = fit(&upright, settings.picture_px);
            let little = fit(&big, settings.thumbnail_px);
            [(large.as_str(), big, profile.clone()), (small.as_str(), little, profile)]
        }
        Err(reason) => return Ok(Err(reason)),
    };
    let [big, little] = &forms;
    let done = picture(big.1.dimensions(), little.1.dimensions());
    for (name, pixels, profile) in forms {
        let Some(bytes) = encode(&pixels, profile) else {
            return Ok(Err("The picture could not be written as JPEG.".to_owned()));
        };
        let path = exhibit.join(name);
        atomic::write_bytes(&path, &bytes).map_err(|source| ExhibitError::Write { path, source })?;
    }
    Ok(Ok(done))
}

type Upright = (RgbImage, Option<Vec<u8>>);

fn read(source: &PathBuf, id: &str) -> Result<Upright, String> {
    let unread = |error: &dyn std::fmt::Display| format!("The picture's file could not be read: {error}.");
    if std::fs::metadata(source).map_err(|error| unread(&error))?.len() > MAX_BYTES {
        return Err("The picture's file is too large to show.".to_owned());
    }
    let bytes = std::fs::read(source).map_err(|error| unread(&error))?;
    if fingerprint::bytes_id(&bytes) != id {
        return Err("The picture's file has changed since its face was read.".to_owned());
    }
    // A decoder that panics costs one picture.
    catch_unwind(AssertUnwindSafe(|| decode(&bytes)))
        .map_err(|_| "The picture's file is damaged.".to_owned())?
        .map_err(|error| unread(&error))
}

fn decode(bytes: &[u8]) -> image::ImageResult<Upright> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    // Bytes 16 to 19 of a colour profile name its space; one for CMYK or grey does not fit our RGB.
    let profile = decoder.icc_profile().ok().flatten().filter(|icc| icc.get(16..20) == Some(b"RGB "));
    let mut upright = DynamicImage::from_decoder(decoder)?;
    upright.apply_orientation(orientation);
    Ok((on_white(upright), profile))
}

/// JPEG has no transparency; paper is white.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [colour @ .., alpha] = rgba.get_pixel(x, y).0.map(u32::from);
        Rgb(colour.map(|c| ((c * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

/// The picture with its longest side at most `px` pixels; never larger than it was.
fn fit(picture: &RgbImage, px: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height).max(1);
    if longest <= px {
        return picture.clone();
    }
    let scaled =
        |side: u32| ((u64::from(side) * u64::from(px) + u64::from(longest) / 2) / u64::from(longest)).max(1);
    let (width, height) = (scaled(width) as u32, scaled(height) as u32);
    // A box filter down to twice the size costs little and leaves the fine filter little to do.
    if longest > 4 * px {
        let halfway = image::imageops::thumbnail(picture, width * 2, height * 2);
        return image::imageops::resize(&halfway, width, height, FilterType::Lanczos3);
    }
    image::imageops::resize(picture, width, height, FilterType::Lanczos3)
}

fn encode(picture: &RgbImage, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if let Some(profile) = profile {
        // A profile that JPEG cannot hold is left out: the colours are a little off, the picture is there.
        let _ = encoder.set_icc_profile(profile);
    }
    let (width, height) = picture.dimensions();
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;

    fn setting(folder: &Path) -> ExhibitSettings {
        ExhibitSettings {
            portraits: folder.to_owned(),
            picture_px: 100,
            thumbnail_px: 64,
            ..Default::default()
        }
    }

    #[test]
    fn a_picture_is_made_once_in_two_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        RgbaImage::from_pixel(300, 150, image::Rgba([0, 0, 0, 0])).save(&path).unwrap();
        let id = fingerprint::file_id(&path).unwrap();
        let exhibit = folder.path().join("exhibit");
        let settings = setting(folder.path());
        let picture = prepare(&exhibit, &settings, &id, "a.png").unwrap().unwrap();
        assert_eq!((picture.width, picture.height, picture.small_width), (100, 50, 64));
        let white = image::open(exhibit.join(&picture.large)).unwrap().into_rgb8();
        assert!(white.pixels().all(|pixel| pixel.0.iter().all(|&c| c > 250)));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(prepare(&exhibit, &settings, &id, "a.png").unwrap().unwrap(), picture);
    }

    #[test]
    fn what_cannot_be_shown_says_why() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.jpg"), b"no picture").unwrap();
        let id = fingerprint::bytes_id(b"no picture");
        let reason = |id: &str, path: &str| {
            prepare(&folder.path().join("exhibit"), &setting(folder.path()), id, path).unwrap().unwrap_err()
        };
        assert_eq!(reason(&id, "none.jpg"), "The picture's file is missing.");
        assert_eq!(reason("00", "bad.jpg"), "The picture's file has changed since its face was read.");
        assert!(reason(&id, "bad.jpg").starts_with("The picture's file could not be read"));
    }

    #[test]
    fn small_pictures_keep_their_size_and_long_ones_a_pixel() {
        assert_eq!(fit(&RgbImage::new(20, 10), 100).dimensions(), (20, 10));
        assert_eq!(fit(&RgbImage::new(4000, 2), 100).dimensions(), (100, 1));
    }
}
