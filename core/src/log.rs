//! What the house writes down about its work: to stderr, as text for people at a terminal, as JSON for everybody else.
//!
//! Invariant: no personal data. A request leaves its number, town, method, route template, status, time and size –
//! never an address, a path, a query or a header.

mod line;
mod scribe;

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

pub use self::scribe::Scribe;
use crate::web::{front_door::RequestId, metrics::Handled};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

impl Format {
    /// Text when somebody watches, JSON when something collects.
    pub fn fitting() -> Self {
        if io::stderr().is_terminal() { Self::Text } else { Self::Json }
    }
}

impl std::str::FromStr for Format {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(LogError::Format(other.to_owned())),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("`{0}` is no log format, there are `text` and `json`")]
    Format(String),
    #[error("`{0}` is no log level, there are `error`, `warn`, `info`, `debug` and `trace`")]
    Level(String),
    #[error("a log is already set up")]
    Twice,
    #[error("the log cannot be written: {0}")]
    Thread(#[from] io::Error),
}

/// Sets the log up for the process, as long as the scribe is held. `level` is a level, or a list such as
/// `info,portal=debug`.
pub fn init(format: Option<Format>, level: &str) -> Result<Scribe, LogError> {
    let format = format.unwrap_or_else(Format::fitting);
    let colours = format == Format::Text && io::stderr().is_terminal();
    let scribe = Scribe::start(io::stderr())?;
    tracing::subscriber::set_global_default(subscriber(format, level, colours, scribe.tray())?)
        .map_err(|_| LogError::Twice)?;
    tell_panics();
    Ok(scribe)
}

/// What [`init`] installs, writing wherever a test wants to read.
pub fn subscriber<W>(
    format: Format,
    level: &str,
    colours: bool,
    writer: W,
) -> Result<Box<dyn tracing::Subscriber + Send + Sync>, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter(level)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(colours);
    Ok(match format {
        Format::Text => Box::new(builder.finish()),
        Format::Json => Box::new(builder.event_format(line::JsonLine).finish()),
    })
}

/// The line a request leaves.
pub struct RequestLine<'a> {
    pub id: RequestId,
    pub handled: &'a Handled,
    pub method: &'static str,
    pub status: u16,
    pub took: Duration,
    pub bytes: u64,
}

pub fn request(line: &RequestLine<'_>) {
    let tenant = line.handled.tenant.as_deref().unwrap_or_default();
    let ms = (line.took.as_secs_f64() * 10_000.0).round() / 10.0;
    tracing::info!(
        target: "portal::request",
        request = %line.id,
        tenant,
        method = line.method,
        route = &*line.handled.route,
        status = line.status,
        ms,
        bytes = line.bytes,
        "answered"
    );
}

/// The libraries below us write addresses and headers at their debug levels, so a wish for `debug` is a wish for ours.
fn filter(level: &str) -> Result<EnvFilter, LogError> {
    let wrong = || LogError::Level(level.to_owned());
    if level.is_empty() || level.parse::<usize>().is_ok() {
        return Err(wrong());
    }
    let is_level = level.parse::<tracing::Level>().is_ok() || level == "off";
    if !is_level && !level.contains(['=', ',']) {
        return Err(wrong());
    }
    let quiet = ["h2", "hyper", "hyper_util", "rustls", "tokio_rustls", "poem"].map(|name| format!("{name}=warn"));
    EnvFilter::builder().parse(format!("{},{level}", quiet.join(","))).map_err(|_| wrong())
}

/// A panic becomes an event with its place. Its text is told only when it stands in the source: a formatted one may
/// repeat what a citizen typed.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(text withheld)");
        tracing::error!(target: "portal::panic", place, text, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: Format, level: &str, events: impl FnOnce()) -> String {
        let page = Page::default();
        let writer = page.clone();
        let log = subscriber(format, level, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(log, events);
        String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
    }

    fn one_request() {
        let handled = Handled::new(Some("ostrau".into()), "/dienstleistungen/:slug");
        request(&RequestLine {
            id: RequestId::fresh(),
            handled: &handled,
            method: "GET",
            status: 200,
            took: Duration::from_micros(1234),
            bytes: 5,
        });
    }

    #[test]
    fn a_request_leaves_one_line_of_json() {
        let line: serde_json::Value = serde_json::from_str(&written(Format::Json, "info", one_request)).unwrap();
        let mut fields: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "bytes",
                "level",
                "message",
                "method",
                "ms",
                "request",
                "route",
                "status",
                "target",
                "tenant",
                "timestamp"
            ]
        );
        assert_eq!((&line["route"], &line["ms"]), (&"/dienstleistungen/:slug".into(), &1.2.into()));
    }

    #[test]
    fn text_is_for_people() {
        let text = written(Format::Text, "info", one_request);
        assert!(text.contains("answered") && text.contains("tenant=\"ostrau\""), "{text}");
    }

    #[test]
    fn debug_is_ours_not_the_libraries() {
        let events = || {
            tracing::debug!(target: "h2::frame", "headers of a visitor");
            tracing::debug!(target: "portal::web", "ours");
        };
        let text = written(Format::Text, "debug", events);
        assert!(text.contains("ours") && !text.contains("visitor"), "{text}");
    }

    #[test]
    fn a_wrong_level_is_told() {
        assert!(filter("loud").is_err() && filter("").is_err() && filter("info,portal=debug").is_ok());
    }
}
