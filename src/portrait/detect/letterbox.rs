//! A picture -> what a detector sees: longer side of a given length, three planes of 0 to 255.
//!
//! The picture lies at the top left; the sides are filled up with black to the next multiple of 32 (the coarsest
//! stride), which spares a portrait in 4:5 a fifth of the work that a square costs. Scaled by the triangle filter,
//! which covers each source pixel when it shrinks and is bilinear when it enlarges (what Pillow calls BILINEAR).

use image::RgbImage;

/// The detectors' coarsest stride.
const GRID: usize = 32;

/// The order of the planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    Rgb,
    Bgr,
}

/// What a detector sees.
pub struct Input<'a> {
    /// Width in pixels, a multiple of 32.
    pub width: usize,
    /// Height in pixels, a multiple of 32.
    pub height: usize,
    /// Pixels of the detector's picture a pixel of the original.
    pub scale: f32,
    /// Three planes, one after the other, row by row, 0 to 255.
    pub planes: &'a [f32],
}

/// The buffers, kept from picture to picture.
#[derive(Default)]
pub struct Letterbox {
    planes: Vec<f32>,
    row: Vec<f32>,
}

impl Letterbox {
    /// Lays a picture of at least one pixel into the buffer.
    pub fn fill(&mut self, picture: &RgbImage, side: u32, channels: Channels) -> Input<'_> {
        let longer = picture.width().max(picture.height());
        let scale = f64::from(side) / f64::from(longer);
        let scaled = |length: u32| (f64::from(length) * scale).round().max(1.0) as usize;
        let (inner_width, inner_height) = (scaled(picture.width()), scaled(picture.height()));
        let (width, height) = (inner_width.next_multiple_of(GRID), inner_height.next_multiple_of(GRID));

        self.planes.clear();
        self.planes.resize(3 * width * height, 0.0);
        self.row.resize(3 * picture.width() as usize, 0.0);
        let across = taps(picture.width() as usize, inner_width);
        let down = taps(picture.height() as usize, inner_height);
        let source: &[u8] = picture.as_raw();
        let stride = 3 * picture.width() as usize;
        let (first, rest) = self.planes.split_at_mut(width * height);
        let (green, third) = rest.split_at_mut(width * height);
        let (red, blue) = match channels {
            Channels::Rgb => (first, third),
            Channels::Bgr => (third, first),
        };
        for (y, tap) in down.iter().enumerate() {
            self.row.fill(0.0);
            for (i, weight) in tap.weights.iter().enumerate() {
                let line = &source[(tap.start + i) * stride..][..stride];
                for (sum, value) in self.row.iter_mut().zip(line) {
                    *sum += weight * f32::from(*value);
                }
            }
            let line = y * width..y * width + inner_width;
            let planes = red[line.clone()].iter_mut().zip(&mut green[line.clone()]).zip(&mut blue[line]);
            for (((red, green), blue), tap) in planes.zip(&across) {
                let pixels = self.row[3 * tap.start..].chunks_exact(3);
                let mut sums = [0.0; 3];
                for (weight, pixel) in tap.weights.iter().zip(pixels) {
                    sums[0] += weight * pixel[0];
                    sums[1] += weight * pixel[1];
                    sums[2] += weight * pixel[2];
                }
                [*red, *green, *blue] = sums;
            }
        }
        Input { width, height, scale: scale as f32, planes: &self.planes }
    }
}

/// The source pixels that make one pixel, and their shares, which sum to 1.
struct Tap {
    start: usize,
    weights: Vec<f32>,
}

/// Triangle filter from `from` to `to` pixels: half as wide as the distance of two target pixels, but at least one
/// source pixel.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let step = from as f64 / to as f64;
    let reach = step.max(1.0);
    let tap = |i: usize| {
        let middle = (i as f64 + 0.5) * step;
        let start = (middle - reach).round().max(0.0) as usize;
        let end = ((middle + reach).round() as usize).min(from);
        let start = start.min(from - 1);
        let weight = |pixel: usize| (1.0 - ((pixel as f64 + 0.5 - middle) / reach).abs()).max(0.0);
        let weights: Vec<f64> = (start..end.max(start + 1)).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        Tap { start, weights: weights.iter().map(|weight| (weight / sum) as f32).collect() }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_and_stay_inside() {
        for (from, to) in
            [(1, 320), (7, 320), (319, 320), (320, 320), (321, 320), (512, 320), (5000, 3), (3, 1)]
        {
            for tap in taps(from, to) {
                let sum: f32 = tap.weights.iter().sum();
                assert!((sum - 1.0).abs() < 1e-5, "{from} -> {to}: {sum}");
                assert!(tap.start + tap.weights.len() <= from);
            }
        }
    }

    #[test]
    fn a_flat_picture_stays_flat_and_the_rest_is_black() {
        let picture = RgbImage::from_pixel(500, 400, image::Rgb([10, 20, 30]));
        let mut letterbox = Letterbox::default();
        let input = letterbox.fill(&picture, 320, Channels::Bgr);
        assert_eq!((input.width, input.height), (320, 256));
        assert!((input.scale - 0.64).abs() < 1e-6);
        let at = |plane: usize, x: usize, y: usize| input.planes[(plane * 256 + y) * 320 + x];
        for (plane, value) in [(0, 30.0), (1, 20.0), (2, 10.0)] {
            assert!((at(plane, 319, 255) - value).abs() < 1e-3);
        }
        let tall = letterbox.fill(&RgbImage::from_pixel(301, 600, image::Rgb([9; 3])), 320, Channels::Rgb);
        assert_eq!((tall.width, tall.height), (192, 320));
        assert!((tall.planes[160] - 9.0).abs() < 1e-4 && tall.planes[161] == 0.0);
    }

    #[test]
    fn places_survive_the_way_there_and_back() {
        // A white square; its middle, found again in the scaled picture, leads back to where it was.
        let mut picture = RgbImage::new(640, 480);
        for (x, y) in (200..240).flat_map(|x| (300..340).map(move |y| (x, y))) {
            picture.put_pixel(x, y, image::Rgb([255; 3]));
        }
        let mut letterbox = Letterbox::default();
        let input = letterbox.fill(&picture, 320, Channels::Rgb);
        let (mut sum, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
        for (i, value) in input.planes[..input.width * input.height].iter().enumerate() {
            sum += value;
            sum_x += value * ((i % input.width) as f32 + 0.5);
            sum_y += value * ((i / input.width) as f32 + 0.5);
        }
        assert!((sum_x / sum / input.scale - 220.0).abs() < 0.05);
        assert!((sum_y / sum / input.scale - 320.0).abs() < 0.05);
    }
}
