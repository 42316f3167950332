//! From bytes to nodes.

use std::{collections::HashSet, sync::Arc};

use saphyr_parser::{Event, Parser, Span};
use serde_yaml::Value;

use super::{At, Data, Key, Node, Problem};

/// A configuration file is written by people; a larger one is a mistake or an attack.
pub const MAX_BYTES: usize = 1024 * 1024;
const MAX_DEPTH: usize = 32;

/// Reads one file. Anchors, aliases and tags are refused: layers and variables do their work, and a file that cannot
/// repeat itself cannot be an alias bomb.
pub fn read(file: &str, bytes: &[u8]) -> Result<Arc<Node>, Problem> {
    read_from_line(file, bytes, 0)
}

/// The same for a part of a file that starts below `lines_above` other lines (the head of a Markdown page).
pub fn read_from_line(file: &str, bytes: &[u8], lines_above: u32) -> Result<Arc<Node>, Problem> {
    let place = Place { file: file.into(), lines_above };
    if bytes.len() > MAX_BYTES {
        return Err(Problem::new(&place.at(1, 1), format!("is larger than {} KiB", MAX_BYTES / 1024))
            .hint("split it: one service a file, pictures into `assets/`"));
    }
    let text = utf8(file, bytes)?;
    let outline = Outline::of(text, &place)?;
    let value: Value = serde_yaml::from_str(text).map_err(|error| place.syntax(&error))?;
    lay_over(outline, value)
}

/// The text of a file, without the mark some editors put in front; the problem names the first byte that is no text.
pub fn utf8<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let line = before.matches('\n').count() + 1;
        let at = At { file: file.into(), line: line as u32, column: column as u32 };
        Problem::new(&at, "is not UTF-8 text").hint("save the file with the encoding UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

struct Place {
    file: Arc<str>,
    lines_above: u32,
}

impl Place {
    fn at(&self, line: usize, column: usize) -> At {
        At { file: self.file.clone(), line: line as u32 + self.lines_above, column: column as u32 }
    }

    fn start(&self, span: Span) -> At {
        // saphyr counts columns from 0
        self.at(span.start.line(), span.start.col() + 1)
    }

    fn syntax(&self, error: &serde_yaml::Error) -> Problem {
        let at = error.location().map_or_else(|| self.at(1, 1), |place| self.at(place.line(), place.column()));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        explained(Problem::new(&at, format!("is not valid YAML: {message}")))
    }
}

/// What people mostly did when a reader of YAML says this.
fn explained(problem: Problem) -> Problem {
    let causes = [
        ("tab", "indent with blanks, not with tabs"),
        ("mapping values", "a text with `: ` in it needs quotes: `short: \"Achtung: bitte lesen\"`"),
        ("quoted scalar", "a quote is opened and not closed in this line or above"),
        ("end of stream", "a quote or a bracket is opened and not closed"),
        ("expected key", "the lines of one entry begin in the same column; look at this line and the one above"),
        ("block", "the lines of one entry begin in the same column; look at this line and the one above"),
        ("simple key", "after the name comes `: `, with a blank behind the colon"),
    ];
    match causes.iter().find(|(said, _)| problem.message.contains(said)) {
        Some((_, hint)) => problem.hint(*hint),
        None => problem,
    }
}

/// The shape of a file: where everything stands, without the meaning of plain scalars.
enum Outline {
    Scalar(At, String),
    List(At, Vec<Outline>),
    Map(At, Vec<(Key, Outline)>),
}

impl Outline {
    fn of(text: &str, place: &Place) -> Result<Self, Problem> {
        let mut events = Events { parser: Parser::new_from_str(text), place };
        let mut whole = None;
        loop {
            match events.next()? {
                (Event::StreamEnd, _) => break,
                (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing, _) => {}
                (_, span) if whole.is_some() => {
                    return Err(Problem::new(&place.start(span), "starts a second document")
                        .hint("one document a file; remove the line `---`"));
                }
                (event, span) => whole = Some(events.outline(event, span, 0)?),
            }
        }
        Ok(whole.unwrap_or_else(|| Outline::Scalar(place.at(1, 1), String::new())))
    }
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    place: &'a Place,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let mark = error.marker();
                let at = self.place.at(mark.line(), mark.col() + 1);
                Err(explained(Problem::new(&at, format!("is not valid YAML: {}", error.info()))))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn outline(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Outline, Problem> {
        let at = self.place.start(span);
        if depth > MAX_DEPTH {
            return Err(Problem::new(&at, format!("is nested deeper than {MAX_DEPTH} levels")));
        }
        let refuse = |what: &str| {
            Err(Problem::new(&at, format!("uses {what}, which configuration files may not"))
                .hint("say it once in `tenant.yaml` or in a layer and name it by a variable"))
        };
        match event {
            Event::Alias(_) => refuse("a YAML alias"),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                refuse("a YAML anchor")
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                refuse("a YAML tag")
            }
            Event::Scalar(text, ..) => Ok(Outline::Scalar(at, text.into_owned())),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => return Ok(Outline::List(at, items)),
                        (event, span) => items.push(self.outline(event, span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => self.map(at, depth),
            other => Err(Problem::new(&at, format!("is not valid YAML: unexpected {other:?}"))),
        }
    }

    fn map(&mut self, at: At, depth: usize) -> Result<Outline, Problem> {
        let mut entries: Vec<(Key, Outline)> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Outline::Map(at, entries));
            }
            let key = match self.outline(event, span, depth + 1)? {
                Outline::Scalar(at, name) => Key { at, name: name.into() },
                Outline::List(at, _) | Outline::Map(at, _) => {
                    return Err(Problem::new(&at, "is a key that is not plain text")
                        .hint("a value that starts with `{{` needs quotes"));
                }
            };
            if !seen.insert(key.name.clone()) {
                return Err(
                    Problem::new(&key.at, format!("says `{}` a second time", key.name)).hint("keep one of the two")
                );
            }
            let (event, span) = self.next()?;
            entries.push((key, self.outline(event, span, depth + 1)?));
        }
    }
}

