//! Tokens of a theme: colours, fonts, shape, word mark. Unreadable colours are refused when the theme is loaded.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contrast::Color;
use crate::yaml::{Node, Problem, decode};

/// The file `theme.yaml`. A theme holds only what differs from the one below it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Name of the theme, for people.
    pub name: String,
    pub colors: Colors,
    /// Font stacks by use (`body`, `heading`); only fonts of the system or of the theme's own assets.
    #[serde(default)]
    pub fonts: BTreeMap<String, String>,
    /// Measures by name (`radius`), any CSS length.
    #[serde(default)]
    pub shape: BTreeMap<String, String>,
    /// File name of the word mark in `assets/`.
    pub wordmark: String,
}

/// Both schemes; the citizen's device chooses.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Colors {
    pub light: Scheme,
    pub dark: Scheme,
}

/// Colours by use, each `#rrggbb`.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    pub background: String,
    pub surface: String,
    pub text: String,
    pub muted: String,
    pub border: String,
    pub link: String,
    pub primary: String,
    pub on_primary: String,
    pub accent: String,
    pub on_accent: String,
    pub header: String,
    pub on_header: String,
    pub focus: String,
    pub success: String,
    pub warning: String,
    pub danger: String,
}

/// WCAG AA: 4.5 for text, 3 for lines and focus rings.
const PAIRS: [(&str, &str, f64); 14] = [
    ("text", "background", 4.5),
    ("text", "surface", 4.5),
    ("muted", "background", 4.5),
    ("muted", "surface", 4.5),
    ("link", "background", 4.5),
    ("link", "surface", 4.5),
    ("on_primary", "primary", 4.5),
    ("on_accent", "accent", 4.5),
    ("on_header", "header", 4.5),
    ("success", "background", 4.5),
    ("warning", "background", 4.5),
    ("danger", "background", 4.5),
    ("border", "background", 3.0),
    ("focus", "background", 3.0),
];

impl Tokens {
    /// Reads and checks the merged `theme.yaml`.
    pub fn from_node(node: &Arc<Node>) -> Result<Self, Vec<Problem>> {
        let tokens: Self = decode(node).map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        for scheme in ["light", "dark"] {
            if let Some(colors) = node.find(&format!("colors.{scheme}")) {
                check_scheme(scheme, colors, &mut problems);
            }
        }
        for group in ["fonts", "shape"] {
            check_css_values(node.find(group), &mut problems);
        }
        if problems.is_empty() { Ok(tokens) } else { Err(problems) }
    }

    /// The custom properties that the style sheet builds on.
    pub fn css(&self, node: &Node) -> String {
        let mut css = String::from(":root{");
        for (prefix, values) in [("font-", &self.fonts), ("", &self.shape)] {
            for (name, value) in values {
                let _ = write!(css, "--{prefix}{}:{value};", name.replace('_', "-"));
            }
        }
        css += &colors_css(node.find("colors.light"));
        css += "color-scheme:light dark}@media (prefers-color-scheme:dark){:root{";
        css += &colors_css(node.find("colors.dark"));
        css + "}}\n"
    }
}

fn colors_css(scheme: Option<&Node>) -> String {
    let entries = scheme.map(Node::entries).unwrap_or_default();
    entries.iter().fold(String::new(), |mut css, (key, value)| {
        let _ = write!(css, "--color-{}:{};", key.name.replace('_', "-"), value.data);
        css
    })
}

fn check_scheme(scheme: &str, colors: &Node, problems: &mut Vec<Problem>) {
    for (key, value) in colors.entries() {
        if value.text().and_then(Color::parse).is_none() {
            let problem = Problem::new(&value.at, format!("gives `{}` the colour `{}`", key.name, value.data));
            problems.push(problem.hint("colours are written `#rrggbb`, in quotes"));
        }
    }
    let color = |name: &str| colors.get(name).and_then(|value| value.text()).and_then(Color::parse);
    for (front, back, needed) in PAIRS {
        let (Some(front_color), Some(back_color)) = (color(front), color(back)) else { continue };
        let ratio = front_color.contrast(back_color);
        if ratio < needed {
            let at = &colors.get(front).expect("its colour was just read").at;
            let better = front_color.nearest_with_contrast(back_color, needed);
            let message = format!(
                "has too little contrast: `{front}` {front_color} on `{back}` {back_color} ({scheme}) is {ratio:.2}:1, \
                 WCAG AA needs {needed}:1"
            );
            problems
                .push(Problem::new(at, message).hint(format!("`{front}: \"{better}\"` would pass")).rule("contrast"));
        }
    }
}

/// Names and values end up in a style sheet: nothing that could end the declaration may stand in them.
fn check_css_values(group: Option<&Node>, problems: &mut Vec<Problem>) {
    for (key, value) in group.map(Node::entries).unwrap_or_default() {
        if !key.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            let message = format!("has the name `{}`, which is no name of a CSS property", key.name);
            problems.push(Problem::new(&key.at, message).hint("names use letters, digits, `-` and `_`"));
        }
        if !is_plain_css(&value.data.to_string()) {
            problems
                .push(Problem::new(&value.at, format!("has a value for `{}` that is no plain CSS value", key.name)));
        }
    }
}

fn is_plain_css(text: &str) -> bool {
    let closed = |open: char, close: char| text.matches(open).count() == text.matches(close).count();
    let quoted = |quote: char| text.matches(quote).count().is_multiple_of(2);
    !text.contains(['{', '}', ';', '<', '\\', '@', '\n', '\r'])
        && !text.contains("/*")
        && !text.to_lowercase().contains("url(")
        && closed('(', ')')
        && closed('[', ']')
        && quoted('"')
        && quoted('\'')
}
