//! What the tests of the binary share: running it, and making files good and bad.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The program, as a user runs it.
pub fn promenade(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promenade"));
    command.args(arguments).timeout(std::time::Duration::from_secs(300));
    command
}

/// Exit status, standard output and standard error of a run.
pub fn outcome(arguments: &[&str]) -> (i32, String, String) {
    let output = promenade(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A portrait among the fixtures, CC0.
pub fn portrait() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/portraits/van-gogh-straw-hat.jpg")
}

/// A mono 16-bit WAV file of a function of time in seconds, values in [-1, 1].
pub fn wav(path: &Path, seconds: f64, signal: impl Fn(f64) -> f64) {
    const RATE: u32 = 22_050;
    let samples = (seconds * f64::from(RATE)) as u32;
    let mut bytes = Vec::with_capacity(44 + samples as usize * 2);
    bytes.extend(b"RIFF");
    bytes.extend((36 + samples * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    bytes.extend(2u16.to_le_bytes());
    bytes.extend(16u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((samples * 2).to_le_bytes());
    for index in 0..samples {
        let value = signal(f64::from(index) / f64::from(RATE)).clamp(-1.0, 1.0);
        bytes.extend(((value * 32_767.0) as i16).to_le_bytes());
    }
    std::fs::write(path, bytes).expect("the clip can be written");
}

/// A chord that beats twice a second: music enough to be listened to.
pub fn music(time: f64) -> f64 {
    let tone = |hz: f64| (time * hz * std::f64::consts::TAU).sin();
    0.2 * (tone(261.6) + tone(329.6) + tone(392.0)) * (1.0 - (time * 2.0).fract())
}

/// A PNG that promises 60,000 x 60,000 pixels and holds next to nothing.
pub fn huge_png() -> Vec<u8> {
    let mut header = 60_000u32.to_be_bytes().to_vec();
    header.extend(60_000u32.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header.as_slice()), (b"IDAT", &[0x78, 0x9c, 0x63, 0, 0]), (b"IEND", &[])] {
        let chunk = [kind.as_slice(), data].concat();
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(&chunk);
        bytes.extend(crc32(&chunk).to_be_bytes());
    }
    bytes
}

/// PNG's checksum (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// All files below a folder with their bytes, sorted by path, without what holds times: runs, ledgers and locks.
pub fn tables(run: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![run.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the run's folder can be listed").flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if name == "runs" || name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(run).expect("below the run").to_owned();
                files.push((relative, std::fs::read(&path).expect("readable")));
            }
        }
    }
    files.sort();
    files
}
