//! Pages for requests that belong to no town: they name none, and show nothing of any theme.

use poem::{
    Response,
    http::{StatusCode, header},
};

/// What the front door answers by itself, with the headers of every other answer.
pub fn refusal(status: StatusCode) -> Response {
    let mut response = page(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
    }
    super::headers::protect(response.headers_mut());
    response
}

/// A small page in German and English for `status`.
pub fn page(status: StatusCode) -> Response {
    let response = Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store");
    let response =
        if status == StatusCode::SERVICE_UNAVAILABLE { response.header(header::RETRY_AFTER, "120") } else { response };
    response.body(html(status))
}

pub fn html(status: StatusCode) -> String {
    let (title, text, english) = match status {
        StatusCode::BAD_REQUEST => (
            "Diese Anfrage ist unvollständig",
            "Bitte prüfen Sie die Adresse in Ihrem Browser und versuchen Sie es noch einmal.",
            "This request is malformed. Please check the address.",
        ),
        StatusCode::MISDIRECTED_REQUEST => (
            "Unter dieser Adresse gibt es kein Portal",
            "Bitte prüfen Sie die Adresse in Ihrem Browser. Den richtigen Link finden Sie auf der Website Ihrer Stadt.",
            "There is no portal at this address. Your town's website has the right link.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG => (
            "Diese Anfrage ist zu groß",
            "Bitte kürzen Sie Ihre Angaben und versuchen Sie es noch einmal.",
            "This request is too large.",
        ),
        StatusCode::REQUEST_TIMEOUT => (
            "Diese Anfrage hat zu lange gedauert",
            "Bitte versuchen Sie es noch einmal.",
            "This request took too long. Please try again.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "Diese Art von Anfrage gibt es hier nicht",
            "Bitte öffnen Sie die Seite über einen Link oder über die Adresse in Ihrem Browser.",
            "This kind of request is not served here.",
        ),
        StatusCode::INTERNAL_SERVER_ERROR => (
            "Da ist bei uns etwas schiefgegangen",
            "Der Fehler liegt nicht bei Ihnen. Bitte versuchen Sie es gleich noch einmal.",
            "Something went wrong on our side. Please try again.",
        ),
        _ => (
            "Das Portal ist gerade nicht erreichbar",
            "Wir arbeiten daran. Bitte versuchen Sie es in einigen Minuten noch einmal.",
            "The portal is not available at the moment. Please try again in a few minutes.",
        ),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"de\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
         <p lang=\"en\">{english}</p>\n</main>\n</body>\n</html>\n"
    )
}
