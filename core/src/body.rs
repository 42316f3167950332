//! A response body in every encoding it is served in, compressed once and then only handed out.

use std::io::Write;

use bytes::Bytes;

/// Identity bytes and, where that saves something, their gzip and brotli forms.
#[derive(Debug, Clone)]
pub struct Encoded {
    pub identity: Bytes,
    pub gzip: Option<Bytes>,
    pub brotli: Option<Bytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// The token of `Content-Encoding`; identity is not named.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The best coding the client accepts (RFC 9110, 12.5.3); `q=0` refuses one.
    pub fn accepted(accept_encoding: &str) -> Self {
        let accepts = |wanted: &str| {
            accept_encoding.split(',').any(|part| {
                let (token, parameters) = part.split_once(';').unwrap_or((part, ""));
                let refused = parameters.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0_f32));
                token.trim().eq_ignore_ascii_case(wanted) && !refused
            })
        };
        if accepts("br") {
            Self::Brotli
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

/// Bytes without the room that growing them has left over: thousands of pages are kept.
pub fn exact(bytes: Vec<u8>) -> Bytes {
    bytes.into_boxed_slice().into()
}

impl Encoded {
    pub fn plain(identity: Bytes) -> Self {
        Self { identity, gzip: None, brotli: None }
    }

    pub fn compressed(identity: Bytes) -> Self {
        let worth = |bytes: Vec<u8>| (bytes.len() + 64 < identity.len()).then(|| exact(bytes));
        let (gzip, brotli) = (worth(gzip(&identity)), worth(brotli(&identity)));
        Self { gzip, brotli, identity }
    }

    /// Compressed for one client only: what is sent once is not worth the slow coding.
    pub fn for_one(identity: Bytes, coding: Coding) -> Self {
        match coding {
            Coding::Identity => Self::plain(identity),
            Coding::Gzip | Coding::Brotli if identity.len() < 1024 => Self::plain(identity),
            Coding::Gzip => Self { gzip: Some(gzip(&identity).into()), brotli: None, identity },
            Coding::Brotli => Self { brotli: Some(brotli(&identity).into()), gzip: None, identity },
        }
    }

    /// The bytes for a client that accepts `coding`, with the coding they really have.
    pub fn choose(&self, coding: Coding) -> (Coding, &Bytes) {
        let smaller = match coding {
            Coding::Brotli => self.brotli.as_ref(),
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Identity => None,
        };
        smaller.map_or((Coding::Identity, &self.identity), |bytes| (coding, bytes))
    }

    /// Bytes held in memory.
    pub fn len(&self) -> usize {
        self.identity.len() + self.gzip.as_ref().map_or(0, Bytes::len) + self.brotli.as_ref().map_or(0, Bytes::len)
    }

    pub fn is_empty(&self) -> bool {
        self.identity.is_empty()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    writer.write_all(bytes).expect("writing to memory does not fail");
    writer.finish().expect("writing to memory does not fail")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut compressed, 16 * 1024, 5, 20);
        writer.write_all(bytes).expect("writing to memory does not fail");
    }
    compressed
}
