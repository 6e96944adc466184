//! `promenade run` from pictures and clips to the page, as a user runs it.

mod common;

use std::path::Path;

use common::{music, outcome, portrait, promenade, tables, wav};
use promenade::tables::{PairingRow, RunRow, parquet};

/// A pipeline file over a folder with portraits and songs.
fn set_up(folder: &Path) -> String {
    let at = |name: &str| folder.join(name);
    std::fs::create_dir(at("portraits")).unwrap();
    std::fs::create_dir(at("songs")).unwrap();
    std::fs::copy(portrait(), at("portraits/sitter.jpg")).unwrap();
    std::fs::write(at("portraits/broken.jpg"), "no picture").unwrap();
    for tempo in 1..5 {
        wav(&at(&format!("songs/{tempo}.wav")), 4.0, |time| music(time * f64::from(tempo) / 2.0));
    }
    let file = at("pipeline.toml");
    let text = format!(
        "out = {out:?}\n[faces]\nfolder = {portraits:?}\n[songs]\nfolder = {songs:?}\n[pair]\ntop = 3\n[exhibit]\ntitle = \"<b>Us</b>\"\n",
        out = at("out"),
        portraits = at("portraits"),
        songs = at("songs"),
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn pictures_and_clips_become_pairings_and_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = set_up(folder.path());
    let out = folder.path().join("out");
    let (code, stdout, stderr) = outcome(&["run", &pipeline]);
    assert_eq!(code, 1, "one picture is broken: {stdout}{stderr}");
    let pairings = parquet::read_table::<PairingRow>(&out).unwrap();
    assert_eq!(pairings.iter().map(|row| row.rank).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(
        pairings
            .windows(2)
            .all(|pair| pair[0].distance <= pair[1].distance || pair[0].song_class != pair[1].song_class)
    );
    assert!(pairings.iter().all(|row| row.why.len() > 10 && row.score > 0.0 && row.score <= 1.0));
    let page = std::fs::read_to_string(out.join("exhibit/index.html")).unwrap();
    assert!(page.contains("&#60;b&#62;Us&#60;/b&#62;") || page.contains("&lt;b&gt;Us&lt;/b&gt;"));
    assert!(!page.contains("<b>Us</b>"));

    let before = tables(&out);
    let (code, stdout, _) = outcome(&["run", &pipeline]);
    assert_eq!(code, 0, "nothing was looked at, so nothing failed: {stdout}");
    assert!(stdout.contains("faces: 2 files, all up to date"), "{stdout}");
    assert!(before == tables(&out), "a second run changes nothing");

    std::fs::copy(portrait(), folder.path().join("portraits/second.jpg")).unwrap();
    let (_, stdout, _) = outcome(&["run", &pipeline]);
    assert!(stdout.contains("faces: 1 files") && stdout.contains("2 up to date"), "{stdout}");
    let runs = parquet::read_table::<RunRow>(&out).unwrap();
    assert_eq!(runs.iter().filter(|row| row.stage == "faces").count(), 2);
}

#[test]
fn each_stage_can_be_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    set_up(folder.path());
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let out = at("alone");
    assert_eq!(outcome(&["faces", &at("portraits"), "--out", &out]).0, 1);
    let (code, _, stderr) = outcome(&["pair", "--out", &out]);
    assert_eq!(code, 2);
    assert!(stderr.contains("run `promenade songs` first"), "{stderr}");
    assert_eq!(outcome(&["songs", &at("songs"), "--out", &out]).0, 0);
    assert_eq!(outcome(&["pair", "--out", &out, "--top", "2", "--class", "free"]).0, 0);
    assert_eq!(outcome(&["exhibit", "--out", &out]).0, 0);
    assert!(Path::new(&out).join("exhibit/index.html").is_file());
    let (code, stdout, _) = outcome(&["inspect", &format!("{out}/pairings"), "--where", "rank=2"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("2 rows, 1 chosen"), "{stdout}");
    let (code, csv, _) = outcome(&["inspect", &format!("{out}/pairings"), "--csv"]);
    assert_eq!((code, csv.lines().count()), (0, 3));
}

#[test]
fn wrong_arguments_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let missing = missing.to_str().unwrap();
    for arguments in [
        vec!["run", missing],
        vec!["pair", "--out", missing],
        vec!["exhibit", "--out", missing],
        vec!["inspect", missing],
        vec!["pair", "--out", missing, "--class", "sometimes"],
        vec!["faces", missing, "--out", missing, "--threads", "0"],
    ] {
        let (code, _, stderr) = outcome(&arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && !stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn every_command_explains_itself_with_an_example() {
    for command in ["run", "faces", "songs", "pair", "exhibit", "inspect"] {
        let output = promenade(&[command, "--help"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("EXAMPLE"), "{command}: {text}");
    }
}

#[test]
fn the_doctor_finds_everything_in_place_and_says_what_is_missing() {
    let (code, stdout, stderr) = outcome(&["doctor"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("ok    expression") && stdout.contains("ok    music"), "{stdout}");
    let empty = tempfile::tempdir().unwrap();
    let output = promenade(&["doctor"])
        .env("PROMENADE_CACHE", empty.path())
        .env_remove("ORT_DYLIB_PATH")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout.contains("FAULT onnxruntime") && stdout.contains("make setup"), "{stdout}");
}
