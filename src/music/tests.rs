//! Files of every kind of trouble, each with its status.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use super::{Limits, ListenError, Listened, analyse};

/// A WAV file of 32-bit floats: `frames` of `channels` interleaved samples by `sample(frame, channel)`.
fn wav(rate: u32, channels: u16, frames: u32, sample: impl Fn(u32, u16) -> f32) -> Vec<u8> {
    let data: Vec<u8> = (0..frames)
        .flat_map(|n| (0..channels).map(move |c| (n, c)))
        .flat_map(|(n, c)| sample(n, c).to_le_bytes())
        .collect();
    let size = u32::try_from(data.len()).unwrap();
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(3u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(channels) * 4).to_le_bytes());
    bytes.extend((channels * 4).to_le_bytes());
    bytes.extend(32u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(data);
    bytes
}

/// Three partials of A at half of full scale.
fn tone(rate: u32) -> impl Fn(u32, u16) -> f32 {
    move |n, _| {
        let t = f64::from(n) / f64::from(rate);
        let partials = [(440.0, 0.3), (880.0, 0.15), (1320.0, 0.05)];
        partials.iter().map(|(f, a)| a * (TAU * f * t).sin()).sum::<f64>() as f32
    }
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn hear(&self, name: &str, bytes: &[u8]) -> Result<Listened, ListenError> {
        analyse(&self.put(name, bytes), &Limits::default())
    }
}

fn status(result: Result<Listened, ListenError>) -> &'static str {
    let error = result.unwrap_err();
    // Cause and remedy, and the file.
    let message = error.to_string();
    assert!(message.contains(';') || message.contains("use a longer"), "{message}");
    error.kind().0
}

#[test]
fn every_rate_and_number_of_channels_is_heard_alike() {
    let files = Files::new();
    let plain = files.hear("plain.wav", &wav(22_050, 1, 44_100, tone(22_050))).unwrap();
    for (rate, channels) in [(8_000, 1), (16_000, 2), (44_100, 2), (48_000, 6), (192_000, 2)] {
        let heard = files.hear("a.wav", &wav(rate, channels, rate * 2, tone(rate))).unwrap();
        assert_eq!((heard.sample_rate_hz, heard.channels), (rate, u32::from(channels)));
        assert!((heard.duration_s - 2.0).abs() < 1e-6 && heard.partial.is_none());
        assert_eq!(heard.features.len(), plain.features.len());
        let place = super::features::catalogue().iter().position(|f| f.name == "rms_mean").unwrap();
        assert!(
            (heard.features[place] - plain.features[place]).abs() < 2e-3,
            "{rate} Hz, {channels} channels"
        );
    }
}

#[test]
fn loudness_is_that_of_the_standard() {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS has -23 LUFS, within 0.1.
    let level = 10f32.powf(-23.0 / 20.0);
    let sine = |n: u32, _| level * (TAU * 1000.0 * f64::from(n) / 48_000.0).sin() as f32;
    let heard = Files::new().hear("sine.wav", &wav(48_000, 2, 48_000 * 5, sine)).unwrap();
    assert!((heard.loudness_lufs.unwrap() + 23.0).abs() < 0.1, "{:?}", heard.loudness_lufs);
}

#[test]
fn trouble_has_its_status() {
    let files = Files::new();
    let rate = 22_050;
    assert_eq!(status(analyse(Path::new("/no/such.mp3"), &Limits::default())), "io_error");
    assert_eq!(status(analyse(files.0.path(), &Limits::default())), "io_error");
    assert_eq!(status(files.hear("empty.mp3", b"")), "decode_error");
    assert_eq!(status(files.hear("text.mp3", "Not a song. ".repeat(500).as_bytes())), "unsupported");
    assert_eq!(status(files.hear("zeros.mp3", &[0; 20_000])), "unsupported");
    assert_eq!(status(files.hear("silent.wav", &wav(rate, 1, rate * 2, |_, _| 0.0))), "silent");
    assert_eq!(status(files.hear("short.wav", &wav(rate, 1, rate / 2, tone(rate)))), "too_short");
    let whole = wav(rate, 1, rate * 2, tone(rate));
    let path = files.put("whole.wav", &whole);
    for limits in [
        Limits { max_bytes: 1000, ..Limits::default() },
        Limits { max_sample_rate_hz: 16_000, ..Limits::default() },
        Limits { max_channels: 0, ..Limits::default() },
    ] {
        assert_eq!(status(analyse(&path, &limits)), "too_large");
    }
}

