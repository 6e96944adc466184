//! `promenade songs` on good and bad clips, as a user runs it.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{music, outcome, tables, wav};
use promenade::tables::{SongRow, Status, parquet};

fn songs(folder: &Path, out: &Path, more: &[&str]) -> (i32, String, String) {
    let mut arguments = vec!["songs", folder.to_str().unwrap(), "--out", out.to_str().unwrap()];
    arguments.extend(more);
    outcome(&arguments)
}

#[test]
fn good_and_bad_clips_each_have_their_row() {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name);
    wav(&at("good.wav"), 6.0, music);
    wav(&at("loud.wav"), 4.0, |time| 40.0 * music(time));
    wav(&at("silent.wav"), 5.0, |_| 0.0);
    wav(&at("half a second.wav"), 0.5, music);
    wav(&at("no samples.wav"), 0.0, music);
    wav(&at("a\n\"name\" <script>.wav"), 4.0, music);
    std::fs::write(at("text.mp3"), "this is no music").unwrap();
    std::fs::write(at("empty.flac"), "").unwrap();
    std::fs::write(at("cover.jpg"), "passed over").unwrap();
    let whole = std::fs::read(at("good.wav")).unwrap();
    std::fs::write(at("truncated.wav"), &whole[..whole.len() / 2]).unwrap();
    std::fs::copy(at("good.wav"), at("wrong extension.mp3")).unwrap();
    // Nobody, not even root, can read the first page of a process's memory.
    std::os::unix::fs::symlink("/proc/self/mem", at("unreadable.flac")).unwrap();

    let (code, stdout, stderr) = songs(folder.path(), out.path(), &[]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    let rows = parquet::read_table::<SongRow>(out.path()).unwrap();
    let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.path.clone(), row)).collect();
    assert_eq!(rows.len(), 11);
    for name in ["good.wav", "loud.wav", "a\n\"name\" <script>.wav", "wrong extension.mp3"] {
        let row = &rows[name];
        assert_eq!(row.status, Status::Ok, "{row:?}");
        assert!(row.features.as_ref().unwrap().iter().all(|x| x.is_finite()), "{row:?}");
        let estimate = row.estimate.estimate().unwrap();
        assert!(estimate.valence_sd > 0.0 && estimate.arousal_sd > 0.0, "{row:?}");
        assert_eq!((row.sample_rate_hz, row.channels), (Some(22_050), Some(1)));
        assert!(row.tempo_bpm.is_some() && row.key.is_some() && row.loudness_lufs.is_some(), "{row:?}");
    }
    assert_eq!(rows["silent.wav"].status, Status::Silent);
    assert_eq!(rows["unreadable.flac"].status, Status::IoError);
    assert_eq!(rows["half a second.wav"].status, Status::TooShort);
    assert!(
        matches!(rows["truncated.wav"].status, Status::Ok | Status::Partial),
        "{:?}",
        rows["truncated.wav"]
    );
    for name in ["text.mp3", "empty.flac", "no samples.wav"] {
        assert!(rows[name].status.is_failure(), "{:?}", rows[name]);
    }
    for row in rows.values().filter(|row| row.status.is_failure()) {
        assert!(
            row.error.as_ref().is_some_and(|text| text.len() > 20) && row.error_kind.is_some(),
            "{row:?}"
        );
        assert_eq!(row.estimate.estimate(), None);
    }
}

#[test]
fn tables_are_equal_whatever_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    for tempo in 1..6 {
        wav(&folder.path().join(format!("{tempo}.wav")), 4.0, |time| music(time * f64::from(tempo) / 2.0));
    }
    let out = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    assert_eq!(songs(folder.path(), out[0].path(), &["--threads", "1"]).0, 0);
    assert_eq!(songs(folder.path(), out[1].path(), &["--threads", "3"]).0, 0);
    assert!(tables(out[0].path()) == tables(out[1].path()));
}