/// Gives every place its value. Both readers saw the same text, so the shapes agree; where they ever do not, the file
/// is refused instead of guessed at.
fn lay_over(outline: Outline, value: Value) -> Result<Arc<Node>, Problem> {
    let differs = |at: &At| Problem::new(at, "can be read in two ways").hint("put the value into quotes");
    match (outline, value) {
        (Outline::Scalar(at, _), Value::Null) => Ok(Node::new(at, Data::Null)),
        (Outline::Scalar(at, _), Value::Bool(value)) => Ok(Node::new(at, Data::Bool(value))),
        (Outline::Scalar(at, _), Value::Number(value)) => Ok(Node::new(at, Data::Number(value))),
        (Outline::Scalar(at, text), Value::String(value)) if text == value => {
            Ok(Node::new(at, Data::Text(value.into())))
        }
        (Outline::List(at, items), Value::Sequence(values)) if items.len() == values.len() => {
            let items = items.into_iter().zip(values).map(|(item, value)| lay_over(item, value));
            Ok(Node::new(at, Data::List(items.collect::<Result<_, _>>()?)))
        }
        (Outline::Map(at, entries), Value::Mapping(values)) if entries.len() == values.len() => {
            let entries = entries.into_iter().zip(values).map(|((key, item), (name, value))| match name.as_str() {
                Some(name) if name != &*key.name => Err(differs(&key.at)),
                _ => Ok((key, lay_over(item, value)?)),
            });
            Ok(Node::new(at, Data::Map(entries.collect::<Result<_, Problem>>()?)))
        }
        (Outline::Scalar(at, _) | Outline::List(at, _) | Outline::Map(at, _), _) => Err(differs(&at)),
    }
}
