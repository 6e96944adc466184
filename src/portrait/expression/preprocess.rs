//! From an aligned crop to what the network sees: FER2013's 48 x 48 grey levels, enlarged.
//!
//! A crop of a painting is first reduced to 48 pixels, although the network's input is larger: it has only ever seen
//! faces of that sharpness.

use image::imageops::FilterType;
use image::{ImageBuffer, Luma, RgbImage};

use super::augment::plain;
use crate::datasets::faces::{PIXELS, SIDE};

/// A face as FER2013 has them: [`PIXELS`] grey levels in 0 to 1, row by row.
pub type Grey = Box<[f32]>;

/// Weights of red, green and blue in the luma of ITU-R BT.601, which the programs that made FER2013 grey use.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// A face of FER2013.
pub fn from_levels(pixels: &[u8]) -> Grey {
    pixels.iter().map(|&level| f32::from(level) / 255.0).collect()
}

/// An aligned crop of any size above 0, as grey levels of 48 x 48; a crop without pixels is black.
pub fn from_crop(crop: &RgbImage) -> Grey {
    let (width, height) = crop.dimensions();
    let grey: Vec<f32> = crop
        .as_raw()
        .as_chunks::<3>()
        .0
        .iter()
        .map(|rgb| {
            rgb.iter().zip(LUMA).map(|(&level, weight)| f32::from(level) * weight).sum::<f32>() / 255.0
        })
        .collect();
    let Some(grey) =
        ImageBuffer::<Luma<f32>, _>::from_raw(width, height, grey).filter(|_| width * height > 0)
    else {
        return vec![0.0; PIXELS].into();
    };
    let side = SIDE as u32;
    image::imageops::resize(&grey, side, side, FilterType::Triangle).into_raw().into()
}

/// The network's input for faces: `n x side x side` grey levels.
pub fn enlarge(faces: &[Grey], side: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(faces.len() * side * side);
    for face in faces {
        plain(face, side, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grey_crop_keeps_its_level_and_place() {
        let crop = RgbImage::from_fn(224, 224, |x, _| image::Rgb([if x < 112 { 51 } else { 204 }; 3]));
        let grey = from_crop(&crop);
        assert_eq!(grey.len(), PIXELS);
        assert!((grey[0] - 0.2).abs() < 1e-3 && (grey[SIDE - 1] - 0.8).abs() < 1e-3);
        assert_eq!(from_crop(&RgbImage::new(0, 0)).len(), PIXELS);
    }
}
