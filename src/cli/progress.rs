//! Progress on a terminal as a bar, in a log as plain lines.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Common;
use super::report::seconds;
use crate::batch::{Observer, Summary};
use crate::tables::Status;

/// Between two lines of a log.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Draws how a stage goes on standard error.
pub struct Progress {
    bar: ProgressBar,
    failed: AtomicU64,
    lines: Option<Mutex<Instant>>,
}

impl Progress {
    /// Silent where the user asked for it, a bar on a terminal, else a line now and then.
    pub fn new(common: &Common) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal && !common.quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = "{msg:>8} {bar:30} {pos}/{len}  {per_sec}  {eta} left{prefix}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let lines = (!terminal && !common.quiet).then(|| Mutex::new(Instant::now()));
        Self { bar, failed: AtomicU64::new(0), lines }
    }
}

impl Observer for Progress {
    fn begin(&self, stage: &str, files: u64, skipped: u64) {
        self.bar.reset();
        self.bar.set_length(files);
        self.bar.set_message(stage.to_owned());
        self.failed.store(0, Ordering::Relaxed);
        if self.lines.is_some() && files > 0 {
            eprintln!("{stage}: {files} files to look at, {skipped} up to date");
        }
    }

    fn advance(&self, status: Status) {
        self.bar.inc(1);
        if status.is_failure() {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            self.bar.set_prefix(format!("  {failed} failed"));
        }
        if let Some(Ok(mut last)) = self.lines.as_ref().map(Mutex::lock)
            && last.elapsed() >= LINE_EVERY
        {
            *last = Instant::now();
            eprintln!(
                "{}: {} of {}, {:.0} a second, {} left, {} failed",
                self.bar.message(),
                self.bar.position(),
                self.bar.length().unwrap_or(0),
                self.bar.per_sec(),
                seconds(self.bar.eta().as_secs_f64()),
                self.failed.load(Ordering::Relaxed)
            );
        }
    }

    fn end(&self, _: &Summary) {
        self.bar.finish_and_clear();
    }
}
