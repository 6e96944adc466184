//! The page: one file with its style and script inside.

use askama::Template;

use super::plane::Plane;
use super::view::{Article, LeftOut};
use crate::affect::Class;
use crate::tables::fingerprint;

/// Everything that `index.html` shows.
#[derive(Template)]
#[template(path = "exhibit/page.html")]
pub(super) struct Page {
    pub title: String,
    pub intro: String,
    /// A sentence on why no portrait has songs; none where a pairing was made.
    pub unpaired: Option<&'static str>,
    /// Whether songs were compared by their standing in their own collection.
    pub standardised: bool,
    /// How many songs hang beside portraits.
    pub songs: usize,
    pub map: Plane,
    pub articles: Vec<Article>,
    pub left_out: Vec<LeftOut>,
}

const STYLE: &str = include_str!("../../templates/exhibit/style.css");
const SCRIPT: &str = include_str!("../../templates/exhibit/script.js");

/// All that shapes a page, so that a new form of it replaces old pages.
const TEMPLATES: [&str; 5] = [
    STYLE,
    SCRIPT,
    include_str!("../../templates/exhibit/page.html"),
    include_str!("../../templates/exhibit/article.html"),
    include_str!("../../templates/exhibit/plane.svg"),
];

/// A hash of the templates.
pub(super) fn templates_id() -> String {
    fingerprint::bytes_id(TEMPLATES.concat().as_bytes())
}

impl Page {
    fn style(&self) -> &'static str {
        STYLE
    }

    fn script(&self) -> &'static str {
        SCRIPT
    }

    /// How many portraits are of a class.
    fn count(&self, class: &Class) -> usize {
        self.articles.iter().filter(|article| article.class == *class).count()
    }

    fn classes(&self) -> [Class; 5] {
        Class::ALL
    }

    fn meaning(&self, class: &Class) -> &'static str {
        super::words::meaning(*class)
    }

    fn capitalised(&self, text: &str) -> String {
        super::words::capitalised(text)
    }
}
