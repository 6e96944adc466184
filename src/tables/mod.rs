//! The schema of every table, Parquet in and out.
