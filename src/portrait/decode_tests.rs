use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, Rgba};
use proptest::prelude::*;

use super::*;

/// Red, green, blue and white quarters, from the upper left along the rows.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => image::Rgb([220, 20, 20]),
        (false, true) => image::Rgb([20, 200, 20]),
        (true, false) => image::Rgb([20, 20, 220]),
        (false, false) => image::Rgb([240, 240, 240]),
    })
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn read_back(bytes: &[u8]) -> Result<Picture, DecodeError> {
    decode_bytes(bytes, Path::new("picture"), &Limits::default())
}

fn assert_like(got: &RgbImage, want: &RgbImage, tolerance: u8) {
    assert_eq!(got.dimensions(), want.dimensions());
    let (width, height) = want.dimensions();
    // Inside each quarter, where JPEG has no ringing.
    for (x, y) in [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| (x * width / 4, y * height / 4)) {
        for (a, b) in got.get_pixel(x, y).0.iter().zip(want.get_pixel(x, y).0) {
            assert!(a.abs_diff(b) <= tolerance, "{a} for {b} at {x}, {y}");
        }
    }
}

#[test]
fn every_format_gives_the_same_picture() {
    let want = quarters(48, 32);
    let picture = DynamicImage::ImageRgb8(want.clone());
    for (format, tolerance) in [
        (ImageFormat::Png, 0),
        (ImageFormat::WebP, 0),
        (ImageFormat::Tiff, 0),
        (ImageFormat::Bmp, 0),
        (ImageFormat::Gif, 12),
        (ImageFormat::Jpeg, 12),
    ] {
        let got = read_back(&encoded(&picture, format)).unwrap();
        assert_like(&got.rgb, &want, tolerance);
        assert!(!got.partial, "{format:?}");
    }
}

#[test]
fn grey_and_sixteen_bits_become_eight_bits_of_colour() {
    let grey = DynamicImage::ImageLuma8(image::GrayImage::from_pixel(20, 20, image::Luma([77])));
    for picture in
        [DynamicImage::ImageLuma16(grey.to_luma16()), DynamicImage::ImageRgb16(grey.to_rgb16()), grey]
    {
        for format in [ImageFormat::Png, ImageFormat::Tiff] {
            let got = read_back(&encoded(&picture, format)).unwrap();
            assert!(got.rgb.pixels().all(|pixel| pixel.0 == [77; 3]), "{:?} {format:?}", picture.color());
        }
    }
}

#[test]
fn what_is_transparent_lies_on_white() {
    let clear = image::RgbaImage::from_fn(20, 20, |x, _| Rgba([200, 0, 0, if x < 10 { 0 } else { 128 }]));
    let got = read_back(&encoded(&DynamicImage::ImageRgba8(clear), ImageFormat::Png)).unwrap();
    assert_eq!(got.rgb.get_pixel(2, 2).0, [255; 3]);
    assert_eq!(got.rgb.get_pixel(15, 2).0, [227, 127, 127]);
}

#[test]
fn cmyk_is_read_as_colour() {
    // Grey in all four channels, marked as CMYK by Adobe's segment: a real CMYK JPEG in miniature, made with Pillow.
    let bytes = include_bytes!("../../tests/fixtures/cmyk.jpg");
    let got = read_back(bytes).unwrap();
    // Pillow turns the same file into these colours, without a profile.
    let [red, white] = [(8, 8), (24, 8)].map(|(x, y)| got.rgb.get_pixel(x, y).0);
    assert!(red[0] > 200 && red[1] < 60 && red[2] < 60, "{red:?}");
    assert!(white.iter().all(|value| *value > 240), "{white:?}");
}

/// EXIF data that holds nothing but an orientation: little-endian TIFF with one entry (tag 0x0112, SHORT).
fn exif_orientation(value: u8) -> Vec<u8> {
    let head = b"II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00";
    [head.as_slice(), &[value, 0, 0, 0], &[0; 4]].concat()
}

