//! The engine on a stage whose work is to count the letters of text files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::tables::{PortraitRow, parquet};

#[derive(Default)]
struct Letters {
    version: u32,
    looked: AtomicU64,
}

impl Stage for Letters {
    type Seen = PortraitRow;
    type Rows = PortraitRow;
    const NAME: &'static str = "letters";
    const GROUP: usize = 4;

    fn accepts(&self, extension: &str) -> bool {
        extension == "txt"
    }
    fn sniffs(&self, head: &[u8]) -> bool {
        head.starts_with(b"text:")
    }
    fn footer(&self) -> Footer {
        Footer { stage_version: self.version, ..Footer::default() }
    }
    fn analyse(&self, input: &Input) -> PortraitRow {
        self.looked.fetch_add(1, Ordering::Relaxed);
        let text = std::fs::read_to_string(&input.path).unwrap();
        assert!(!text.contains("poison"), "a poisoned file");
        PortraitRow {
            path: input.relative.clone(),
            faces: text.len() as u32,
            status: Status::Ok,
            ..PortraitRow::default()
        }
    }
    fn crashed(&self, input: &Input, message: &str) -> PortraitRow {
        let error = Some(message.to_owned());
        PortraitRow { path: input.relative.clone(), status: Status::Crashed, error, ..PortraitRow::default() }
    }
    fn infer(&self, seen: Vec<PortraitRow>) -> Result<Vec<PortraitRow>, String> {
        Ok(seen)
    }
    fn status(rows: &PortraitRow) -> Status {
        rows.status
    }
    fn write(
        &self,
        run: &Path,
        bucket: u32,
        rows: &[PortraitRow],
        footer: &Footer,
    ) -> Result<(), TableError> {
        let rows: Vec<_> = rows.iter().collect();
        parquet::write_part(&parquet::part_path::<PortraitRow>(run, bucket), &rows, footer)
    }
    fn read(&self, run: &Path, bucket: u32, footer: &Footer) -> Option<BTreeMap<String, PortraitRow>> {
        let rows = parquet::read_current::<PortraitRow>(run, bucket, footer)?;
        Some(rows.into_iter().map(|row| (row.path.clone(), row)).collect())
    }
    fn is_current(&self, run: &Path, bucket: u32, footer: &Footer) -> bool {
        parquet::is_current::<PortraitRow>(run, bucket, footer)
    }
    fn remove(&self, run: &Path, bucket: u32) -> std::io::Result<()> {
        parquet::remove::<PortraitRow>(run, bucket)
    }
}

/// A folder with `count` texts.
fn texts(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    for number in 0..count {
        std::fs::write(folder.path().join(format!("sub/{number:03}.txt")), "x".repeat(number)).unwrap();
    }
    folder
}

fn go(stage: &Letters, folder: &Path, out: &Path) -> Summary {
    run(stage, folder, out, Options::default(), &Silent).unwrap()
}

fn rows(out: &Path) -> Vec<PortraitRow> {
    let mut rows = parquet::read_table::<PortraitRow>(out).unwrap();
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    rows
}

/// The names and bytes of all part files.
fn parts(out: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = parquet::part_files(&out.join("portraits")).unwrap();
    files.into_iter().map(|path| (path.file_name().unwrap().into(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn every_file_has_its_row_and_a_second_run_looks_at_none() {
    let (folder, out) = (texts(50), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("passed-over.jpg"), "").unwrap();
    std::fs::write(folder.path().join("sniffed"), "text:").unwrap();
    let stage = Letters::default();
    let summary = go(&stage, folder.path(), out.path());
    assert_eq!((summary.inputs, summary.done(), summary.failed), (51, 51, 0));
    assert_eq!(rows(out.path()).len(), 51);
    let again = go(&stage, folder.path(), out.path());
    assert_eq!((again.skipped, again.done()), (51, 0));
    assert_eq!(stage.looked.load(Ordering::Relaxed), 51);
}

#[test]
fn a_new_a_changed_and_a_lost_file_cost_just_themselves() {
    let (folder, out) = (texts(50), tempfile::tempdir().unwrap());
    let stage = Letters::default();
    go(&stage, folder.path(), out.path());
    std::fs::write(folder.path().join("new.txt"), "abc").unwrap();
    std::fs::write(folder.path().join("sub/007.txt"), "changed").unwrap();
    std::fs::remove_file(folder.path().join("sub/009.txt")).unwrap();
    let summary = go(&stage, folder.path(), out.path());
    assert_eq!((summary.done(), summary.skipped), (2, 48));
    let fresh = tempfile::tempdir().unwrap();
    go(&stage, folder.path(), fresh.path());
    assert_eq!(parts(out.path()), parts(fresh.path()));
}

#[test]
fn another_version_does_all_again() {
    let (folder, out) = (texts(9), tempfile::tempdir().unwrap());
    go(&Letters::default(), folder.path(), out.path());
    let summary = go(&Letters { version: 2, ..Letters::default() }, folder.path(), out.path());
    assert_eq!(summary.done(), 9);
}

#[test]
fn a_torn_part_or_page_is_made_anew() {
    let (folder, out) = (texts(9), tempfile::tempdir().unwrap());
    go(&Letters::default(), folder.path(), out.path());
    let whole = parts(out.path());
    let part = out.path().join("portraits").join(&whole[0].0);
    std::fs::write(&part, &whole[0].1[..20]).unwrap();
    let page = std::fs::read_dir(out.path().join(".ledger/letters")).unwrap().last().unwrap().unwrap().path();
    std::fs::write(page, "{\"sub/").unwrap();
    go(&Letters::default(), folder.path(), out.path());
    assert_eq!(parts(out.path()), whole);
}

#[test]
fn a_panic_costs_one_file() {
    let (folder, out) = (texts(20), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("bad.txt"), "poison").unwrap();
    let summary = go(&Letters::default(), folder.path(), out.path());
    assert_eq!((summary.failed, summary.done()), (1, 21));
    let bad = rows(out.path()).into_iter().find(|row| row.path == "bad.txt").unwrap();
    assert_eq!((bad.status, bad.error.as_deref()), (Status::Crashed, Some("a poisoned file")));
}

#[test]
fn tables_are_equal_whatever_the_threads() {
    let folder = texts(60);
    let with = |threads| {
        let out = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| go(&Letters::default(), folder.path(), out.path()));
        parts(out.path())
    };
    let one = with(1);
    assert!(one == with(2) && one == with(8));
}

#[test]
fn an_empty_folder_gives_a_table_and_a_missing_one_a_sentence() {
    let (folder, out) = (texts(0), tempfile::tempdir().unwrap());
    assert_eq!(go(&Letters::default(), folder.path(), out.path()).inputs, 0);
    assert_eq!(rows(out.path()), []);
    let missing = folder.path().join("nothing here");
    let error = run(&Letters::default(), &missing, out.path(), Options::default(), &Silent).unwrap_err();
    assert!(error.to_string().ends_with("is not there: check the path"), "{error}");
}

#[cfg(unix)]
#[test]
fn loops_and_pipes_are_passed_over() {
    let (folder, out) = (texts(3), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/loop")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.txt")).status().unwrap();
    assert!(made.success());
    let summary = go(&Letters::default(), folder.path(), out.path());
    assert_eq!((summary.inputs, summary.unlisted), (3, 1));
}
