//! Sound file -> blocks of planar samples at the file's own rate.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::{Limits, ListenError, Tags};

/// Every decoder of Symphonia, and Opus.
static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
});

/// Bytes of tags that are kept; pictures are skipped.
const TAG_BYTES: usize = 1 << 20;

/// Packets in a row that may fail before the rest of a file is given up.
const BAD_PACKETS_IN_A_ROW: u32 = 500;

/// A file whose container was understood and whose sound can be asked for.
pub struct Opened {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    pub tags: Tags,
    /// Length that the container states, in seconds.
    pub stated_s: Option<f64>,
}

/// What decoding met.
#[derive(Debug, Default)]
pub struct Heard {
    /// Frames decoded.
    pub frames: u64,
    /// Sampling rate, Hz; 0 before the first block.
    pub rate_hz: u32,
    pub channels: usize,
    /// Why the file is not whole, if it is not.
    pub damage: Option<String>,
    /// Whether the limit on the seconds to be analysed ended it.
    pub cut: bool,
}

/// One decoded block: a slice a channel, all of one length, every sample finite.
pub struct Block<'a> {
    pub planes: &'a [Vec<f32>],
    pub rate_hz: u32,
}

/// Opens a file and finds its sound.
///
/// # Errors
/// `Io`, `TooLarge` by its bytes, rate or channels, `Unsupported` where no sound is found, `Decode` where it is empty.
pub fn open(path: &Path, limits: &Limits) -> Result<Opened, ListenError> {
    let io = |source| ListenError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    let about = file.metadata().map_err(io)?;
    if !about.is_file() {
        return Err(io(std::io::Error::new(ErrorKind::InvalidInput, "not a file")));
    }
    if about.len() == 0 {
        return Err(ListenError::Decode { path: path.to_owned(), detail: "the file is empty".into() });
    }
    if about.len() > limits.max_bytes {
        let detail = format!("{} bytes, the limit is {}", about.len(), limits.max_bytes);
        return Err(ListenError::TooLarge { path: path.to_owned(), detail });
    }

    let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
        hint.with_extension(extension);
    }
    let metadata = MetadataOptions::default()
        .limit_tag_bytes(Limit::Maximum(TAG_BYTES))
        .limit_visual_bytes(Limit::Maximum(0));
    let mut format = symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), metadata)
        .map_err(|e| not_a_container(path, e))?;
    let mut tags = Tags::default();
    tags.read(format.as_mut());

    let track = pick(format.as_ref(), path)?;
    let track_id = track.id;
    let stated_s = track
        .time_base
        .zip(track.duration)
        .map(|(base, d)| d.get() as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get()))
        .filter(|s| s.is_finite() && *s > 0.0);
    let decoder = decoder_of(track, path)?;
    let params = decoder.codec_params();
    check_shape(path, limits, params.sample_rate, params.channels.as_ref().map(|c| c.count()))?;
    Ok(Opened { path: path.to_owned(), format, decoder, track_id, tags, stated_s })
}

fn not_a_container(path: &Path, error: Error) -> ListenError {
    match error {
        Error::IoError(source) if source.kind() != ErrorKind::UnexpectedEof => {
            ListenError::Io { path: path.to_owned(), source }
        }
        Error::IoError(_) | Error::Unsupported(_) => ListenError::Unsupported {
            path: path.to_owned(),
            detail: "it holds no known container of sound".into(),
        },
        other => ListenError::Decode { path: path.to_owned(), detail: other.to_string() },
    }
}

/// The default track of sound, or the first whose codec is known; pictures and films are passed over.
fn pick<'a>(format: &'a dyn FormatReader, path: &Path) -> Result<&'a Track, ListenError> {
    format
        .default_track(TrackType::Audio)
        .or_else(|| format.first_track_known_codec(TrackType::Audio))
        .or_else(|| format.first_track(TrackType::Audio))
        .ok_or_else(|| ListenError::Unsupported {
            path: path.to_owned(),
            detail: "its container holds no sound".into(),
        })
}

fn decoder_of(track: &Track, path: &Path) -> Result<Box<dyn AudioDecoder>, ListenError> {
    let unsupported = |detail: String| ListenError::Unsupported { path: path.to_owned(), detail };
    let params = track.codec_params.as_ref().and_then(|p| p.audio());
    let params = params.ok_or_else(|| unsupported("its codec is unknown".into()))?;
    CODECS
        .make_audio_decoder(params, &AudioDecoderOptions::default())
        .map_err(|e| unsupported(format!("its codec cannot be decoded: {e}")))
}

fn check_shape(
    path: &Path,
    limits: &Limits,
    rate_hz: Option<u32>,
    channels: Option<usize>,
) -> Result<(), ListenError> {
    let too_large = |detail| Err(ListenError::TooLarge { path: path.to_owned(), detail });
    match (rate_hz, channels) {
        (Some(rate), _) if rate > limits.max_sample_rate_hz => {
            too_large(format!("{rate} Hz, the limit is {}", limits.max_sample_rate_hz))
        }
        (_, Some(n)) if n > limits.max_channels => {
            too_large(format!("{n} channels, the limit is {}", limits.max_channels))
        }
        _ => Ok(()),
    }
}

