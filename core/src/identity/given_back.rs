//! What somebody sent after their login was over: their words come back, to be sent once more after the next login.
//!
//! Nothing of it is kept here. The page holds what this browser has just sent, and nothing else.

use poem::{
    Error as PoemError, FromRequest, Request, RequestBody,
    http::{HeaderValue, StatusCode, header},
};

use super::{
    doors::private,
    pages::given_back::{GivenBackPage, WORDS, Words},
};
use crate::{
    error::Error,
    files::{self, Files, Parcel},
    web::{Budget, Visit, spend},
};

/// More files than that nobody sends with words.
const MOST_FILES: usize = 5;

/// A page with the words of a form, or the plain answer where nothing was written. `login`: where the login begins.
pub async fn given_back(visit: &Visit, request: &Request, body: &mut RequestBody, login: &str) -> PoemError {
    match page(visit, request, body, login).await {
        Ok(Some(page)) => page,
        Ok(None) => Error::LoginNeeded.into(),
        Err(error) => error,
    }
}

async fn page(
    visit: &Visit,
    request: &Request,
    body: &mut RequestBody,
    login: &str,
) -> poem::Result<Option<PoemError>> {
    spend(Budget::Messages, request)?;
    let with_files = request.content_type().is_some_and(|kind| kind.starts_with("multipart/form-data"));
    // what cannot be read cannot be given back; the login is missing all the same
    let Ok((sent, _)) = Parcel::from_request(request, body).await?.open(visit, &Files::absent(), &[]).await else {
        return Ok(None);
    };
    let (words, hidden): (Vec<_>, Vec<_>) = sent
        .pairs()
        .map(|(name, value)| Words { name: name.into_owned(), value: value.into_owned() })
        .partition(|words| WORDS.contains(&words.name.as_str()));
    if words.iter().all(|words| words.value.trim().is_empty()) {
        return Ok(None);
    }
    let upload = with_files.then(|| files::nothing_yet(&visit.portal.files, MOST_FILES));
    let page = GivenBackPage { action: visit.url(&visit.path), way_in: visit.url(login), words, hidden, upload };
    let mut response = private(visit, &page)?;
    response.set_status(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"portal\""));
    Ok(Some(PoemError::from_response(response)))
}
