//! Mono blocks of any rate -> mono blocks at the rate of analysis.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

/// Rate at which the features are computed: librosa's default, so that figures compare.
pub const ANALYSIS_RATE_HZ: u32 = 22_050;

/// Frames that one step of the resampler takes in; long enough for a transition band of about 1 % of the rate.
const CHUNK: usize = 4096;

/// At least [`CHUNK`] frames, an even number of the shortest chunks that both rates divide: the delay of the
/// filter, half of what a chunk gives, is then a whole number of frames.
fn chunk(rate_hz: u32) -> usize {
    let (mut a, mut b) = (rate_hz, ANALYSIS_RATE_HZ);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let unit = 2 * (rate_hz / a.max(1)).max(1) as usize;
    CHUNK.div_ceil(unit) * unit
}

/// A streaming resampler of one channel whose start-up delay is cut off.
pub struct Resampler {
    /// None where the rate is already that of analysis.
    inner: Option<Fft<f32>>,
    ratio: f64,
    waiting: Vec<f32>,
    output: Vec<f32>,
    /// Frames of start-up delay still to be cut off.
    to_trim: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// A resampler from `rate_hz`.
    ///
    /// # Errors
    /// A sentence where the rate is 0 or has no usable ratio to [`ANALYSIS_RATE_HZ`].
    pub fn new(rate_hz: u32) -> Result<Self, String> {
        let inner = if rate_hz == ANALYSIS_RATE_HZ {
            None
        } else {
            let (from, to) = (rate_hz as usize, ANALYSIS_RATE_HZ as usize);
            Some(Fft::new(from, to, chunk(rate_hz), 1, FixedSync::Both).map_err(|e| e.to_string())?)
        };
        let to_trim = inner.as_ref().map_or(0, |r| r.output_delay());
        let ratio = f64::from(ANALYSIS_RATE_HZ) / f64::from(rate_hz.max(1));
        Ok(Self { inner, ratio, waiting: Vec::new(), output: Vec::new(), to_trim, taken: 0, given: 0 })
    }

    /// Takes a block in and hands what is ready to `sink`.
    ///
    /// # Errors
    /// A sentence where the resampler refuses a block, which its documentation excludes.
    pub fn push(&mut self, block: &[f32], sink: &mut impl FnMut(&[f32])) -> Result<(), String> {
        self.taken += block.len() as u64;
        let Some(inner) = &mut self.inner else {
            self.given += block.len() as u64;
            sink(block);
            return Ok(());
        };
        self.waiting.extend_from_slice(block);
        let mut start = 0;
        while self.waiting.len() - start >= inner.input_frames_next() {
            let needed = inner.input_frames_next();
            let chunk = &self.waiting[start..start + needed];
            let made = step(inner, chunk, None, &mut self.output)?;
            start += needed;
            let cut = self.to_trim.min(made);
            self.to_trim -= cut;
            self.given += (made - cut) as u64;
            sink(&self.output[cut..made]);
        }
        self.waiting.drain(..start);
        Ok(())
    }

    /// Hands out the rest, so that as many frames have come out as went in, by the ratio of the rates.
    ///
    /// # Errors
    /// As [`Resampler::push`].
    pub fn finish(mut self, sink: &mut impl FnMut(&[f32])) -> Result<(), String> {
        let expected = (self.taken as f64 * self.ratio).round() as u64;
        let Some(inner) = &mut self.inner else { return Ok(()) };
        let mut rest = std::mem::take(&mut self.waiting);
        while self.given < expected {
            let valid = rest.len();
            rest.resize(inner.input_frames_next(), 0.0);
            let made = step(inner, &rest, Some(valid), &mut self.output)?;
            rest.clear();
            let cut = self.to_trim.min(made);
            self.to_trim -= cut;
            let wanted = usize::try_from(expected - self.given).unwrap_or(usize::MAX);
            let end = made.min(cut.saturating_add(wanted));
            self.given += (end - cut) as u64;
            sink(&self.output[cut..end]);
        }
        Ok(())
    }
}

/// One step of the resampler into `output`; returns the frames made.
fn step(
    inner: &mut Fft<f32>,
    chunk: &[f32],
    valid: Option<usize>,
    output: &mut Vec<f32>,
) -> Result<usize, String> {
    output.resize(inner.output_frames_next(), 0.0);
    let frames = output.len();
    let from = InterleavedSlice::new(chunk, 1, chunk.len()).map_err(|e| e.to_string())?;
    let mut to = InterleavedSlice::new_mut(output, 1, frames).map_err(|e| e.to_string())?;
    let indexing = Indexing { partial_len: valid, ..Indexing::default() };
    let (_, made) = inner.process_into_buffer(&from, &mut to, Some(&indexing)).map_err(|e| e.to_string())?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone of 440 Hz at `rate`, resampled in uneven blocks.
    fn resampled(rate: u32) -> Vec<f32> {
        let tone: Vec<f32> = (0..rate * 2)
            .map(|n| (std::f64::consts::TAU * 440.0 * f64::from(n) / f64::from(rate)).sin() as f32)
            .collect();
        let mut out = Vec::new();
        let mut resampler = Resampler::new(rate).unwrap();
        let mut sink = |block: &[f32]| out.extend_from_slice(block);
        for block in tone.chunks(1152) {
            resampler.push(block, &mut sink).unwrap();
        }
        resampler.finish(&mut sink).unwrap();
        out
    }

    #[test]
    fn a_tone_stays_where_it_is_at_every_rate() {
        for rate in [8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000] {
            let out = resampled(rate);
            assert_eq!(out.len(), 2 * ANALYSIS_RATE_HZ as usize, "at {rate} Hz");
            // The ends ring; the middle must agree to -60 dB, in phase.
            for (n, &y) in out.iter().enumerate().skip(5_000).take(30_000) {
                let wanted = (std::f64::consts::TAU * 440.0 * n as f64 / 22_050.0).sin() as f32;
                assert!((y - wanted).abs() < 1e-3, "at {rate} Hz, frame {n}: {y} is not {wanted}");
            }
        }
    }
}
