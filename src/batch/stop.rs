//! Ctrl-C: the first lets what is in flight finish and be written, the second ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Asks the running stage to stop; whether it had been asked before.
pub fn ask() -> bool {
    ASKED.swap(true, Ordering::SeqCst)
}

/// Whether somebody asked.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
