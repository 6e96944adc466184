//! Promenade matches art portraits to songs by emotion.
//!
//! The rooms of the house, from the ground up; each imports only from those before it:
//!
//! | module | what it does |
//! |---|---|
//! | [`affect`] | the valence-arousal plane: points, classes, estimates, lexicons; pure |
//! | [`tables`] | the schema of every table, Parquet in and out, atomic files, fingerprints |
//! | [`locate`] | where the native parts and the models lie |
//! | [`batch`] | how files flow through a stage: discovery, buckets, ledger, progress, stop |
//! | [`datasets`] | readers of the public data sets, each yielding the same few types |
//! | [`portrait`] | picture -> faces -> expression |
//! | [`music`] | clip -> features -> valence and arousal |
//! | [`pairing`] | faces x songs -> pairings |
//! | [`exhibit`] | pairings -> pages |
//! | [`cli`] | one file a subcommand; the only room that knows the terminal |

pub mod affect;
pub mod batch;
pub mod cli;
pub mod datasets;
pub mod exhibit;
pub mod locate;
pub mod music;
pub mod pairing;
pub mod portrait;
pub mod tables;
