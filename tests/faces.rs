//! `promenade faces` on good and bad pictures, as a user runs it.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{huge_png, outcome, portrait, tables};
use promenade::tables::{FaceRow, PortraitRow, Status, parquet};

fn faces(folder: &Path, out: &Path, more: &[&str]) -> (i32, String, String) {
    let mut arguments = vec!["faces", folder.to_str().unwrap(), "--out", out.to_str().unwrap()];
    arguments.extend(more);
    outcome(&arguments)
}

fn portraits(out: &Path) -> BTreeMap<String, PortraitRow> {
    let rows = parquet::read_table::<PortraitRow>(out).unwrap();
    rows.into_iter().map(|row| (row.path.clone(), row)).collect()
}

#[test]
fn good_and_bad_pictures_each_have_their_row() {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let good = std::fs::read(portrait()).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    put("good.jpg", &good);
    put("same bytes.jpg", &good);
    put("a\nnew line <script>alert(1)</script>.jpg".replace('/', "_").as_str(), &good);
    put("wrong extension.png", &good);
    put("broken.jpg", b"\xff\xd8\xff\xe0 and nothing else");
    put("truncated.jpg", &good[..good.len() / 10]);
    put("empty.png", b"");
    put("text.jpg", b"this is no picture");
    put("huge.png", &huge_png());
    put("notes.txt", b"passed over");
    image::RgbImage::from_fn(300, 200, |x, y| image::Rgb([(x / 2) as u8, y as u8, 90]))
        .save(folder.path().join("landscape.png"))
        .unwrap();
    image::RgbImage::new(3, 2).save(folder.path().join("tiny.png")).unwrap();
    // Nobody, not even root, can read the first page of a process's memory.
    std::os::unix::fs::symlink("/proc/self/mem", folder.path().join("unreadable.jpg")).unwrap();

    let (code, stdout, stderr) = faces(folder.path(), out.path(), &[]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    let rows = portraits(out.path());
    assert_eq!(rows.len(), 12, "{rows:?}");
    let status = |name: &str| rows[name].status;
    assert_eq!(status("good.jpg"), Status::Ok);
    assert_eq!(status("same bytes.jpg"), Status::Ok);
    assert_eq!(status("wrong extension.png"), Status::Ok);
    assert_eq!(status("a\nnew line <script>alert(1)<_script>.jpg"), Status::Ok);
    assert_eq!(status("landscape.png"), Status::NoFace);
    assert_eq!(status("tiny.png"), Status::TooSmall);
    assert_eq!(status("huge.png"), Status::TooLarge);
    assert_eq!(status("unreadable.jpg"), Status::IoError);
    for name in ["broken.jpg", "truncated.jpg", "empty.png", "text.jpg"] {
        assert!(
            matches!(status(name), Status::DecodeError | Status::Unsupported | Status::Partial),
            "{name}: {:?}",
            rows[name]
        );
    }
    for row in rows.values() {
        let is_good = matches!(row.status, Status::Ok | Status::NoFace);
        assert_eq!(row.error.is_none(), is_good, "{row:?}");
        assert_eq!(row.error_kind.is_none(), is_good, "{row:?}");
    }
    assert_eq!(rows["good.jpg"].portrait_id, rows["same bytes.jpg"].portrait_id);

    let faces = parquet::read_table::<FaceRow>(out.path()).unwrap();
    let face = faces.iter().find(|face| face.path == "good.jpg" && face.is_primary).unwrap();
    let sum: f32 = face.estimate.estimate().unwrap().probabilities.iter().sum();
    assert!((sum - 1.0).abs() < 1e-3, "{face:?}");
    assert!(out.path().join(&face.crop_path).is_file(), "{face:?}");
}

#[test]
fn tables_are_equal_whatever_the_threads_and_a_second_run_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jpg", "b.jpg", "c.jpg"] {
        std::fs::copy(portrait(), folder.path().join(name)).unwrap();
    }
    let out = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    assert_eq!(faces(folder.path(), out[0].path(), &["--threads", "1"]).0, 0);
    assert_eq!(faces(folder.path(), out[1].path(), &["--threads", "3"]).0, 0);
    assert!(tables(out[0].path()) == tables(out[1].path()));
    let (code, stdout, _) = faces(folder.path(), out[0].path(), &[]);
    assert_eq!(code, 0);
    assert!(stdout.contains("3 files, all up to date"), "{stdout}");
}

#[test]
fn a_folder_that_cannot_be_used_is_a_sentence() {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (code, _, stderr) = faces(&folder.path().join("missing"), out.path(), &[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("is not there: check the path"), "{stderr}");
    let (code, _, stderr) = faces(&portrait(), out.path(), &[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("is a file: give the folder that holds it"), "{stderr}");
    let (code, stdout, _) = faces(folder.path(), out.path(), &[]);
    assert_eq!(code, 0);
    assert!(stdout.contains("no files of a known kind were found"), "{stdout}");
    assert_eq!(portraits(out.path()).len(), 0);
}
