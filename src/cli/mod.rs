//! The command line: arguments -> checked settings -> a stage; the only room that knows the terminal.
//!
//! Every command ends with 0 where all is well, 1 where some inputs failed (their rows say why), 2 where it could not run.

mod doctor;
mod evaluate;
mod exhibit;
mod faces;
mod inspect;
mod pair;
mod pipeline;
mod progress;
mod report;
mod run;
mod songs;
mod stage;
mod train;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::batch::stop;

/// Matches art portraits to songs by emotion.
#[derive(Debug, Parser)]
#[command(
    name = "promenade",
    version,
    about,
    after_help = "EXAMPLES:\n    promenade run pipelines/demo.toml\n    promenade faces ~/portraits --out outputs/mine\n    \
                  promenade songs ~/music --out outputs/mine\n    promenade pair --out outputs/mine\n    promenade exhibit \
                  --out outputs/mine --portraits ~/portraits --songs ~/music\n\nExit status: 0 all good, 1 some inputs failed, \
                  2 could not run."
)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
struct Common {
    /// Threads of the pool (all cores unless told otherwise); never changes a result
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print the summary as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArguments),
    Faces(faces::FacesArguments),
    Songs(songs::SongsArguments),
    Pair(pair::PairArguments),
    Exhibit(exhibit::ExhibitArguments),
    #[command(subcommand)]
    Train(train::TrainCommand),
    #[command(subcommand)]
    Evaluate(evaluate::EvaluateCommand),
    Inspect(inspect::InspectArguments),
    Doctor,
}

/// How a command that ran ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All inputs gave a result.
    AllGood,
    /// Some inputs failed; their rows say why.
    SomeFailed,
}

impl Outcome {
    /// The worse of two.
    fn and(self, other: Self) -> Self {
        if self == Self::SomeFailed { self } else { other }
    }
}

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let threads = arguments.common.threads.map_or(0, usize::from);
    if let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        eprintln!("error: cannot start {threads} threads: {error}");
        return ExitCode::from(2);
    }
    match execute(&arguments) {
        Ok(Outcome::AllGood) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Err(error) => {
            if !is_broken_pipe(&error) {
                eprintln!("error: {}", report::chain(&error));
            }
            ExitCode::from(2)
        }
    }
}

fn execute(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Run(arguments) => run::run(arguments, common),
        Command::Faces(arguments) => faces::run(arguments, common),
        Command::Songs(arguments) => songs::run(arguments, common),
        Command::Pair(arguments) => pair::run(arguments, common),
        Command::Exhibit(arguments) => exhibit::run(arguments, common),
        Command::Train(command) => train::run(command, common),
        Command::Evaluate(command) => evaluate::run(command, common),
        Command::Inspect(arguments) => inspect::run(arguments, common),
        Command::Doctor => doctor::run(common),
    }
}

/// Lets the first Ctrl-C end the work in order and the second end the process.
fn listen_for_ctrl_c() {
    let heard = || {
        if stop::ask() {
            std::process::exit(130);
        }
        eprintln!(
            "\nstopping: what is in flight is finished and written; press Ctrl-C again to stop at once"
        );
    };
    // Without a handler Ctrl-C ends the process at once, which loses nothing that is finished either.
    if let Err(error) = ctrlc::set_handler(heard) {
        eprintln!("note: Ctrl-C will end the process at once: {error}");
    }
}

/// Whether the reader of our output went away (`promenade inspect … | head`), which is no error of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    kinds.map(std::io::Error::kind).any(|kind| kind == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
