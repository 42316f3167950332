//! What a browser sent with a form, as names and values.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use poem::{
    Body, Error as PoemError, FromRequest, Request, RequestBody,
    error::ReadBodyError,
    http::{StatusCode, header},
};

use super::front_door::BodyWatch;
use crate::error::Error;

/// More than the longest of our forms fills.
const MOST_BYTES: usize = 64 * 1024;
pub const MOST_FIELDS: usize = 200;

/// The body of a form (`application/x-www-form-urlencoded`) that was read whole and is text in UTF-8. Has no `Debug`: what
/// people write belongs into no log.
///
/// Refused with 415 if it is of another kind, 413 if it is larger than 64 kB or has more than 200 fields, 400 if it is no
/// text.
pub struct Sent(Vec<u8>);

impl Sent {
    /// Names and values in the order in which they were sent, for [`Form::read`](super::Form::read).
    pub fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(&self.0)
    }

    /// The value of the first field of this name.
    pub fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.pairs().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) async fn read(kind: &str, body: Body, watch: Option<&BodyWatch>) -> poem::Result<Self> {
        if !is_form(kind) {
            return Err(PoemError::from_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = body.into_bytes_limit(MOST_BYTES).await.map_err(|error| match error {
            ReadBodyError::PayloadTooLarge => Error::TooLarge.into(),
            // too large or too slow for the front door, or the connection broke
            _ => match watch.and_then(BodyWatch::fault) {
                Some(fault) => PoemError::from_status(fault.status()),
                None => Error::BadRequest("the form broke off").into(),
            },
        })?;
        Ok(Self::of(bytes.into())?)
    }

    /// From names and values that came another way.
    pub(crate) fn of(bytes: Vec<u8>) -> Result<Self, Error> {
        if bytes.split(|byte| *byte == b'&').count() > MOST_FIELDS {
            return Err(Error::TooLarge);
        }
        // no database takes the zero character into a text
        match percent_decode(&bytes).decode_utf8() {
            Ok(text) if !text.contains('\0') => Ok(Self(bytes)),
            _ => Err(Error::BadRequest("the form is no text in UTF-8")),
        }
    }
}

impl<'a> FromRequest<'a> for Sent {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
        Self::read(kind, body.take()?, request.data::<BodyWatch>()).await
    }
}

/// A form, in UTF-8 if it says in which encoding.
fn is_form(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_urlencoded = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let charset =
        |part: &str| part.to_ascii_lowercase().strip_prefix("charset=").map(|name| name.trim_matches('"').to_owned());
    is_urlencoded && parts.filter_map(charset).all(|name| name == "utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &str) -> Result<Vec<(String, String)>, StatusCode> {
        let sent = Sent::of(body.into()).map_err(|error| error.status())?;
        Ok(sent.pairs().map(|(name, value)| (name.into(), value.into())).collect())
    }

    #[test]
    fn names_and_values_come_as_they_were_written() {
        let pairs = sent("name=J%C3%BCrgen+%C3%96d%C3%B6n&note=&note=a%26b%3Dc&").unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("name", "Jürgen Ödön"), ("note", ""), ("note", "a&b=c")]);
        assert_eq!(Sent::of("a=1&a=2".into()).unwrap().value("a").as_deref(), Some("1"));
    }

    #[test]
    fn what_is_no_text_or_too_much_is_refused() {
        for body in ["name=J%FCrgen", "name=%C3&x=%BC", "name=%00", "n\0=x", "%ED%A0%80=surrogate"] {
            assert_eq!(sent(body).unwrap_err(), StatusCode::BAD_REQUEST, "{body}");
        }
        assert!(sent(&"a=1&".repeat(MOST_FIELDS - 1)).is_ok());
        assert_eq!(sent(&"a=1&".repeat(MOST_FIELDS)).unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn what_is_no_form_or_too_large_is_told_apart() {
        let status = async |kind: &str, body: String| {
            let (request, mut body) = Request::builder().content_type(kind).body(body).split();
            match Sent::from_request(&request, &mut body).await {
                Ok(sent) => Ok(sent.value("a").map(Cow::into_owned)),
                Err(error) => Err(error.status().as_u16()),
            }
        };
        let form = "application/x-www-form-urlencoded";
        assert_eq!(status(form, "a=1".into()).await, Ok(Some("1".into())));
        assert_eq!(status(form, String::new()).await, Ok(None));
        assert_eq!(status("application/json", "{}".into()).await, Err(415));
        assert_eq!(status(form, "a=%FF".into()).await, Err(400));
        assert_eq!(status(form, format!("a={}", "x".repeat(MOST_BYTES - 2))).await.map(|_| ()), Ok(()));
        assert_eq!(status(form, format!("a={}", "x".repeat(MOST_BYTES - 1))).await, Err(413));
    }

    #[test]
    fn only_forms_in_utf_8_are_forms() {
        for (kind, is) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", true),
            ("application/x-www-form-urlencoded;charset=\"utf-8\"", true),
            ("application/x-www-form-urlencoded; charset=iso-8859-1", false),
            ("multipart/form-data; boundary=x", false),
            ("text/plain", false),
            ("", false),
        ] {
            assert_eq!(is_form(kind), is, "{kind}");
        }
    }
}
