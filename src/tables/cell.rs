//! What a field of a row may be, and how it becomes a column.

use std::fmt::Display;
use std::str::FromStr;

use polars::prelude::*;

use super::{Status, TableError};
use crate::affect::Class;

/// A column as the data dictionary shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDoc {
    /// The name in the table.
    pub name: &'static str,
    /// The type, as Parquet's readers would say.
    pub dtype: String,
    /// Whether the column may hold nulls.
    pub nullable: bool,
    /// Meaning, unit and range.
    pub doc: &'static str,
}

/// A field of a row: one column, or the several columns of a nested record.
pub trait Columns: Sized {
    /// Appends what the dictionary says of the column or columns.
    fn describe(name: &'static str, doc: &'static str, into: &mut Vec<ColumnDoc>);
    /// Appends the column or columns that hold these values, in order.
    fn write(name: &'static str, values: Vec<&Self>, into: &mut Vec<Column>) -> Result<(), TableError>;
    /// The values of all rows.
    fn read(name: &'static str, frame: &DataFrame) -> Result<Vec<Self>, TableError>;
}

pub(super) fn column_error(column: &str, message: impl Display) -> TableError {
    TableError::Column { column: column.to_owned(), message: message.to_string() }
}

fn find<'a>(name: &str, frame: &'a DataFrame) -> Result<&'a Series, TableError> {
    Ok(frame.column(name).map_err(|error| column_error(name, error))?.as_materialized_series())
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, TableError> {
    value.ok_or_else(|| column_error(name, "holds a null where none may be"))
}

/// Fields that polars has a column type for: the optional form is the column, the plain form forbids nulls.
macro_rules! primitive_columns {
    ($($rust:ty, $dtype:literal, $chunked:ident);+ $(;)?) => {$(
        impl Columns for Option<$rust> {
            fn describe(name: &'static str, doc: &'static str, into: &mut Vec<ColumnDoc>) {
                into.push(ColumnDoc { name, dtype: $dtype.into(), nullable: true, doc });
            }
            fn write(name: &'static str, values: Vec<&Self>, into: &mut Vec<Column>) -> Result<(), TableError> {
                into.push(Column::new(name.into(), values.into_iter().cloned().collect::<Vec<_>>()));
                Ok(())
            }
            fn read(name: &'static str, frame: &DataFrame) -> Result<Vec<Self>, TableError> {
                let column = find(name, frame)?.$chunked().map_err(|error| column_error(name, error))?;
                Ok(column.iter().map(|value| value.map(Into::into)).collect())
            }
        }

        impl Columns for $rust {
            fn describe(name: &'static str, doc: &'static str, into: &mut Vec<ColumnDoc>) {
                into.push(ColumnDoc { name, dtype: $dtype.into(), nullable: false, doc });
            }
            fn write(name: &'static str, values: Vec<&Self>, into: &mut Vec<Column>) -> Result<(), TableError> {
                into.push(Column::new(name.into(), values.into_iter().cloned().collect::<Vec<_>>()));
                Ok(())
            }
            fn read(name: &'static str, frame: &DataFrame) -> Result<Vec<Self>, TableError> {
                let values = <Option<$rust>>::read(name, frame)?;
                values.into_iter().map(|value| required(name, value)).collect()
            }
        }
    )+};
}

primitive_columns! {
    String, "string", str;
    f32, "float32", f32;
    f64, "float64", f64;
    u32, "uint32", u32;
    u64, "uint64", u64;
    bool, "bool", bool;
}

/// Fields that are words of a fixed list: a column of strings.
macro_rules! word_columns {
    ($($rust:ty),+) => {$(
        impl Columns for Option<$rust> {
            fn describe(name: &'static str, doc: &'static str, into: &mut Vec<ColumnDoc>) {
                <Option<String>>::describe(name, doc, into);
            }
            fn write(name: &'static str, values: Vec<&Self>, into: &mut Vec<Column>) -> Result<(), TableError> {
                let words: Vec<_> = values.into_iter().map(|value| value.map(|word| word.name())).collect();
                into.push(Column::new(name.into(), words));
                Ok(())
            }
            fn read(name: &'static str, frame: &DataFrame) -> Result<Vec<Self>, TableError> {
                let parse = |word: String| <$rust>::from_str(&word).map_err(|error| column_error(name, error));
                <Option<String>>::read(name, frame)?.into_iter().map(|word| word.map(parse).transpose()).collect()
            }
        }
    )+};
}

word_columns!(Class, Status);

impl Columns for Status {
    fn describe(name: &'static str, doc: &'static str, into: &mut Vec<ColumnDoc>) {
        String::describe(name, doc, into);
    }
    fn write(name: &'static str, values: Vec<&Self>, into: &mut Vec<Column>) -> Result<(), TableError> {
        into.push(Column::new(
            name.into(),
            values.into_iter().map(|status| status.name()).collect::<Vec<_>>(),
        ));
        Ok(())
    }
    fn read(name: &'static str, frame: &DataFrame) -> Result<Vec<Self>, TableError> {
        <Option<Status>>::read(name, frame)?.into_iter().map(|value| required(name, value)).collect()
    }
}

/// A vector of `N` numbers, which Parquet keeps as a fixed-size list; boxed, since a row is moved often.
pub type Vector<const N: usize> = Box<[f32; N]>;

impl<const N: usize> Columns for Option<Vector<N>> {
    fn describe(name: &'static str, doc: &'static str, into: &mut Vec<ColumnDoc>) {
        into.push(ColumnDoc { name, dtype: format!("fixed-size list of {N} float32"), nullable: true, doc });
    }

    fn write(name: &'static str, values: Vec<&Self>, into: &mut Vec<Column>) -> Result<(), TableError> {
        let mut builder = ListPrimitiveChunkedBuilder::<Float32Type>::new(
            name.into(),
            values.len(),
            values.len() * N,
            DataType::Float32,
        );
        for value in values {
            match value {
                Some(numbers) => builder.append_slice(numbers.as_slice()),
                None => builder.append_null(),
            }
        }
        let lists = builder.finish().into_series();
        let array = lists
            .cast(&DataType::Array(Box::new(DataType::Float32), N))
            .map_err(|error| column_error(name, error))?;
        into.push(array.into());
        Ok(())
    }

    fn read(name: &'static str, frame: &DataFrame) -> Result<Vec<Self>, TableError> {
        let lists = find(name, frame)?
            .cast(&DataType::List(Box::new(DataType::Float32)))
            .map_err(|error| column_error(name, error))?;
        let lists = lists.list().map_err(|error| column_error(name, error))?;
        lists
            .amortized_iter()
            .map(|list| {
                let Some(list) = list else { return Ok(None) };
                let numbers = list.as_ref().f32().map_err(|error| column_error(name, error))?;
                let numbers: Vec<f32> = numbers.iter().map(|x| x.unwrap_or(f32::NAN)).collect();
                let found = numbers.len();
                let vector = numbers.into_boxed_slice().try_into();
                vector
                    .map(Some)
                    .map_err(|_| column_error(name, format!("a list of {found} numbers, not of {N}")))
            })
            .collect()
    }
}
