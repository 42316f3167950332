//! What is said in the files of a town, text by text, whatever its dates: for those who look for a sentence.

use std::sync::Arc;

use super::folder::{File, Folder, Parsed};
use crate::{
    locale::Locale,
    yaml::{At, Data, Node},
};

/// The texts of one folder, a town's or a layer's.
#[derive(Debug)]
pub struct Files {
    /// `loehne`, `_nrw`
    pub name: Arc<str>,
    pub texts: Vec<Written>,
    folder: Arc<Folder>,
}

/// One text as it is written in a file, with its variables and its Markdown.
#[derive(Debug, Clone)]
pub struct Written {
    pub at: At,
    /// Inside the folder: `services/hund-anmelden.yaml`.
    pub path: Arc<str>,
    /// Where in the file: `fees.0.title.en`; empty for the body of a page.
    pub key: String,
    pub locale: Locale,
    pub text: Arc<str>,
}

impl Files {
    pub fn of(folder: &Arc<Folder>) -> Self {
        let mut texts = Vec::new();
        for (path, file) in folder.files() {
            let Ok(File::Text(file)) = file else { continue };
            let path: Arc<str> = path.into();
            match file.parse() {
                Ok(Parsed::Yaml(node)) => collect(&path, "", &node, &Locale::german(), &mut texts),
                Ok(Parsed::Markdown(page)) => {
                    let locale = path.trim_end_matches(".md").rsplit_once('.').and_then(|(_, code)| Locale::new(code));
                    let locale = locale.unwrap_or_else(Locale::german);
                    collect(&path, "", &page.head, &locale, &mut texts);
                    let (at, text, key) = (page.body_at.clone(), page.body.clone(), String::new());
                    texts.push(Written { at, path, key, locale, text });
                }
                Err(_) => {}
            }
        }
        Self { name: folder.name.clone(), texts, folder: folder.clone() }
    }

    /// A YAML file as it stands in the folder.
    pub fn yaml(&self, path: &str) -> Option<Arc<Node>> {
        self.folder.yaml(path)?.ok()
    }

    /// Names of the files in `assets/`.
    pub fn assets(&self) -> impl Iterator<Item = &str> {
        self.folder.paths().filter_map(|path| path.strip_prefix("assets/"))
    }

    /// The path of a file as it is told to an operator.
    pub fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.folder.shown)
    }

    /// Where in its file a phrase of a text begins that starts at byte `start` of the text; the text itself where the
    /// file writes it in another way.
    pub fn place_of(&self, written: &Written, phrase: &str, start: usize) -> At {
        let Some(Ok(File::Text(file))) = self.folder.file(&written.path) else { return written.at.clone() };
        let before = written.text.get(..start).unwrap_or_default();
        let nth = (0..before.len()).filter(|&i| before.is_char_boundary(i) && begins(&before[i..], phrase)).count();
        place_in(&file.text(), &written.at, phrase, nth).unwrap_or_else(|| written.at.clone())
    }
}

/// The `nth` place, counted from 0, at which `phrase` stands in a file at or behind `from`.
pub fn place_in(file: &str, from: &At, phrase: &str, nth: usize) -> Option<At> {
    let mut found = 0;
    let lines = file.lines().enumerate().skip(from.line as usize - 1);
    for (i, line) in lines {
        let skipped = if i + 1 == from.line as usize { from.column as usize - 1 } else { 0 };
        for (column, (byte, _)) in line.char_indices().enumerate().skip(skipped) {
            // a phrase may go on in the next line
            let rest = &file[line.as_ptr() as usize - file.as_ptr() as usize + byte..];
            if begins(rest, phrase) {
                if found == nth {
                    return Some(At { line: i as u32 + 1, column: column as u32 + 1, ..from.clone() });
                }
                found += 1;
            }
        }
    }
    None
}

/// Whether a text begins with a phrase, however much space stands between its words.
fn begins(text: &str, phrase: &str) -> bool {
    let mut rest = text;
    for (i, word) in phrase.split_whitespace().enumerate() {
        let trimmed = if i == 0 { rest } else { rest.trim_start() };
        if i > 0 && trimmed.len() == rest.len() {
            return false;
        }
        match trimmed.strip_prefix(word) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    !phrase.trim().is_empty()
}

fn collect(path: &Arc<str>, key: &str, node: &Node, locale: &Locale, texts: &mut Vec<Written>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match &node.data {
        Data::Text(text) => {
            let (path, key, text) = (path.clone(), key.to_owned(), text.clone());
            texts.push(Written { at: node.at.clone(), path, key, locale: locale.clone(), text });
        }
        Data::Map(entries) => {
            let is_text = entries.iter().any(|(key, _)| &*key.name == "de");
            for (name, value) in entries {
                let own = is_text.then(|| Locale::new(&name.name)).flatten();
                collect(path, &below(&name.name), value, own.as_ref().unwrap_or(locale), texts);
            }
        }
        Data::List(items) => {
            items.iter().enumerate().for_each(|(i, item)| collect(path, &below(&i.to_string()), item, locale, texts));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_where_it_stands_even_over_the_end_of_a_line() {
        let at = |line, column| At { file: "x.yaml".into(), line, column };
        let file = "a: Stadt Löhne\nb: >\n  Wir, die Stadt\n  Löhne, und die Stadt Löhne\n";
        assert_eq!(place_in(file, &at(1, 4), "Stadt Löhne", 0), Some(at(1, 4)));
        assert_eq!(place_in(file, &at(2, 4), "Stadt Löhne", 0), Some(at(3, 12)));
        assert_eq!(place_in(file, &at(2, 4), "Stadt Löhne", 1), Some(at(4, 18)));
        assert_eq!(place_in(file, &at(2, 4), "Stadt Herford", 0), None);
    }
}
