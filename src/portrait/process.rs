//! What a process that reads faces does first.

use super::expression::runtime;

/// Loads CUDA's half of libtorch where there is one, and sets up libtorch for batch work at one thread a worker.
///
/// The very first thing in `main`: libtorch remembers the answer of the first question about CUDA, and a library that
/// is loaded after it comes too late.
pub fn prepare() {
    load_cuda();
    runtime::prepare(1);
}

#[cfg(target_os = "linux")]
fn load_cuda() {
    // SAFETY: the name is a C string; loading runs the library's constructors, which register its devices and nothing
    // else. Where there is no such library the answer is null, and faces are read on the processor.
    unsafe { libc::dlopen(c"libtorch_cuda.so".as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
}

#[cfg(not(target_os = "linux"))]
fn load_cuda() {}