#[test]
fn what_is_there_of_a_damaged_file_is_heard() {
    let files = Files::new();
    let rate = 22_050;
    let mut cut = wav(rate, 1, rate * 6, tone(rate));
    cut.truncate(cut.len() / 2);
    let heard = files.hear("cut.wav", &cut).unwrap();
    assert!(heard.partial.is_some() && (heard.duration_s - 3.0).abs() < 0.2, "{heard:?}");

    let steady = tone(rate);
    let holes = wav(rate, 1, rate * 2, |n, c| if n % 1000 == 7 { f32::NAN } else { steady(n, c) });
    let heard = files.hear("holes.wav", &holes).unwrap();
    assert!(heard.partial.unwrap().contains("no numbers"));
    assert!(heard.features.iter().all(|x| x.is_finite()));
}

#[test]
fn listening_ends_at_the_limit() {
    let files = Files::new();
    let path = files.put("long.wav", &wav(22_050, 1, 22_050 * 8, tone(22_050)));
    let heard = analyse(&path, &Limits { max_seconds: 3.0, ..Limits::default() }).unwrap();
    assert!((heard.analysed_s - 3.0).abs() < 0.01 && (heard.duration_s - 8.0).abs() < 0.01);
    assert_eq!(heard.partial, None);
}

/// A frame of an ID3v2.3 tag.
fn id3_frame(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap().to_be_bytes();
    [id.as_slice(), &size, &[0, 0], body].concat()
}

#[test]
fn a_real_mp3_whole_cut_and_with_tags_and_a_picture() {
    let Some(shared) = std::env::var_os("PROMENADE_SHARED") else {
        eprintln!("left out: a real mp3, whole, cut and tagged (PROMENADE_SHARED is not set)");
        return;
    };
    let clip = "data/music/4q/MER_audio_taffc_dataset/Q1/MT0001418045.mp3";
    let mp3 = std::fs::read(Path::new(&shared).join(clip)).unwrap();
    let files = Files::new();
    let whole = files.hear("whole.mp3", &mp3).unwrap();
    assert!((whole.duration_s - 30.0).abs() < 0.2 && whole.partial.is_none(), "{whole:?}");
    // Cut in the middle of a frame.
    let cut = files.hear("cut.mp3", &mp3[..mp3.len() / 3 + 100]).unwrap();
    assert!((cut.duration_s - 10.0).abs() < 0.5, "{}", cut.duration_s);

    let picture = [b"\0image/png\0\x03\0".as_slice(), &[7; 5000]].concat();
    let frames = [
        id3_frame(b"TIT2", b"\0A <b>title</b>"),
        id3_frame(b"TPE1", b"\x01\xff\xfeB\0j\0\xf6\0r\0k\0"),
        id3_frame(b"TALB", b"\0Album "),
        id3_frame(b"APIC", &picture),
    ]
    .concat();
    let n = frames.len();
    let size = [n >> 21, n >> 14, n >> 7, n].map(|x| (x & 0x7f) as u8);
    let tagged = [b"ID3\x03\0\0".as_slice(), &size, &frames, &mp3].concat();
    let heard = files.hear("tagged.mp3", &tagged).unwrap();
    assert_eq!(heard.tags.title.as_deref(), Some("A <b>title</b>"));
    assert_eq!(heard.tags.artist.as_deref(), Some("Bj\u{f6}rk"));
    assert_eq!(heard.tags.album.as_deref(), Some("Album"));
    assert_eq!(heard.features, whole.features);
}
