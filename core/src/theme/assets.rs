//! Pictures, style sheets, scripts: read once, hashed into their address, compressed once.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::body::Encoded;

/// One file at its address `/assets/<hash>/<name>`; the hash makes it cacheable for ever.
#[derive(Debug, Clone)]
pub struct Asset {
    pub name: String,
    pub hash: String,
    pub content_type: &'static str,
    pub body: Encoded,
}

impl Asset {
    pub fn new(name: &str, bytes: Bytes) -> Self {
        let hash = short_hash(&bytes);
        let content_type = content_type(name);
        let body = if is_text(content_type) { Encoded::compressed(bytes) } else { Encoded::plain(bytes) };
        Self { name: name.to_owned(), hash, content_type, body }
    }

    pub fn address(&self) -> String {
        format!("/assets/{}/{}", self.hash, self.name)
    }
}

/// File name → asset.
pub type Assets = BTreeMap<String, Arc<Asset>>;

/// Twelve hex digits: enough to tell versions of one file apart.
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/") || content_type.contains("svg") || content_type.contains("json")
}

/// Only what is listed is served; everything else downloads as bytes without a meaning.
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "pdf" => "application/pdf",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
