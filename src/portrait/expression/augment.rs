//! Changes to training faces: where they lie, how they are lit, how they are painted.
//!
//! Each face's changes are drawn from a generator seeded by (seed, epoch, index), so that a run that is resumed, or
//! that prepares its batches on other threads, sees the same pictures.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::preprocess::from_levels;
use super::settings::AugmentSettings;
use crate::datasets::faces::SIDE;

/// The generator of one face in one epoch.
pub fn generator(seed: u64, epoch: usize, index: usize) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    // Streams of ChaCha are independent: 2^40 faces an epoch are enough.
    generator.set_stream(((epoch as u64) << 40) | index as u64);
    generator
}

/// A face of [`SIDE`] x `SIDE` grey levels as `side` x `side`, appended to `out`: bilinear interpolation, pixel
/// centres at half integers, edges repeated.
pub fn plain(grey: &[f32], side: usize, out: &mut Vec<f32>) {
    sample(grey, Placement::identity(), side, out);
}

/// A face changed at random, `side` x `side` grey levels in 0 to 1, appended to `out`.
pub fn augmented(
    pixels: &[u8],
    settings: &AugmentSettings,
    side: usize,
    random: &mut impl Rng,
    out: &mut Vec<f32>,
) {
    let mut grey = from_levels(pixels);
    if chance(random, settings.paint) {
        grey = kuwahara(&grey).into();
    }
    if chance(random, settings.blur) {
        grey = blur(&grey).into();
    }
    let placement = Placement::draw(settings, random);
    let start = out.len();
    sample(&grey, placement, side, out);
    let face = &mut out[start..];
    light(face, settings, random);
    let [noise_chance, most_noise] = settings.noise;
    if chance(random, noise_chance) {
        noise(face, random.random_range(0.0..=most_noise.max(0.0)), random);
    }
    if chance(random, settings.posterise) {
        let steps = random.random_range(3..16) as f32;
        face.iter_mut().for_each(|p| *p = (*p * steps).round() / steps);
    }
    if chance(random, settings.erase) {
        erase(face, side, random);
    }
}

fn chance(random: &mut impl Rng, probability: f32) -> bool {
    random.random::<f32>() < probability
}

/// A number in -most to most.
fn either_way(random: &mut impl Rng, most: f32) -> f32 {
    (random.random::<f32>() * 2.0 - 1.0) * most
}

/// Where the picture looks into the face: source = matrix * (target - 1/2) + middle, in shares of the side.
struct Placement {
    matrix: [f32; 4],
    middle: [f32; 2],
}

impl Placement {
    fn identity() -> Self {
        Self { matrix: [1.0, 0.0, 0.0, 1.0], middle: [0.5, 0.5] }
    }

    fn draw(settings: &AugmentSettings, random: &mut impl Rng) -> Self {
        let flipped = chance(random, 0.5) && settings.flip;
        let (sin, cos) = either_way(random, settings.rotate_degrees).to_radians().sin_cos();
        let [least, most] = settings.zoom;
        let scale = 1.0 / (least + (most - least) * random.random::<f32>());
        let mirror = if flipped { -1.0 } else { 1.0 };
        Self {
            matrix: [mirror * scale * cos, -scale * sin, mirror * scale * sin, scale * cos],
            middle: [0.5 + either_way(random, settings.shift), 0.5 + either_way(random, settings.shift)],
        }
    }
}

/// Bilinear interpolation of the placed picture; beyond the edges the edge is repeated.
fn sample(grey: &[f32], placement: Placement, side: usize, out: &mut Vec<f32>) {
    let ([a, b, c, d], [mx, my]) = (placement.matrix, placement.middle);
    let last = (SIDE - 1) as f32;
    let (full, step) = (SIDE as f32, 1.0 / side as f32);
    out.reserve(side * side);
    for row in 0..side {
        let v = (row as f32 + 0.5) * step - 0.5;
        for column in 0..side {
            let u = (column as f32 + 0.5) * step - 0.5;
            let x = ((a * u + b * v + mx) * full - 0.5).clamp(0.0, last);
            let y = ((c * u + d * v + my) * full - 0.5).clamp(0.0, last);
            let (left, top) = (x as usize, y as usize);
            let (right, bottom) = ((left + 1).min(SIDE - 1), (top + 1).min(SIDE - 1));
            let (fx, fy) = (x - left as f32, y - top as f32);
            let (upper, lower) = (&grey[top * SIDE..], &grey[bottom * SIDE..]);
            let over = upper[left] + (upper[right] - upper[left]) * fx;
            let under = lower[left] + (lower[right] - lower[left]) * fx;
            out.push(over + (under - over) * fy);
        }
    }
}

fn light(face: &mut [f32], settings: &AugmentSettings, random: &mut impl Rng) {
    let contrast = 1.0 + either_way(random, settings.contrast);
    let shift = either_way(random, settings.brightness);
    let gamma = either_way(random, settings.gamma).exp2();
    let mean = face.iter().sum::<f32>() / face.len().max(1) as f32;
    // One table of 256 powers instead of a power a pixel.
    let powers: Vec<f32> = (0..=255).map(|level| (level as f32 / 255.0).powf(gamma)).collect();
    for p in face {
        let lit = ((*p - mean) * contrast + mean + shift).clamp(0.0, 1.0);
        *p = powers[(lit * 255.0 + 0.5) as usize];
    }
}

