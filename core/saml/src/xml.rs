//! XML without its surprises: no document types, comments, CDATA or processing instructions, so that every element has
//! one text and every reader sees the same one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::NodeSet;
use uppsala::{Document, NodeId, NodeKind, Parser};

use crate::{Rejected, names};

// A response nests 8 deep, an attribute of "Mein Unternehmenskonto" some more.
const MAX_DEPTH: u32 = 48;

// An answer of BundID has some 200 tags with 4 attributes at most.
const MAX_TAGS: usize = 8192;
const MAX_QUOTES: usize = 1024;
const MAX_PREFIXES: usize = 64;

/// Parses what may come from anybody.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Rejected> {
    if !is_modest(text) {
        return Err(Rejected::Unreadable("too large"));
    }
    let parser = Parser::new().with_max_depth(MAX_DEPTH).with_forbid_dtd(true).with_forbid_entities(true);
    let document = parser.parse(text).map_err(|_| Rejected::Unreadable("not well-formed, or has a document type"))?;
    if let Some(declared) = &document.xml_declaration {
        let is_utf8 = declared.encoding.as_deref().is_none_or(|encoding| encoding.eq_ignore_ascii_case("utf-8"));
        if declared.version != "1.0" || !is_utf8 {
            return Err(Rejected::Unreadable("not XML 1.0 in UTF-8 by its own word"));
        }
    }
    for node in document.descendants(document.root()) {
        match document.node_kind(node) {
            Some(NodeKind::Comment(_)) => return Err(Rejected::Forbidden("a comment")),
            Some(NodeKind::CData(_)) => return Err(Rejected::Forbidden("a CDATA section")),
            Some(NodeKind::ProcessingInstruction(_)) => return Err(Rejected::Forbidden("a processing instruction")),
            _ => {}
        }
    }
    Ok(document)
}

/// Bounds what a parser does for each pair of attributes: 20,000 of them in one tag would keep it busy for a second. `<`
/// cannot stand inside a tag, so what follows one is one tag with the text behind it, and an attribute takes two quotes.
fn is_modest(text: &str) -> bool {
    let quotes = |tag: &str| tag.bytes().filter(|byte| matches!(byte, b'"' | b'\'')).count();
    text.split('<').count() <= MAX_TAGS && text.split('<').all(|tag| quotes(tag) <= MAX_QUOTES)
}

/// The root element of a parsed message.
pub(crate) fn root<'d>(document: &'d Document<'d>) -> Result<Element<'d>, Rejected> {
    let node = document.document_element().ok_or(Rejected::Unreadable("empty"))?;
    Ok(Element { document, node })
}

#[derive(Clone, Copy)]
pub(crate) struct Element<'d> {
    document: &'d Document<'d>,
    node: NodeId,
}

impl<'d> Element<'d> {
    pub(crate) fn is(self, namespace: &str, name: &str) -> bool {
        self.document.element(self.node).is_some_and(|element| element.matches_name_ns(namespace, name))
    }

    pub(crate) fn children(self) -> impl Iterator<Item = Element<'d>> {
        let elements = self.document.children_iter(self.node).filter(|node| self.document.element(*node).is_some());
        elements.map(move |node| Element { document: self.document, node })
    }

    pub(crate) fn named(self, namespace: &str, name: &str) -> impl Iterator<Item = Element<'d>> {
        self.children().filter(move |child| child.is(namespace, name))
    }

    /// The child of this name, if there is one; several are refused.
    pub(crate) fn maybe(self, namespace: &str, name: &'static str) -> Result<Option<Element<'d>>, Rejected> {
        let mut found = self.named(namespace, name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            _ => Err(Rejected::Shape(name)),
        }
    }

    /// The one child of this name.
    pub(crate) fn one(self, namespace: &str, name: &'static str) -> Result<Element<'d>, Rejected> {
        self.maybe(namespace, name)?.ok_or(Rejected::Shape(name))
    }

    /// How many elements of this name there are, this one and all below it.
    pub(crate) fn count(self, namespace: &str, name: &str) -> usize {
        let below = self.document.descendants(self.node);
        let elements = below.into_iter().map(|node| Element { document: self.document, node });
        elements.chain([self]).filter(|element| element.is(namespace, name)).count()
    }

    /// An attribute without a namespace, as all of SAML's own are.
    pub(crate) fn attribute(self, name: &str) -> Option<&'d str> {
        let attributes = &self.document.element(self.node)?.attributes;
        let found = attributes.iter().find(|a| a.name.namespace_uri.is_none() && a.name.local_name == name);
        found.map(|attribute| &*attribute.value)
    }

    pub(crate) fn attribute_ns(self, namespace: &str, name: &str) -> Option<&'d str> {
        self.document.get_attribute_ns(self.node, namespace, name)
    }

    pub(crate) fn required(self, name: &'static str) -> Result<&'d str, Rejected> {
        self.attribute(name).ok_or(Rejected::Shape(name))
    }

    /// The text of an element that has nothing but text, as it stands.
    pub(crate) fn text(self) -> Option<String> {
        self.children().next().is_none().then(|| self.all_text())
    }

    /// The text of this element and all below it.
    pub(crate) fn all_text(self) -> String {
        self.document.text_content_deep(self.node)
    }

    /// The one child of this name, its text without white space around: SAML's addresses are of a type that has none.
    pub(crate) fn one_text(self, namespace: &str, name: &'static str) -> Result<String, Rejected> {
        let text = self.one(namespace, name)?.text().ok_or(Rejected::Shape(name))?;
        Ok(text.trim().to_owned())
    }

    /// The bytes behind a text in base64, with or without line breaks.
    pub(crate) fn bytes(self) -> Option<Vec<u8>> {
        decode(&self.text()?)
    }

    /// This element in Exclusive Canonical XML 1.0 without one child of it.
    pub(crate) fn canonical(self, without: Option<Element<'d>>, prefixes: &[&str]) -> Result<String, Rejected> {
        let mut nodes = NodeSet::tree_without_comments(self.node, self.document);
        if let Some(omitted) = without {
            nodes = nodes.subtract(&NodeSet::tree_with_comments(omitted.node, omitted.document));
        }
        let bytes = canonicalize_doc(self.document, C14nMode::Exclusive, Some(&nodes), prefixes);
        bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Rejected::Unreadable("not canonical"))
    }

    /// The namespace prefixes that an `InclusiveNamespaces` below this element wants treated as in use.
    pub(crate) fn prefixes(self) -> Result<Vec<&'d str>, Rejected> {
        let list = self.maybe(names::EC, "InclusiveNamespaces")?.and_then(|list| list.attribute("PrefixList"));
        let prefixes: Vec<_> = list.unwrap_or_default().split_ascii_whitespace().collect();
        if prefixes.len() > MAX_PREFIXES { Err(Rejected::Shape("PrefixList")) } else { Ok(prefixes) }
    }
}

/// Base64 with or without line breaks.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
