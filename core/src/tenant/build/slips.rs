//! Slips of the pen that read as something else: a colour that becomes a comment, a comma that ends a number, an address
//! without its beginning. YAML takes them all.

use super::Builder;
use crate::yaml::{Data, Key, Node, Problem};

impl Builder<'_> {
    /// What the town's own files say and cannot mean.
    pub(super) fn look_for_slips(&mut self) {
        let mut problems = Vec::new();
        for (path, node) in self.own.all_yaml() {
            look(path, "", node, &mut problems);
        }
        self.problems.extend(problems);
    }
}

fn look(file: &str, inside: &str, node: &Node, problems: &mut Vec<Problem>) {
    for (key, value) in node.entries() {
        problems.extend(empty(file, inside, key, value).or_else(|| no_address(file, key, value)));
        look(file, &key.name, value, problems);
    }
    node.items().iter().for_each(|item| look(file, inside, item, problems));
}

/// An empty value takes away what a layer says; these take away nothing that could be there.
fn empty(file: &str, inside: &str, key: &Key, value: &Node) -> Option<Problem> {
    if !value.is_null() {
        return None;
    }
    if !key.name.is_empty() && key.name.bytes().all(|byte| byte.is_ascii_digit()) {
        let problem = Problem::new(&key.at, format!("has the field `{}`, which says nothing", key.name));
        return Some(problem.hint("a number with a comma? amounts are whole cents: `amount: 280`"));
    }
    let is_color = file == "theme.yaml" && ["light", "dark", "colors"].contains(&inside);
    let problem = Problem::new(&key.at, format!("gives `{}` no colour", key.name));
    is_color.then(|| problem.hint("`#` begins a comment: write the colour in quotes, `\"#1b6e4b\"`"))
}

/// `www.example.de` leads to a page of the portal, and `rathaus(at)example.de` nowhere.
fn no_address(file: &str, key: &Key, value: &Node) -> Option<Problem> {
    let Data::Text(text) = &value.data else { return None };
    // old addresses are paths, and what facts stand for is looked at where they stand
    if file == "redirects.yaml" || text.contains("{{") || text.is_empty() {
        return None;
    }
    let (is_fine, hint) = match &*key.name {
        "website" | "url" => {
            let known = ["https://", "http://", "/", "#", "mailto:", "tel:"];
            (known.iter().any(|begin| text.starts_with(begin)), "web addresses begin with `https://`")
        }
        "email" => {
            let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
            (parts.is_some() && !text.contains(char::is_whitespace), "`rathaus@example.de`")
        }
        _ => return None,
    };
    let problem = Problem::new(&value.at, format!("says `{text}` as its `{}`, which is no address", key.name));
    (!is_fine).then(|| problem.hint(hint).warning().rule("broken-link"))
}
