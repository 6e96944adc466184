//! What is said at the end of a command: a sentence for an error, a block for a stage.

use std::fmt::Write as _;

use super::Common;
use crate::affect::Class;
use crate::batch::Summary;

/// An error and its causes, each once, in one line.
pub fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // Causes are often quoted by the error above them already.
        if !text.contains(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            text.push_str(separator);
            text.push_str(&cause);
        }
    }
    text
}

/// The summary of a stage over files: counts by status, rate, and what to do about failures.
pub fn stage(summary: &Summary, device: &str, common: &Common) -> anyhow::Result<()> {
    if common.json {
        println!("{}", serde_json::to_string(summary)?);
        return Ok(());
    }
    if common.quiet {
        return Ok(());
    }
    let Summary { stage, inputs, skipped, .. } = summary;
    let done = summary.done();
    if inputs == &0 {
        println!("{stage}: no files of a known kind were found; the tables are there, without rows");
        return Ok(());
    }
    if done == 0 {
        println!("{stage}: {inputs} files, all up to date");
        return Ok(());
    }
    let mut line = format!("{stage}: {done} files in {} on {device}", seconds(summary.seconds));
    if summary.seconds > 0.0 {
        let _ = write!(line, " ({:.0} a second)", done as f64 / summary.seconds);
    }
    if *skipped > 0 {
        let _ = write!(line, ", {skipped} up to date");
    }
    let counts: Vec<_> = summary.statuses.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let _ = write!(line, ": {}", counts.join(", "));
    println!("{line}");
    if summary.failed > 0 {
        println!(
            "{stage}: {} failed; their rows say why: promenade inspect <out>/{} --where 'status!=ok'",
            summary.failed,
            if stage == "faces" { "portraits" } else { stage }
        );
    }
    if summary.unlisted > 0 {
        println!(
            "{stage}: {} entries of the folder could not be listed and were passed over",
            summary.unlisted
        );
    }
    if summary.stopped {
        println!("{stage}: stopped; run the same command again to go on");
    }
    Ok(())
}

/// A histogram of classes, a line a class.
pub fn histogram(title: &str, classes: impl Iterator<Item = Class>) -> String {
    let mut counts = [0usize; 5];
    classes.for_each(|class| counts[class.index()] += 1);
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut text = format!("{title}\n");
    for class in Class::ALL {
        let count = counts[class.index()];
        let bar = "█".repeat((count * 30).div_ceil(most));
        let _ = writeln!(text, "  {:<8} {:<9} {count:>6}  {bar}", class.name(), class.word());
    }
    text
}

/// Seconds as people say them.
pub fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{}:{:02} min", seconds as u64 / 60, seconds as u64 % 60)
    }
}
