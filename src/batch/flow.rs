//! The one loop that every stage runs in.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use rayon::prelude::*;

use super::ledger::Page;
use super::{BatchError, Input, Observer, Stage, Summary, discover, ledger, stop};
use crate::tables::fingerprint::bucket;
use crate::tables::{Footer, Status};

/// How a stage is run; none of it changes a row.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Into how many buckets the files fall; fixed for a run's folder.
    pub buckets: u32,
    /// Look at every file again.
    pub again: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { buckets: 256, again: false }
    }
}

/// Files of a bucket that have to be looked at, and rows that stay.
struct Bucket<R> {
    number: u32,
    inputs: Vec<Input>,
    kept: BTreeMap<String, R>,
}

impl<R> Bucket<R> {
    fn open(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(|input| !self.kept.contains_key(&input.relative))
    }
}

/// Runs a stage over a folder into a run's folder, which the caller has locked.
///
/// Files fall into buckets by a hash of their relative path. A bucket is a part file of each table: one that is
/// up to date is passed over, of any other the rows of unchanged files are kept and the rest is computed. Groups of
/// buckets are analysed on the pool, inferred together, and written by a thread of their own while the next group is
/// analysed. What is written depends on the files, the settings and the model alone.
pub fn run<S: Stage>(
    stage: &S,
    folder: &Path,
    run: &Path,
    options: Options,
    observer: &dyn Observer,
) -> Result<Summary, BatchError> {
    let started = Instant::now();
    let found = discover::discover(stage, folder)?;
    let mut summary = Summary {
        stage: S::NAME.into(),
        inputs: found.inputs.len() as u64,
        unlisted: found.unlisted,
        ..Summary::default()
    };
    let footer = stage.footer();
    let stale = plan(stage, found.inputs, run, options, &footer)?;
    let open: u64 = stale.iter().map(|bucket| bucket.open().count() as u64).sum();
    summary.skipped = summary.inputs - open;
    observer.begin(S::NAME, open, summary.skipped);

    let statuses = std::thread::scope(|scope| {
        // One group may wait while another is written: memory stays bounded where the disk is slow.
        let (sender, receiver) = sync_channel::<(Bucket<S::Rows>, Vec<S::Rows>)>(64);
        let footer = &footer;
        let writer = scope.spawn(move || -> Result<(), BatchError> {
            for (bucket, rows) in receiver {
                write_bucket(stage, run, bucket, rows, footer)?;
            }
            Ok(())
        });
        let mut statuses = BTreeMap::<String, u64>::new();
        let mut groups = Groups { buckets: stale.into_iter(), size: S::GROUP };
        let mut result = Ok(());
        'groups: for group in &mut groups {
            let finished = match look(stage, group, observer, &mut statuses) {
                Ok(finished) => finished,
                Err(error) => {
                    result = Err(error);
                    break;
                }
            };
            for bucket in finished {
                if sender.send(bucket).is_err() {
                    // The writer has gone: its own error says why.
                    break 'groups;
                }
            }
            if stop::asked() {
                break;
            }
        }
        summary.stopped = groups.next().is_some();
        drop(sender);
        let written = writer.join().unwrap_or_else(|_| {
            Err(BatchError::Network("the thread that writes the tables panicked".into()))
        });
        result.and(written).map(|()| statuses)
    })?;

    let failures = |(name, count): (&String, &u64)| {
        name.parse::<Status>().is_ok_and(Status::is_failure).then_some(*count)
    };
    summary.failed = statuses.iter().filter_map(failures).sum();
    summary.statuses = statuses;
    summary.seconds = started.elapsed().as_secs_f64();
    observer.end(&summary);
    Ok(summary)
}

