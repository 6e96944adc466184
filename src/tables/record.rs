//! A row type and its table, declared once.

use polars::prelude::{Column, DataFrame};

use super::TableError;
use super::cell::ColumnDoc;

/// A row of a table.
pub trait Record: Sized {
    /// The table's name, which is its folder's.
    const TABLE: &'static str;
    /// The version of its schema; another version is not read.
    const VERSION: u32;
    /// The subcommand that makes it.
    const STAGE: &'static str;
    /// What a row is.
    const ROW: &'static str;

    /// The columns, in order.
    fn columns() -> Vec<ColumnDoc>;
    /// Rows to columns.
    fn to_columns(rows: &[&Self]) -> Result<Vec<Column>, TableError>;
    /// Columns to rows.
    fn from_frame(frame: &DataFrame) -> Result<Vec<Self>, TableError>;
}

/// Declares a struct whose fields are columns; the fields' comments become the data dictionary.
///
/// A field may itself be such a struct: its columns then stand in its place.
macro_rules! columns {
    ($(#[doc = $about:literal])* pub struct $row:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)+ }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $row { $($(#[doc = $doc])+ pub $field: $type,)+ }

        impl $crate::tables::cell::Columns for $row {
            fn describe(_: &'static str, _: &'static str, into: &mut Vec<$crate::tables::ColumnDoc>) {
                $(<$type as $crate::tables::cell::Columns>::describe(stringify!($field), concat!($($doc),+).trim_ascii(), into);)+
            }
            fn write(
                _: &'static str,
                rows: Vec<&Self>,
                into: &mut Vec<polars::prelude::Column>,
            ) -> Result<(), $crate::tables::TableError> {
                $(<$type as $crate::tables::cell::Columns>::write(
                    stringify!($field),
                    rows.iter().map(|row| &row.$field).collect(),
                    into,
                )?;)+
                Ok(())
            }
            fn read(
                _: &'static str,
                frame: &polars::prelude::DataFrame,
            ) -> Result<Vec<Self>, $crate::tables::TableError> {
                $(let mut $field = <$type as $crate::tables::cell::Columns>::read(stringify!($field), frame)?.into_iter();)+
                let mut rows = Vec::with_capacity(frame.height());
                for _ in 0..frame.height() {
                    // Every column has the frame's height, so the iterators end together.
                    rows.push(Self { $($field: match $field.next() {
                        Some(value) => value,
                        None => break,
                    },)+ });
                }
                Ok(rows)
            }
        }
    };
}

/// Says which table a struct of [`columns!`] is a row of.
macro_rules! table {
    ($row:ty, $name:literal, version $version:literal, made by $stage:literal, a row is $what:literal) => {
        impl $crate::tables::Record for $row {
            const TABLE: &'static str = $name;
            const VERSION: u32 = $version;
            const STAGE: &'static str = $stage;
            const ROW: &'static str = $what;

            fn columns() -> Vec<$crate::tables::ColumnDoc> {
                let mut columns = Vec::new();
                <$row as $crate::tables::cell::Columns>::describe("", "", &mut columns);
                columns
            }
            fn to_columns(
                rows: &[&Self],
            ) -> Result<Vec<polars::prelude::Column>, $crate::tables::TableError> {
                let mut columns = Vec::new();
                <$row as $crate::tables::cell::Columns>::write("", rows.to_vec(), &mut columns)?;
                Ok(columns)
            }
            fn from_frame(
                frame: &polars::prelude::DataFrame,
            ) -> Result<Vec<Self>, $crate::tables::TableError> {
                <$row as $crate::tables::cell::Columns>::read("", frame)
            }
        }
    };
}

pub(super) use {columns, table};
