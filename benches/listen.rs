//! How fast clips are listened to: decoding, resampling and every feature, on one core.
//!
//! `cargo bench --bench listen`, on the demo's tracks or on the folder in `PROMENADE_BENCH_SONGS`. Throughput is in
//! milliseconds of sound: "elements" a second divided by 1,000 is the multiple of real time.

use std::path::{Path, PathBuf};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use promenade::datasets::songs;
use promenade::music::{Limits, analyse};

/// Clips a round: enough to average over styles, few enough for ten rounds in some seconds.
const CLIPS: usize = 8;

fn folder() -> PathBuf {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/demo/songs");
    std::env::var_os("PROMENADE_BENCH_SONGS").map_or(demo, PathBuf::from)
}

fn listen(criterion: &mut Criterion) {
    let folder = folder();
    let Ok(set) = songs::read(&folder) else {
        println!("left out: no songs in {}; run `make demo-data`", folder.display());
        return;
    };
    let limits = Limits::default();
    // Spread over the folder, which is sorted by mood or quadrant.
    let step = set.songs.len().div_ceil(CLIPS).max(1);
    let clips: Vec<_> = set.songs.iter().step_by(step).map(|song| song.path.clone()).collect();
    let seconds: f64 =
        clips.iter().filter_map(|clip| analyse(clip, &limits).ok()).map(|heard| heard.analysed_s).sum();
    let mut group = criterion.benchmark_group("listen");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.throughput(Throughput::Elements((seconds * 1000.0) as u64));
    group.bench_function("analyse", |bencher| {
        bencher.iter(|| clips.iter().filter(|clip| analyse(clip, &limits).is_ok()).count());
    });
    group.finish();
}

criterion_group!(benches, listen);
criterion_main!(benches);