/// The buckets in which something is to be done; those whose files are all gone are removed.
fn plan<S: Stage>(
    stage: &S,
    inputs: Vec<Input>,
    run: &Path,
    options: Options,
    footer: &Footer,
) -> Result<Vec<Bucket<S::Rows>>, BatchError> {
    let mut buckets = BTreeMap::<u32, Vec<Input>>::new();
    for input in inputs {
        buckets.entry(bucket(&input.relative, options.buckets)).or_default().push(input);
    }
    if buckets.is_empty() {
        // A table without rows is still a table.
        buckets.insert(0, Vec::new());
    }
    let known: BTreeSet<u32> = ledger::buckets(run, S::NAME).into_iter().collect();
    for gone in known.iter().filter(|number| !buckets.contains_key(number)) {
        let removed = stage.remove(run, *gone).and_then(|()| ledger::remove(run, S::NAME, *gone));
        removed.map_err(|source| BatchError::Write { path: run.to_owned(), source })?;
    }
    let stale = buckets.into_par_iter().filter_map(|(number, inputs)| {
        if options.again || !known.contains(&number) {
            return Some(Bucket { number, inputs, kept: BTreeMap::new() });
        }
        let page = Page::load(run, S::NAME, number);
        if page == Page::of(&inputs) && stage.is_current(run, number, footer) {
            return None;
        }
        let mut kept = stage.read(run, number, footer).unwrap_or_default();
        let unchanged: BTreeSet<&str> =
            inputs.iter().filter(|input| page.holds(input)).map(|input| input.relative.as_str()).collect();
        kept.retain(|path, _| unchanged.contains(path.as_str()));
        Some(Bucket { number, inputs, kept })
    });
    let mut stale: Vec<_> = stale.collect();
    stale.sort_by_key(|bucket| bucket.number);
    Ok(stale)
}

/// Buckets gathered until they hold enough files to keep every core and the network busy.
struct Groups<I> {
    buckets: I,
    size: usize,
}

impl<R, I: Iterator<Item = Bucket<R>>> Iterator for Groups<I> {
    type Item = Vec<Bucket<R>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut group = Vec::new();
        let mut files = 0;
        while files < self.size {
            let Some(bucket) = self.buckets.next() else { break };
            files += bucket.open().count();
            group.push(bucket);
        }
        (!group.is_empty()).then_some(group)
    }
}

/// Analyses and infers the open files of a group.
#[allow(clippy::type_complexity)]
fn look<S: Stage>(
    stage: &S,
    group: Vec<Bucket<S::Rows>>,
    observer: &dyn Observer,
    statuses: &mut BTreeMap<String, u64>,
) -> Result<Vec<(Bucket<S::Rows>, Vec<S::Rows>)>, BatchError> {
    let open: Vec<Input> = group.iter().flat_map(Bucket::open).cloned().collect();
    let seen: Vec<S::Seen> = open.par_iter().map(|input| fenced(stage, input)).collect();
    let rows = stage.infer(seen).map_err(BatchError::Network)?;
    let mut rows = rows.into_iter();
    let mut finished = Vec::with_capacity(group.len());
    for bucket in group {
        let count = bucket.open().count();
        let new: Vec<S::Rows> = rows.by_ref().take(count).collect();
        for row in &new {
            let status = S::status(row);
            observer.advance(status);
            *statuses.entry(status.name().into()).or_default() += 1;
        }
        finished.push((bucket, new));
    }
    Ok(finished)
}

/// Analyses a file; a panic of a foreign decoder costs that file alone.
fn fenced<S: Stage>(stage: &S, input: &Input) -> S::Seen {
    catch_unwind(AssertUnwindSafe(|| stage.analyse(input))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        stage.crashed(input, &text)
    })
}

/// Puts old and new rows of a bucket into the order of its files and writes part files and ledger page.
fn write_bucket<S: Stage>(
    stage: &S,
    run: &Path,
    bucket: Bucket<S::Rows>,
    new: Vec<S::Rows>,
    footer: &Footer,
) -> Result<(), BatchError> {
    let Bucket { number, inputs, mut kept } = bucket;
    let mut new = new.into_iter();
    let rows: Vec<S::Rows> =
        inputs.iter().filter_map(|input| kept.remove(&input.relative).or_else(|| new.next())).collect();
    stage.write(run, number, &rows, footer)?;
    // Last, so that a page never speaks of rows that are not there.
    Page::of(&inputs).save(run, S::NAME, number)
}
