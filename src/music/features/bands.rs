//! Level and movement of eight wide bands.

use super::mel::{BANDS, Mel};
use super::moments::Moments;
use super::row::{About, Row};

/// Wide bands: sixteen mel bands each.
const WIDE: usize = 8;
/// Distances over which movement is measured, in frames: 46, 186 and 743 ms (a note, a beat, a bar's part).
const LAGS: [usize; 3] = [2, 8, 32];

pub fn write(mel: &Mel, row: &mut Row) {
    let mut series: [Vec<f32>; WIDE] = Default::default();
    let (mut over_time, mut over_pitch) = (Moments::default(), Moments::default());
    let mut last: Option<&[f32; BANDS]> = None;
    for frame in mel.frames() {
        let (wide, _) = frame.as_chunks::<{ BANDS / WIDE }>();
        for (band, group) in series.iter_mut().zip(wide) {
            band.push(group.iter().sum::<f32>() / group.len() as f32);
        }
        let steps: f32 = frame.windows(2).map(|w| (w[1] - w[0]).abs()).sum();
        over_pitch.add(steps / (BANDS - 1) as f32);
        if let Some(last) = last {
            let steps: f32 = frame.iter().zip(last).map(|(a, b)| (a - b).abs()).sum();
            over_time.add(steps / BANDS as f32);
        }
        last = Some(frame);
    }

    let level = About::new("level of a wide band of pitch", "dB", -100.0, 100.0);
    let change = About::new("mean change of a wide band's level over 46, 186 or 743 ms", "dB", 0.0, 80.0);
    for (k, band) in series.iter().enumerate() {
        let mut moments = Moments::default();
        band.iter().for_each(|&x| moments.add(x));
        moments.write_two(row, level, &format!("band_{k}"));
        for lag in LAGS {
            let steps: f64 =
                band.iter().zip(band.iter().skip(lag)).map(|(a, b)| f64::from((a - b).abs())).sum();
            let mean = steps / band.len().saturating_sub(lag) as f64;
            row.put(change, mean, || format!("band_{k}_change_{}", lag * 23));
        }
    }
    let step = About::new("mean step from one frame (band) to the next", "dB", 0.0, 80.0);
    over_time.write_two(row, step, "steps_over_time");
    over_pitch.write_two(row, step, "steps_over_pitch");
    let ratio = About::new("percussive (high) against sustained sound (low)", "1", 0.0, f32::INFINITY);
    row.put(ratio, over_time.mean() / over_pitch.mean(), || "percussiveness".into());
}