#[test]
fn all_eight_orientations_come_out_upright() {
    let upright = quarters(48, 32);
    for value in 1..=8 {
        // What a camera stores is the upright picture under the inverse of what it notes: of the eight, only the
        // two quarter turns (6 and 8) are not their own inverse.
        let inverse = match value {
            6 => 8,
            8 => 6,
            other => other,
        };
        let mut stored = DynamicImage::ImageRgb8(upright.clone());
        stored.apply_orientation(Orientation::from_exif(inverse).unwrap());
        let stored = stored.into_rgb8();
        let mut jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 95);
        encoder.set_exif_metadata(exif_orientation(value)).unwrap();
        encoder.write_image(&stored, stored.width(), stored.height(), ExtendedColorType::Rgb8).unwrap();
        let mut png = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
        encoder.set_exif_metadata(exif_orientation(value)).unwrap();
        encoder.write_image(&stored, stored.width(), stored.height(), ExtendedColorType::Rgb8).unwrap();
        for bytes in [jpeg, png] {
            let got = read_back(&bytes).unwrap();
            assert_like(&got.rgb, &upright, 12);
        }
    }
}

#[test]
fn the_first_bytes_decide_and_not_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.jpg");
    std::fs::write(&path, encoded(&DynamicImage::ImageRgb8(quarters(20, 20)), ImageFormat::Png)).unwrap();
    assert_eq!(decode(&path, &Limits::default()).unwrap().rgb, quarters(20, 20));
}

#[test]
fn a_jpeg_that_ends_early_is_partial() {
    let noise =
        RgbImage::from_fn(256, 256, |x, y| image::Rgb([((x * 7) ^ (y * 13)) as u8, (x * y) as u8, y as u8]));
    let whole = encoded(&DynamicImage::ImageRgb8(noise), ImageFormat::Jpeg);
    assert!(!read_back(&whole).unwrap().partial);
    let half = read_back(&whole[..whole.len() / 2]).unwrap();
    assert!(half.partial);
    assert_eq!(half.rgb.dimensions(), (256, 256));
}

#[test]
fn a_huge_picture_is_refused_by_its_header() {
    // A PNG of 60,000 x 60,000 pixels with no pixels behind its header.
    let header = [&60_000u32.to_be_bytes()[..], &60_000u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let chunk = |name: &[u8], data: &[u8]| {
        let body = [name, data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
    };
    let bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0; 8])].concat();
    let error = read_back(&bytes).unwrap_err();
    assert_eq!((error.status(), error.kind()), ("too_large", "too_many_pixels"));
    assert!(error.to_string().contains("60000 x 60000"), "{error}");
}

/// The check sum of PNG's chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn each_fault_has_its_status() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { max_bytes: 2000, ..Limits::default() };
    let status_of = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = decode(&path, &limits).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        (error.status(), error.kind())
    };
    let png = encoded(&DynamicImage::ImageRgb8(quarters(64, 64)), ImageFormat::Png);
    let tiny = encoded(&DynamicImage::ImageRgb8(quarters(300, 3)), ImageFormat::Png);
    assert_eq!(status_of("empty.png", b""), ("decode_error", "empty"));
    assert_eq!(status_of("long.png", &[0; 2001]), ("too_large", "too_many_bytes"));
    assert_eq!(status_of("text.jpg", b"a letter"), ("unsupported", "unsupported_format"));
    assert_eq!(status_of("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0"), ("unsupported", "unsupported_format"));
    assert_eq!(status_of("cut.png", &png[..png.len() / 2]), ("decode_error", "damaged"));
    assert_eq!(status_of("thin.png", &tiny), ("too_small", "too_small"));
    let absent = decode(&dir.path().join("absent.png"), &limits).unwrap_err();
    assert_eq!((absent.status(), absent.kind()), ("io_error", "unreadable"));
    let folder = decode(dir.path(), &limits).unwrap_err();
    assert_eq!((folder.status(), folder.kind()), ("io_error", "not_a_file"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes changed at random give a picture within the limits or an error that is no panic of ours.
    #[test]
    fn changed_bytes_never_panic(
        format in 0usize..6,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
        let mut bytes =
            encoded(&DynamicImage::ImageRgb8(quarters(40, 24)), [Bmp, Gif, Jpeg, Png, Tiff, WebP][format]);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
        match decode_bytes(&bytes, Path::new("changed"), &limits) {
            Ok(picture) => {
                let (width, height) = picture.rgb.dimensions();
                prop_assert!(u64::from(width) * u64::from(height) <= limits.max_pixels);
            }
            Err(error) => prop_assert!(!error.kind().is_empty() && !error.to_string().is_empty()),
        }
    }
}
