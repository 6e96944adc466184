//! Portraits: decoding, detection and cropping, each by itself and all together, on one thread.
//!
//! `cargo bench --bench detect`. Pictures: the paintings under `tests/fixtures/portraits` (384 pixels), or the folder in
//! `PROMENADE_BENCH_PICTURES`. Files that cannot be decoded are left out. Rates are images a second.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use promenade::portrait::detect::{Parts, Step};
use promenade::portrait::{Detectors, Limits, crop, decode, look};

fn pictures() -> Vec<PathBuf> {
    let folder = std::env::var_os("PROMENADE_BENCH_PICTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/portraits"),
        PathBuf::from,
    );
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| decode::decode(file, &Limits::default()).is_ok());
    files.sort();
    files
}

fn bench(criterion: &mut Criterion) {
    let parts = Parts::locate().unwrap_or_else(|missing| panic!("{missing}"));
    let first = Detectors::with(&parts, &Step::CASCADE[..1]).unwrap_or_else(|error| panic!("{error}"));
    let cascade = Detectors::with(&parts, &Step::CASCADE).unwrap_or_else(|error| panic!("{error}"));
    let limits = Limits::default();
    let files = pictures();
    let decoded: Vec<_> =
        files.iter().filter_map(|file| Some(decode::decode(file, &limits).ok()?.rgb)).collect();
    let found: Vec<_> = decoded
        .iter()
        .flat_map(|picture| {
            first.find(picture).unwrap_or_default().into_iter().map(move |face| (picture, face))
        })
        .collect();

    let mut group = criterion.benchmark_group("portraits");
    group.throughput(Throughput::Elements(files.len() as u64)).sample_size(20);
    group.bench_function("decode", |bencher| {
        bencher.iter(|| files.iter().for_each(|file| drop(black_box(decode::decode(file, &limits)))));
    });
    for (name, detectors) in [("detect_first_step", &first), ("detect_cascade", &cascade)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| decoded.iter().for_each(|picture| drop(black_box(detectors.find(picture)))));
        });
    }
    group.bench_function("look", |bencher| {
        bencher.iter(|| files.iter().for_each(|file| drop(black_box(look(file, &limits, &cascade)))));
    });
    group.throughput(Throughput::Elements(found.len() as u64));
    group.bench_function("align", |bencher| {
        bencher.iter(|| found.iter().for_each(|(picture, face)| drop(black_box(crop::align(picture, face)))));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
