//! Other people's readers understand the tables: pyarrow, where `make test` has laid it.

mod common;

use std::path::Path;
use std::process::Command;

use common::{music, outcome, portrait, wav};

const SCRIPT: &str = r#"
import json, sys
import pyarrow.parquet as parquet
out = {}
for table in ["portraits", "faces", "songs", "pairings", "runs"]:
    read = parquet.read_table(f"{sys.argv[1]}/{table}")
    out[table] = {"rows": read.num_rows, "columns": {f.name: str(f.type) for f in read.schema}}
faces = parquet.read_table(f"{sys.argv[1]}/faces").to_pylist()
out["landmarks"] = len(faces[0]["landmarks"])
out["probabilities"] = sum(faces[0][c] for c in ["p_q1", "p_q2", "p_q3", "p_q4", "p_neutral"])
import pathlib
part = next(pathlib.Path(sys.argv[1], "songs").glob("*.parquet"))
keys = parquet.read_metadata(part).metadata
out["schema_version"] = keys[b"promenade.schema_version"].decode()
print(json.dumps(out))
"#;

#[test]
fn pyarrow_reads_every_table() {
    let site = std::env::var("PROMENADE_PYARROW").unwrap_or_default();
    if !Path::new(&site).join("pyarrow").is_dir() {
        println!("left out: PROMENADE_PYARROW names no folder with pyarrow (`make test` lays it)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["portraits", "songs"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    std::fs::copy(portrait(), at("portraits/a.jpg")).unwrap();
    wav(at("songs/a.wav").as_ref(), 4.0, music);
    assert_eq!(outcome(&["faces", &at("portraits"), "--out", &at("out")]).0, 0);
    assert_eq!(outcome(&["songs", &at("songs"), "--out", &at("out")]).0, 0);
    assert_eq!(outcome(&["pair", "--out", &at("out")]).0, 0);

    let output =
        Command::new("python3").args(["-c", SCRIPT, &at("out")]).env("PYTHONPATH", site).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for table in ["portraits", "faces", "songs", "pairings"] {
        assert_eq!(read[table]["rows"], 1, "{read}");
    }
    assert_eq!(read["runs"]["rows"], 2);
    assert_eq!(read["landmarks"], 10);
    assert!((read["probabilities"].as_f64().unwrap() - 1.0).abs() < 1e-3);
    // How the list's inner field is called (`item`, `element`) is the reader's affair.
    let landmarks = read["faces"]["columns"]["landmarks"].as_str().unwrap();
    assert!(landmarks.starts_with("fixed_size_list<") && landmarks.ends_with(": float>[10]"), "{landmarks}");
    assert_eq!(read["songs"]["columns"]["duration_s"], "float");
    assert_eq!(read["schema_version"], "1");
}
