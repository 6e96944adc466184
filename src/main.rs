//! Arguments -> checked settings -> a command; see [`promenade::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    promenade::portrait::process::prepare();
    promenade::cli::main()
}
