//! A file on its way to whoever may have it: to be saved, never to be shown as a page of ours.

use poem::{Body, Response, http::header};

use super::{File, State};
use crate::{
    error::{Error, Result},
    web::{Sandboxed, Visit},
};

/// The content as it came, as an attachment of its own name (RFC 6266); a browser that shows it all the same shows it in a
/// sandbox. Who may have it the caller has made sure of; what is infected nobody gets.
pub async fn hand_over(visit: &Visit, file: Option<&File>) -> Result<Response> {
    let file = file.filter(|file| file.state != State::Infected).ok_or(Error::NotFound)?;
    let content = visit.portal.files.read(&visit.tenant.id, file).await.map_err(|error| {
        tracing::error!(tenant = %visit.tenant.id, file = %file.id, %error, "a file cannot be read from the store");
        Error::Unavailable("the store of files does not answer")
    })?;
    let mut response = Response::builder()
        .content_type(file.kind.media_type())
        .header(header::CONTENT_DISPOSITION, attachment(&file.details.name))
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::CONTENT_LENGTH, file.size.to_string())
        .body(Body::from_bytes_stream(content));
    response.extensions_mut().insert(Sandboxed);
    Ok(response)
}

/// What the portal has made itself, to be kept; of a name in plain letters.
pub fn saved(name: &str, kind: &str, bytes: Vec<u8>) -> Response {
    Response::builder()
        .content_type(kind)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes)
}

/// The name twice: in plain letters for old programs, and in all letters there are.
fn attachment(name: &str) -> String {
    const PLAIN: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "._- ()".contains(*c);
    let plain: String = name.chars().map(|c| if is_plain(&c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", percent_encoding::utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(
            attachment("Straße \"1\"\r\n.pdf"),
            "attachment; filename=\"Stra_e _1___.pdf\"; filename*=UTF-8''Stra%C3%9Fe%20%221%22%0D%0A.pdf"
        );
    }
}
