//! `promenade inspect`: what is in a table.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use polars::prelude::{AnyValue, DataFrame};

use super::{Common, Outcome, report};
use crate::tables::{dictionary, parquet};

/// Show a table: schema, rows by status and class, first rows, a filter, CSV
#[derive(Debug, Args)]
#[command(
    after_help = "EXAMPLES:\n    promenade inspect outputs/demo/songs\n    promenade inspect outputs/demo/portraits \
                        --where 'status!=ok' --columns path,status,error\n    promenade inspect outputs/demo/pairings --csv > \
                        pairings.csv"
)]
pub struct InspectArguments {
    /// A table's folder, such as outputs/demo/songs, or one Parquet file
    #[arg(required_unless_present = "dictionary")]
    table: Option<PathBuf>,
    /// Keep the rows for which this holds: COLUMN, one of = != < <= > >=, and a value; may be given several times
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// Show these columns only, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "COLUMN,...")]
    columns: Vec<String>,
    /// How many rows to show
    #[arg(long, default_value_t = 10, value_name = "N")]
    head: usize,
    /// Print all rows as CSV; lists as numbers separated by spaces
    #[arg(long)]
    csv: bool,
    /// Print the data dictionary of all tables as Markdown
    #[arg(long)]
    dictionary: bool,
}

pub fn run(arguments: &InspectArguments, _: &Common) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    let Some(table) = arguments.table.as_ref().filter(|_| !arguments.dictionary) else {
        write!(out, "{}", dictionary::markdown())?;
        return Ok(Outcome::AllGood);
    };
    let frame = parquet::read_any(table)?;
    let total = frame.height();
    let conditions = arguments.conditions.iter().map(|text| Condition::parse(text, &frame));
    let conditions: Vec<_> = conditions.collect::<anyhow::Result<_>>()?;
    let kept: Vec<usize> =
        (0..total).filter(|row| conditions.iter().all(|condition| condition.holds(*row, &frame))).collect();
    let names: Vec<String> = if arguments.columns.is_empty() {
        frame.get_column_names().iter().map(|name| name.to_string()).collect()
    } else {
        arguments.columns.clone()
    };
    for name in &names {
        column(&frame, name)?;
    }
    if arguments.csv {
        write_csv(&mut out, &frame, &kept, &names)?;
        return Ok(Outcome::AllGood);
    }
    write!(out, "{}: {total} rows", table.display())?;
    if !conditions.is_empty() {
        write!(out, ", {} chosen", kept.len())?;
    }
    writeln!(out)?;
    if arguments.columns.is_empty() && conditions.is_empty() {
        for (name, dtype) in frame.schema().iter() {
            writeln!(out, "  {name:<22} {dtype}")?;
        }
    }
    for counted in ["status", "class", "portrait_class", "stage"] {
        write_counts(&mut out, &frame, &kept, counted)?;
    }
    for row in kept.iter().take(arguments.head) {
        writeln!(out, "\nrow {row}")?;
        for name in &names {
            let value = text(&frame, name, *row);
            if !value.is_empty() {
                let shown: String = value.chars().take(100).collect();
                let dots = if shown.len() < value.len() { "…" } else { "" };
                // A name may hold line ends and control characters, which must not reach the terminal raw.
                writeln!(out, "  {name:<22} {}{dots}", shown.escape_debug())?;
            }
        }
    }
    Ok(Outcome::AllGood)
}

fn column(frame: &DataFrame, name: &str) -> anyhow::Result<()> {
    let known = || frame.get_column_names().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    frame.column(name).map(|_| ()).with_context(|| format!("no column `{name}`; there are: {}", known()))
}

fn value<'a>(frame: &'a DataFrame, name: &str, row: usize) -> AnyValue<'a> {
    frame.column(name).and_then(|column| column.get(row)).unwrap_or(AnyValue::Null)
}

/// A cell as text: nothing for a null, numbers separated by spaces for a list.
fn text(frame: &DataFrame, name: &str, row: usize) -> String {
    match value(frame, name, row) {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::Array(numbers, _) | AnyValue::List(numbers) => {
            numbers.iter().map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// A comparison of a column with a value.
struct Condition {
    column: String,
    operator: &'static str,
    value: String,
}

impl Condition {
    fn parse(text: &str, frame: &DataFrame) -> anyhow::Result<Self> {
        // Longer operators first, so that `<=` is not read as `<`.
        let found = ["!=", "<=", ">=", "=", "<", ">"]
            .into_iter()
            .filter_map(|operator| text.find(operator).map(|at| (at, operator)))
            .min_by_key(|(at, operator)| (*at, std::cmp::Reverse(operator.len())));
        let Some((at, operator)) = found else {
            bail!(
                "`{text}` is no condition: write COLUMN, one of = != < <= > >=, and a value, such as status!=ok"
            );
        };
        let name = text[..at].trim().to_owned();
        column(frame, &name)?;
        Ok(Self { column: name, operator, value: text[at + operator.len()..].trim().to_owned() })
    }

    /// Numbers compare as numbers, all else as text; a null is equal to the empty text alone and on no side of anything.
    fn holds(&self, row: usize, frame: &DataFrame) -> bool {
        let cell = value(frame, &self.column, row);
        let order = match (cell.extract::<f64>(), self.value.parse::<f64>()) {
            (Some(cell), Ok(value)) if !matches!(value_kind(&self.column, frame), Kind::Text) => {
                cell.partial_cmp(&value)
            }
            _ if matches!(cell, AnyValue::Null) && !self.operator.contains('=') => None,
            _ => Some(text(frame, &self.column, row).as_str().cmp(self.value.as_str())),
        };
        match self.operator {
            "=" => order.is_some_and(std::cmp::Ordering::is_eq),
            "!=" => order.is_none_or(std::cmp::Ordering::is_ne),
            "<" => order.is_some_and(std::cmp::Ordering::is_lt),
            "<=" => order.is_some_and(std::cmp::Ordering::is_le),
            ">" => order.is_some_and(std::cmp::Ordering::is_gt),
            _ => order.is_some_and(std::cmp::Ordering::is_ge),
        }
    }
}

enum Kind {
    Text,
    Other,
}

fn value_kind(name: &str, frame: &DataFrame) -> Kind {
    match frame.column(name).map(|column| column.dtype().is_string()) {
        Ok(true) => Kind::Text,
        _ => Kind::Other,
    }
}

fn write_counts(out: &mut impl Write, frame: &DataFrame, rows: &[usize], name: &str) -> anyhow::Result<()> {
    if column(frame, name).is_err() {
        return Ok(());
    }
    let mut counts = BTreeMap::<String, usize>::new();
    for row in rows {
        *counts.entry(text(frame, name, *row)).or_default() += 1;
    }
    if name.ends_with("class") {
        let classes = rows.iter().filter_map(|row| text(frame, name, *row).parse().ok());
        write!(out, "\n{}", report::histogram(name, classes))?;
        return Ok(());
    }
    writeln!(out, "\n{name}")?;
    for (word, count) in counts {
        writeln!(out, "  {word:<18} {count:>6}")?;
    }
    Ok(())
}

fn write_csv(
    out: &mut impl Write,
    frame: &DataFrame,
    rows: &[usize],
    names: &[String],
) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(names)?;
    for row in rows {
        writer.write_record(names.iter().map(|name| text(frame, name, *row)))?;
    }
    writer.flush()?;
    Ok(())
}
