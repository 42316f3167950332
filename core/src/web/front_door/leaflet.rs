//! Finished pages that lie at the door: handed out by the head of a request alone, without asking the app.

use std::sync::Arc;

use bytes::Bytes;
use poem::{
    Request,
    http::{HeaderMap, Method, Response, Uri, Version},
};

use super::peer::Peer;
use crate::web::metrics::Handled;

/// What stands on the outside of a request: everything the gate and the page cache look at.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    pub method: &'a Method,
    pub uri: &'a Uri,
    pub version: Version,
    pub headers: &'a HeaderMap,
    /// Behind a front door there always is one.
    pub peer: Option<&'a Peer>,
}

impl<'a> Envelope<'a> {
    pub fn of(request: &'a Request) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            peer: request.extensions().get(),
        }
    }
}

/// An answer that was ready before anybody asked.
#[derive(Debug)]
pub struct Leaflet {
    pub answer: Response<Bytes>,
    pub handled: Arc<Handled>,
}

/// `None` sends the request to the app, which must answer the same.
pub type Leaflets = Arc<dyn Fn(&Envelope<'_>) -> Option<Leaflet> + Send + Sync>;
