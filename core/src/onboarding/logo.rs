//! Which pictures a town may bring as its word mark.

use roxmltree::{Document, Node, NodeType};

use super::Refused;

const MOST_BYTES: usize = 512 * 1024;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture that does nothing but show itself.
#[derive(Debug, Clone)]
pub struct Logo {
    /// `wordmark.svg` or `wordmark.png`
    pub file: &'static str,
    pub bytes: Vec<u8>,
}

impl Logo {
    /// Takes SVG and PNG by what they are, not by what they are called.
    pub fn of(shown: &str, bytes: Vec<u8>) -> Result<Self, Refused> {
        if bytes.len() > MOST_BYTES {
            return Err(Refused::new(format!("`{shown}` is larger than {} KiB", MOST_BYTES / 1024))
                .hint("a word mark is shown 48 pixels high"));
        }
        if bytes.starts_with(PNG) {
            return Ok(Self { file: "wordmark.png", bytes });
        }
        let no_picture = || Refused::new(format!("`{shown}` is neither SVG nor PNG")).hint("save it as one of these");
        let text = std::str::from_utf8(&bytes).map_err(|_| no_picture())?;
        // a document type may define entities and fetch others: the parser refuses it
        let document = Document::parse(text).map_err(|error| no_picture().hint(format!("as SVG: {error}")))?;
        if document.root_element().tag_name().name() != "svg" {
            return Err(no_picture());
        }
        if let Some((node, what)) = document.descendants().find_map(|node| Some((node, danger(node)?))) {
            let at = document.text_pos_at(node.range().start);
            return Err(Refused::new(format!("`{shown}:{}:{}` {what}", at.row, at.col))
                .hint("export it as plain SVG, with fonts turned into paths"));
        }
        Ok(Self { file: "wordmark.svg", bytes })
    }
}

/// What a picture may not do: run, fetch, or show something other than itself.
fn danger(node: Node<'_, '_>) -> Option<String> {
    if node.node_type() == NodeType::PI {
        return Some("holds a processing instruction".into());
    }
    let name = node.tag_name().name().to_lowercase();
    if matches!(&*name, "script" | "foreignobject" | "iframe" | "object" | "embed" | "handler" | "listener" | "a") {
        return Some(format!("holds a `<{name}>`"));
    }
    if name == "style" && node.text().is_some_and(refers_outside) {
        return Some("has a style that refers to something outside".into());
    }
    node.attributes().find_map(|attribute| {
        let (name, value) = (attribute.name().to_lowercase(), attribute.value());
        if name.starts_with("on") {
            return Some(format!("runs a script (`{name}`)"));
        }
        let leads_out = matches!(&*name, "href" | "src" | "from" | "to" | "values" | "by") && !stays_inside(value);
        (leads_out || refers_outside(value)).then(|| format!("refers to something outside (`{name}`)"))
    })
}

/// A part of the same picture, or a bitmap within it; animations carry plain numbers and colours.
fn stays_inside(value: &str) -> bool {
    let value = value.trim_start().to_lowercase();
    let bitmap = ["data:image/png", "data:image/jpeg", "data:image/webp"].iter().any(|kind| value.starts_with(kind));
    value.starts_with('#') || bitmap || !value.contains(':') && !value.contains('/')
}

/// `url(…)` may name a part of the same picture; a style may hide it behind escapes, so these are refused.
fn refers_outside(css: &str) -> bool {
    let css = css.to_lowercase();
    let foreign = css.split("url(").skip(1).any(|rest| !rest.trim_start_matches([' ', '"', '\'']).starts_with('#'));
    foreign || css.contains("@import") || css.contains("javascript:") || css.contains('\\')
}
