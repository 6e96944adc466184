//! A face in a picture -> a square crop in which eyes, nose and mouth lie where FER2013's faces have them.
//!
//! The crop is a similarity of the picture (turned, scaled, moved; never sheared or mirrored). Where it reaches over
//! the picture's edge, the edge's pixels go on.

use image::RgbImage;

use super::detect::Face;

/// Side of a crop in pixels.
pub const SIDE: u32 = 224;

/// Side of FER2013's faces in pixels, the unit of [`TEMPLATE`].
const TEMPLATE_SIDE: f32 = 48.0;

/// Where the right eye, left eye, nose, right and left corner of the mouth lie in FER2013's faces of 48 x 48 pixels (x
/// from the left, y from the top; the sitter's right is the picture's left; 0 and 48 are the outer edges).
///
/// Medians over 1,863 faces: each 14th of the 28,709 of the Training split, edges continued by 24 pixels, enlarged to
/// 320, those in which YuNet is surer than 0.7. As measured: (15.16, 18.52), (32.27, 18.79), (22.88, 28.80), (16.41,
/// 35.79), (30.16, 36.07); median absolute deviations 1.4 to 2.0. The two sides are averaged here, so that a mirrored
/// face gives the mirrored crop.
pub const TEMPLATE: [[f32; 2]; 5] =
    [[15.45, 18.65], [32.55, 18.65], [24.0, 28.80], [17.13, 35.93], [30.87, 35.93]];

/// Side of the crop in sides of the box, where the landmarks are of no use: FER2013's 48 pixels over the root of the
/// area of the box that YuNet finds in them (median 37.0 x 47.6).
const BOX_MARGIN: f32 = 1.14;

/// The crop by landmarks is believed where its side is within this factor of that by the box.
const BELIEVABLE_SIDE: f32 = 1.8;
/// The crop by landmarks is believed where the head is tilted by less than this, in radians (75 degrees).
const BELIEVABLE_TILT: f32 = 1.309;

/// Cuts out a face: a square of [`SIDE`] pixels.
pub fn align(picture: &RgbImage, face: &Face) -> RgbImage {
    let frame = Frame::of(face);
    if picture.width() == 0 || picture.height() == 0 {
        return RgbImage::new(SIDE, SIDE);
    }
    // Shrinking by more than about 1.5 would leave out pixels between the samples: average whole blocks first.
    let shrink = frame.step().round().clamp(1.0, 1024.0) as u32;
    if shrink == 1 {
        return frame.sample(picture);
    }
    let (reduced, x, y) = reduce(picture, &frame, shrink);
    frame.within(x, y, shrink as f32).sample(&reduced)
}

/// The crop's place in the picture: the point of its upper left corner, and the way from one pixel of the crop to the
/// next along its rows, in pixels of the picture (down its columns it is the same way, turned by 90 degrees).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    x: f32,
    y: f32,
    dx: f32,
    dy: f32,
}

impl Frame {
    fn of(face: &Face) -> Self {
        let by_box = Self::by_box(face);
        let Some(fitted) = Self::by_landmarks(&face.landmarks) else { return by_box };
        let side = fitted.step() / by_box.step();
        let tilt = fitted.dy.atan2(fitted.dx).abs();
        let middle = fitted.at(SIDE as f32 / 2.0, SIDE as f32 / 2.0);
        let inside = |value: f32, from: f32, length: f32| value > from && value < from + length;
        let believable = (1.0 / BELIEVABLE_SIDE..BELIEVABLE_SIDE).contains(&side)
            && tilt < BELIEVABLE_TILT
            && inside(middle[0], face.x, face.width)
            && inside(middle[1], face.y, face.height);
        if believable { fitted } else { by_box }
    }

    /// An upright square round the middle of the box.
    fn by_box(face: &Face) -> Self {
        let side = BOX_MARGIN * (face.width.max(1.0) * face.height.max(1.0)).sqrt();
        let (x, y) = (face.x + (face.width - side) / 2.0, face.y + (face.height - side) / 2.0);
        Self { x, y, dx: side / SIDE as f32, dy: 0.0 }
    }

    /// The similarity that lays the template onto the landmarks with the least squared distance (Umeyama 1991, in
    /// closed form for two dimensions); `None` where they all coincide.
    fn by_landmarks(landmarks: &[f32; 10]) -> Option<Self> {
        let mean = |at: &dyn Fn(usize) -> f32| (0..5).map(at).sum::<f32>() / 5.0;
        let (from_x, from_y) = (mean(&|i| TEMPLATE[i][0]), mean(&|i| TEMPLATE[i][1]));
        let (to_x, to_y) = (mean(&|i| landmarks[2 * i]), mean(&|i| landmarks[2 * i + 1]));
        let (mut dot, mut cross, mut norm) = (0.0, 0.0, 0.0);
        for i in 0..5 {
            let (u, v) = (TEMPLATE[i][0] - from_x, TEMPLATE[i][1] - from_y);
            let (x, y) = (landmarks[2 * i] - to_x, landmarks[2 * i + 1] - to_y);
            dot += u * x + v * y;
            cross += u * y - v * x;
            norm += u * u + v * v;
        }
        let (a, b) = (dot / norm, cross / norm);
        let pixel = TEMPLATE_SIDE / SIDE as f32;
        let frame = Self {
            x: to_x - a * from_x + b * from_y,
            y: to_y - b * from_x - a * from_y,
            dx: a * pixel,
            dy: b * pixel,
        };
        let sound = frame.x.is_finite() && frame.y.is_finite() && frame.step() > 1e-3;
        sound.then_some(frame)
    }

