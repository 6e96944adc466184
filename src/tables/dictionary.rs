//! The data dictionary, made from the schema itself.

use std::fmt::Write;

use super::{FaceRow, FigureRow, HistoryRow, PairingRow, PortraitRow, Record, RunRow, SongRow};

/// `docs/tables.md`: every table and column with its type and meaning.
pub fn markdown() -> String {
    let mut text = String::from(
        "# The tables\n\n\
         A run's folder holds a folder a table; every `part-*.parquet` in it is a part of that table (zstd). Ids are the \
         first 16 hexadecimal digits of BLAKE3 of a file's bytes. Footers carry `promenade.*` keys: schema and stage \
         version, hashes of settings and model, device and tool version. This page is generated from the schema \
         (`promenade inspect --dictionary`) and checked by a test.\n",
    );
    section::<PortraitRow>(&mut text);
    section::<FaceRow>(&mut text);
    section::<SongRow>(&mut text);
    section::<PairingRow>(&mut text);
    section::<RunRow>(&mut text);
    section::<HistoryRow>(&mut text);
    section::<FigureRow>(&mut text);
    text
}

fn section<R: Record>(text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n## `{}`\n\nA row is {}. Schema version {}, made by `promenade {}`.\n\n| column | type | null | meaning |\n|---|---|---|---|\n",
        R::TABLE,
        R::ROW,
        R::VERSION,
        R::STAGE
    );
    for column in R::columns() {
        let null = if column.nullable { "yes" } else { "no" };
        let _ = writeln!(text, "| `{}` | {} | {null} | {} |", column.name, column.dtype, column.doc);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_in_the_documentation_is_the_schema_as_it_is() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tables.md");
        let found = std::fs::read_to_string(page).unwrap_or_default();
        assert!(
            found == super::markdown(),
            "docs/tables.md is stale: run `promenade inspect --dictionary > docs/tables.md`"
        );
    }
}