impl Opened {
    /// Decodes block by block until the end, the limit in seconds, or damage that cannot be passed; what was heard
    /// before damage counts.
    ///
    /// # Errors
    /// `Io` where reading fails, `Decode` where not a single block could be decoded, `TooLarge` where the stream
    /// turns out to have more channels or a higher rate than allowed, and whatever `sink` returns.
    pub fn decode(
        &mut self,
        limits: &Limits,
        mut sink: impl FnMut(Block<'_>) -> Result<(), ListenError>,
    ) -> Result<Heard, ListenError> {
        let mut heard = Heard::default();
        let mut planes: Vec<Vec<f32>> = Vec::new();
        let (mut bad, mut bad_in_a_row, mut not_numbers) = (0u64, 0u32, 0u64);
        let mut stopped: Option<String> = None;
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(Error::IoError(e)) if e.kind() == ErrorKind::UnexpectedEof => {
                    stopped = Some("it ends in the middle of a packet".into());
                    break;
                }
                Err(Error::IoError(source)) => {
                    return Err(ListenError::Io { path: self.path.clone(), source });
                }
                // A chain of streams, as live recordings of Ogg are; the next one is read like the first.
                Err(Error::ResetRequired) => match self.restart() {
                    Ok(()) => continue,
                    Err(e) => {
                        stopped = Some(e);
                        break;
                    }
                },
                Err(e) => {
                    stopped = Some(e.to_string());
                    break;
                }
            };
            if packet.track_id != self.track_id {
                continue;
            }
            let decoded = match self.decoder.decode(&packet) {
                Ok(decoded) => decoded,
                Err(Error::ResetRequired) => {
                    self.decoder.reset();
                    continue;
                }
                Err(e) => {
                    bad += 1;
                    bad_in_a_row += 1;
                    if bad_in_a_row >= BAD_PACKETS_IN_A_ROW {
                        stopped = Some(format!("{bad_in_a_row} damaged packets in a row, the last: {e}"));
                        break;
                    }
                    continue;
                }
            };
            bad_in_a_row = 0;
            if decoded.is_empty() {
                continue;
            }
            let (rate_hz, channels) = (decoded.spec().rate(), decoded.num_planes());
            check_shape(&self.path, limits, Some(rate_hz), Some(channels))?;
            if rate_hz == 0 || channels == 0 {
                continue;
            }
            if heard.rate_hz != 0 && (heard.rate_hz, heard.channels) != (rate_hz, channels) {
                stopped = Some("the rate or the number of channels changes on the way".into());
                break;
            }
            (heard.rate_hz, heard.channels) = (rate_hz, channels);
            decoded.copy_to_vecs_planar(&mut planes);
            planes.truncate(channels);

            let room = (limits.max_seconds * f64::from(rate_hz)) as u64 - heard.frames;
            let frames = planes[0].len().min(usize::try_from(room).unwrap_or(usize::MAX));
            for plane in &mut planes {
                plane.truncate(frames);
                not_numbers += silence_what_is_not_a_number(plane);
            }
            heard.frames += frames as u64;
            sink(Block { planes: &planes, rate_hz })?;
            if frames as u64 == room {
                heard.cut = true;
                break;
            }
        }
        if heard.frames == 0 {
            let detail = stopped.unwrap_or_else(|| format!("no packet could be decoded, {bad} are damaged"));
            return Err(ListenError::Decode { path: self.path.clone(), detail });
        }
        heard.damage = self.damage(&heard, stopped, bad, not_numbers);
        Ok(heard)
    }

    /// Takes up the track of sound that follows in a chain.
    fn restart(&mut self) -> Result<(), String> {
        let track = pick(self.format.as_ref(), &self.path).map_err(|e| e.to_string())?;
        self.track_id = track.id;
        self.decoder = decoder_of(track, &self.path).map_err(|e| e.to_string())?;
        Ok(())
    }

    /// One sentence about what is missing, or none.
    fn damage(&self, heard: &Heard, stopped: Option<String>, bad: u64, not_numbers: u64) -> Option<String> {
        let seconds = heard.frames as f64 / f64::from(heard.rate_hz);
        if let Some(why) = stopped {
            return Some(format!("only the first {seconds:.1} s could be decoded: {why}"));
        }
        // Estimates from the bit rate are off by a little; a real cut is off by more.
        if let Some(stated) = self.stated_s.filter(|s| !heard.cut && seconds + 1.0 < s * 0.98) {
            return Some(format!("{seconds:.1} s of the {stated:.1} s that it states"));
        }
        // The first frames of a cut mp3 lean on bytes that are gone; that is no damage worth a word.
        if bad > 3 {
            return Some(format!("{bad} damaged packets were left out"));
        }
        (not_numbers > 0).then(|| format!("{not_numbers} samples that are no numbers were silenced"))
    }
}

/// Sets samples that are not finite to 0 and counts them.
fn silence_what_is_not_a_number(plane: &mut [f32]) -> u64 {
    // The sum of finite samples is finite: one cheap pass in the common case.
    if plane.iter().map(|x| x * 0.0).sum::<f32>() == 0.0 {
        return 0;
    }
    let mut count = 0;
    for x in plane.iter_mut().filter(|x| !x.is_finite()) {
        *x = 0.0;
        count += 1;
    }
    count
}