/// Noise of a deviation: the sum of four bytes is near enough to a Gaussian.
fn noise(face: &mut [f32], deviation: f32, random: &mut impl Rng) {
    // Four independent uniform bytes have a standard deviation of 2 sqrt((256^2 - 1) / 12).
    let scale = deviation / 147.8;
    for p in face {
        let sum: f32 = random.random::<u32>().to_le_bytes().into_iter().map(f32::from).sum();
        *p = (*p + (sum - 510.0) * scale).clamp(0.0, 1.0);
    }
}

/// A rectangle of 2 to 15 % of the face in one grey level.
fn erase(face: &mut [f32], side: usize, random: &mut impl Rng) {
    let area = (0.02 + 0.13 * random.random::<f32>()) * (side * side) as f32;
    let ratio = either_way(random, 1.0).exp2();
    let width = ((area * ratio).sqrt() as usize).clamp(1, side);
    let height = ((area / ratio).sqrt() as usize).clamp(1, side);
    let left = random.random_range(0..=side - width);
    let top = random.random_range(0..=side - height);
    let level = random.random::<f32>();
    for row in top..top + height {
        face[row * side + left..row * side + left + width].fill(level);
    }
}

/// A blur of 3 x 3 with weights 1 2 1.
fn blur(grey: &[f32]) -> Vec<f32> {
    let at = |x: usize, y: usize, dx: isize, dy: isize| {
        let x = x.saturating_add_signed(dx).min(SIDE - 1);
        let y = y.saturating_add_signed(dy).min(SIDE - 1);
        grey[y * SIDE + x]
    };
    let mut out = Vec::with_capacity(grey.len());
    for y in 0..SIDE {
        for x in 0..SIDE {
            let row = |dy| at(x, y, -1, dy) + 2.0 * at(x, y, 0, dy) + at(x, y, 1, dy);
            out.push((row(-1) + 2.0 * row(0) + row(1)) / 16.0);
        }
    }
    out
}

/// The filter of Kuwahara et al. (1976), window 5 x 5: each pixel becomes the mean of the calmest of the four 3 x 3
/// squares that meet in it.
fn kuwahara(grey: &[f32]) -> Vec<f32> {
    let clamp = |v: isize| v.clamp(0, SIDE as isize - 1) as usize;
    // Mean and variance of the 3 x 3 square round each pixel.
    let squares: Vec<(f32, f32)> = (0..SIDE * SIDE)
        .map(|i| {
            let (x, y) = ((i % SIDE) as isize, (i / SIDE) as isize);
            let (mut sum, mut squared) = (0.0, 0.0);
            for row in y - 1..=y + 1 {
                for column in x - 1..=x + 1 {
                    let p = grey[clamp(row) * SIDE + clamp(column)];
                    sum += p;
                    squared += p * p;
                }
            }
            let mean = sum / 9.0;
            (mean, squared / 9.0 - mean * mean)
        })
        .collect();
    (0..SIDE * SIDE)
        .map(|i| {
            let (x, y) = ((i % SIDE) as isize, (i / SIDE) as isize);
            let around = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
                .map(|(dx, dy)| squares[clamp(y + dy) * SIDE + clamp(x + dx)]);
            let calmest = around.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
            calmest.map_or(grey[i], |(mean, _)| mean)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::faces::PIXELS;

    fn face() -> Vec<u8> {
        (0..PIXELS).map(|i| ((i % SIDE) * 5) as u8).collect()
    }

    #[test]
    fn the_same_seed_epoch_and_index_give_the_same_picture() {
        let draw = |epoch, index| {
            let mut out = Vec::new();
            augmented(&face(), &AugmentSettings::default(), 64, &mut generator(7, epoch, index), &mut out);
            assert_eq!(out.len(), 64 * 64);
            assert!(out.iter().all(|p| (0.0..=1.0).contains(p)));
            out
        };
        assert_eq!(draw(3, 5), draw(3, 5));
        assert_ne!(draw(3, 5), draw(3, 6));
        assert_ne!(draw(3, 5), draw(4, 5));
    }

    #[test]
    fn plain_at_the_same_size_is_the_face() {
        let mut out = Vec::new();
        plain(&from_levels(&face()), SIDE, &mut out);
        for (p, level) in out.iter().zip(face()) {
            assert!((p * 255.0 - f32::from(level)).abs() < 1e-3);
        }
    }

    #[test]
    fn smoothing_leaves_even_faces_alone_and_keeps_edges() {
        let even = vec![0.5; PIXELS];
        assert!(kuwahara(&even).iter().chain(&blur(&even)).all(|p| (p - 0.5).abs() < 1e-6));
        let edge: Vec<f32> = (0..PIXELS).map(|i| if i % SIDE < 20 { 0.0 } else { 1.0 }).collect();
        let painted = kuwahara(&edge);
        assert!(painted.iter().zip(&edge).all(|(p, q)| (p - q).abs() < 1e-6));
    }

    #[test]
    fn noise_has_the_deviation_it_is_given() {
        let mut face = vec![0.5; 20_000];
        noise(&mut face, 0.05, &mut generator(1, 0, 0));
        let variance = face.iter().map(|p| (p - 0.5).powi(2)).sum::<f32>() / face.len() as f32;
        assert!((variance.sqrt() - 0.05).abs() < 0.002);
    }
}
