//! Which methods an address takes; whoever comes with another one is told which.

use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, endpoint::BoxEndpoint, http::Method};

use crate::error::Error;

/// An address that is read, written to, or both. HEAD comes as GET.
#[derive(Default)]
pub struct Methods {
    get: Option<BoxEndpoint<'static>>,
    post: Option<BoxEndpoint<'static>>,
}

pub fn get<E: IntoEndpoint>(endpoint: E) -> Methods
where
    E::Endpoint: 'static,
{
    Methods { get: Some(endpoint.into_endpoint().map_to_response().boxed()), post: None }
}

pub fn post<E: IntoEndpoint>(endpoint: E) -> Methods
where
    E::Endpoint: 'static,
{
    Methods::default().post(endpoint)
}

impl Methods {
    pub fn post<E: IntoEndpoint>(self, endpoint: E) -> Self
    where
        E::Endpoint: 'static,
    {
        Self { post: Some(endpoint.into_endpoint().map_to_response().boxed()), ..self }
    }

    fn allowed(&self) -> &'static str {
        match (&self.get, &self.post) {
            (Some(_), Some(_)) => "GET, HEAD, POST",
            (Some(_), None) => READ_ONLY,
            (None, _) => "POST",
        }
    }
}

/// Most addresses, all of the API, and every address that does not say otherwise.
pub const READ_ONLY: &str = "GET, HEAD";

impl Endpoint for Methods {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let endpoint = match *request.method() {
            Method::GET => &self.get,
            Method::POST => &self.post,
            _ => &None,
        };
        match endpoint {
            Some(endpoint) => endpoint.call(request).await,
            None => Err(Error::MethodNotAllowed { allowed: self.allowed() }.into()),
        }
    }
}