    /// Pixels of the picture a pixel of the crop.
    fn step(&self) -> f32 {
        self.dx.hypot(self.dy)
    }

    /// The place in the picture of a place in the crop.
    fn at(&self, column: f32, row: f32) -> [f32; 2] {
        [self.x + column * self.dx - row * self.dy, self.y + column * self.dy + row * self.dx]
    }

    /// The same frame in a picture whose pixels are blocks of `shrink` pixels from (x, y).
    fn within(&self, x: u32, y: u32, shrink: f32) -> Self {
        Self {
            x: (self.x - x as f32) / shrink,
            y: (self.y - y as f32) / shrink,
            dx: self.dx / shrink,
            dy: self.dy / shrink,
        }
    }

    /// Reads the crop out of the picture, bilinear between the middles of the pixels.
    ///
    /// Places count in 1/65536 of a pixel, shares in 1/256: finer than eight bits of colour can show.
    fn sample(&self, picture: &RgbImage) -> RgbImage {
        const ONE: f32 = 65536.0;
        let (last_x, last_y) = (i64::from(picture.width() - 1), i64::from(picture.height() - 1));
        let stride = 3 * picture.width() as usize;
        let source: &[u8] = picture.as_raw();
        let pixel_at =
            |at: usize| -> [u32; 3] { [source[at], source[at + 1], source[at + 2]].map(u32::from) };
        let (step_x, step_y) = ((self.dx * ONE) as i64, (self.dy * ONE) as i64);
        let mut crop = RgbImage::new(SIDE, SIDE);
        for (row, line) in crop.chunks_exact_mut(3 * SIDE as usize).enumerate() {
            let [x, y] = self.at(0.5, row as f32 + 0.5);
            // The casts saturate, far enough from the ends of the type for the steps that follow.
            let start = |place: f32| ((place - 0.5).clamp(-1e9, 1e9) * ONE) as i64;
            let (mut x, mut y) = (start(x), start(y));
            for pixel in line.as_chunks_mut::<3>().0 {
                let (left, top) = (x.clamp(0, last_x << 16), y.clamp(0, last_y << 16));
                let (right_share, lower_share) = ((left >> 8 & 255) as u32, (top >> 8 & 255) as u32);
                let (left, top) = ((left >> 16) as usize, (top >> 16) as usize);
                let right = if (left as i64) < last_x { 3 } else { 0 };
                let below = if (top as i64) < last_y { stride } else { 0 };
                let at = top * stride + 3 * left;
                let around = [at, at + right, at + below, at + below + right].map(pixel_at);
                let (left_share, upper_share) = (256 - right_share, 256 - lower_share);
                let shares = [
                    left_share * upper_share,
                    right_share * upper_share,
                    left_share * lower_share,
                    right_share * lower_share,
                ];
                for (channel, value) in pixel.iter_mut().enumerate() {
                    let sum: u32 =
                        around.iter().zip(shares).map(|(pixel, share)| pixel[channel] * share).sum();
                    // A mean of bytes, rounded: it fits.
                    *value = ((sum + (1 << 15)) >> 16) as u8;
                }
                (x, y) = (x + step_x, y + step_y);
            }
        }
        crop
    }
}

/// The part of the picture under the frame, blocks of `shrink` x `shrink` pixels averaged into one; and the place of its
/// upper left corner. The blocks at the far edges may be smaller.
fn reduce(picture: &RgbImage, frame: &Frame, shrink: u32) -> (RgbImage, u32, u32) {
    let side = SIDE as f32;
    let corners = [frame.at(0.0, 0.0), frame.at(side, 0.0), frame.at(0.0, side), frame.at(side, side)];
    // One block more on each side, for the bilinear neighbours. The cast saturates at 0 and at the largest number.
    let range = |axis: usize, length: u32| {
        let low = corners.iter().map(|corner| corner[axis]).fold(f32::INFINITY, f32::min);
        let high = corners.iter().map(|corner| corner[axis]).fold(f32::NEG_INFINITY, f32::max);
        let start = ((low - shrink as f32) as u32).min(length - 1);
        let end = ((high + shrink as f32) as u32).clamp(start + 1, length);
        (start, end)
    };
    let (x0, x1) = range(0, picture.width());
    let (y0, y1) = range(1, picture.height());
    let reduced = RgbImage::from_fn((x1 - x0).div_ceil(shrink), (y1 - y0).div_ceil(shrink), |column, row| {
        let (left, top) = (x0 + column * shrink, y0 + row * shrink);
        let (right, bottom) = ((left + shrink).min(x1), (top + shrink).min(y1));
        let mut sums = [0u32; 3];
        for y in top..bottom {
            let from = 3 * (y as usize * picture.width() as usize + left as usize);
            let line = &picture.as_raw()[from..from + 3 * (right - left) as usize];
            for pixel in line.as_chunks::<3>().0 {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*value);
                }
            }
        }
        let count = (right - left) * (bottom - top);
        image::Rgb(sums.map(|sum| ((sum + count / 2) / count) as u8))
    });
    (reduced, x0, y0)
}

#[cfg(test)]
#[path = "crop_tests.rs"]
mod tests;
