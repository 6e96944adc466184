//! One file -> what was heard.

use std::path::Path;

use ebur128::{EbuR128, Mode};

use super::decode::{self, Block};
use super::features::{Analyser, Loudness};
use super::resample::Resampler;
use super::{ListenError, Tags};

/// What is refused, and where listening ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Seconds from the beginning that are analysed; the rest is not decoded.
    pub max_seconds: f64,
    /// Least seconds of sound that are needed.
    pub min_seconds: f64,
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Highest sampling rate, Hz.
    pub max_sample_rate_hz: u32,
    pub max_channels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_seconds: 900.0,
            min_seconds: 1.0,
            max_bytes: 4 << 30,
            max_sample_rate_hz: 384_000,
            max_channels: 32,
        }
    }
}

/// Peak below which a clip is silent: -80 dBFS, under the noise of any 14-bit recording.
const SILENCE: f32 = 1e-4;

/// What was heard in a file.
#[derive(Clone, Debug)]
pub struct Listened {
    pub tags: Tags,
    /// Length of the sound, seconds: what was decoded or, where the limit ended it, what the container states.
    pub duration_s: f64,
    /// Seconds that the features cover, from the beginning.
    pub analysed_s: f64,
    /// The file's own rate, Hz.
    pub sample_rate_hz: u32,
    pub channels: u32,
    /// Beats a minute, 40 to 240; none where no pulse is found.
    pub tempo_bpm: Option<f32>,
    /// Such as `A minor`; none where nothing tonal sounds.
    pub key: Option<String>,
    /// Integrated loudness by EBU R128, LUFS; none below its gate of -70.
    pub loudness_lufs: Option<f32>,
    /// Values in the order of [`features::catalogue`](super::features::catalogue), all finite.
    pub features: Vec<f32>,
    /// Why the row is `partial`: what of the file was damaged or missing.
    pub partial: Option<String>,
}

/// Listens to a file.
///
/// # Errors
/// See [`ListenError`]; whatever it is, the file costs one row. A decoder that panics is the caller's to fence.
pub fn analyse(path: &Path, limits: &Limits) -> Result<Listened, ListenError> {
    let mut opened = decode::open(path, limits)?;
    let stated_s = opened.stated_s;
    let mut analyser = Analyser::new();
    let mut chain: Option<Chain> = None;
    let (mut mono, mut peak) = (Vec::new(), 0.0f32);
    let refused = |detail: String| ListenError::Unsupported { path: path.to_owned(), detail };

    let heard = opened.decode(limits, |block| {
        let chain = match &mut chain {
            Some(chain) => chain,
            none => none.insert(Chain::new(&block).map_err(refused)?),
        };
        mix(block.planes, &mut mono);
        peak = mono.iter().fold(peak, |top, x| top.max(x.abs()));
        chain.meter(block.planes);
        chain.resampler.push(&mono, &mut |part: &[f32]| analyser.push(part)).map_err(refused)
    })?;

    let seconds = heard.frames as f64 / f64::from(heard.rate_hz);
    if seconds < limits.min_seconds {
        return Err(ListenError::TooShort { path: path.to_owned(), seconds, needed: limits.min_seconds });
    }
    if peak < SILENCE {
        let peak_dbfs = 20.0 * f64::from(peak.max(1e-9)).log10();
        return Err(ListenError::Silent { path: path.to_owned(), peak_dbfs });
    }
    let mut loudness = Loudness::default();
    if let Some(chain) = chain {
        loudness = chain.loudness();
        chain.resampler.finish(&mut |part: &[f32]| analyser.push(part)).map_err(refused)?;
    }
    let analysis = analyser.finish(&loudness);
    Ok(Listened {
        tags: std::mem::take(&mut opened.tags),
        duration_s: if heard.cut { stated_s.unwrap_or(seconds).max(seconds) } else { seconds },
        analysed_s: seconds,
        sample_rate_hz: heard.rate_hz,
        channels: u32::try_from(heard.channels).unwrap_or(u32::MAX),
        tempo_bpm: analysis.tempo_bpm,
        key: analysis.key.map(|key| key.to_string()),
        loudness_lufs: (loudness.integrated_lufs > -70.0).then_some(loudness.integrated_lufs as f32),
        features: analysis.features,
        partial: heard.damage,
    })
}

/// What the first block decides: rate and channels.
struct Chain {
    resampler: Resampler,
    /// None where the rate or the channels are beyond the meter.
    meter: Option<EbuR128>,
}

impl Chain {
    fn new(block: &Block<'_>) -> Result<Self, String> {
        let channels = u32::try_from(block.planes.len()).unwrap_or(u32::MAX);
        let meter = EbuR128::new(channels, block.rate_hz, Mode::I | Mode::LRA).ok();
        Ok(Self { resampler: Resampler::new(block.rate_hz)?, meter })
    }

    fn meter(&mut self, planes: &[Vec<f32>]) {
        let Some(meter) = &mut self.meter else { return };
        // One or two channels by far the most often: no allocation for them.
        let fed = match planes {
            [one] => meter.add_frames_planar_f32(&[one]),
            [left, right] => meter.add_frames_planar_f32(&[left, right]),
            many => meter.add_frames_planar_f32(&many.iter().map(Vec::as_slice).collect::<Vec<_>>()),
        };
        if fed.is_err() {
            self.meter = None;
        }
    }

    fn loudness(&self) -> Loudness {
        let silent = Loudness::default();
        let Some(meter) = &self.meter else { return silent };
        let finite = |value: Result<f64, ebur128::Error>, otherwise: f64| {
            value.ok().filter(|x| x.is_finite()).unwrap_or(otherwise)
        };
        Loudness {
            integrated_lufs: finite(meter.loudness_global(), silent.integrated_lufs)
                .max(silent.integrated_lufs),
            range_lu: finite(meter.loudness_range(), silent.range_lu),
        }
    }
}

/// The mean of the channels.
fn mix(planes: &[Vec<f32>], mono: &mut Vec<f32>) {
    mono.clear();
    match planes {
        [] => {}
        [one] => mono.extend_from_slice(one),
        [left, right] => mono.extend(left.iter().zip(right).map(|(l, r)| 0.5 * (l + r))),
        [first, rest @ ..] => {
            mono.extend_from_slice(first);
            for plane in rest {
                mono.iter_mut().zip(plane).for_each(|(m, x)| *m += x);
            }
            let scale = 1.0 / planes.len() as f32;
            mono.iter_mut().for_each(|m| *m *= scale);
        }
    }
}
