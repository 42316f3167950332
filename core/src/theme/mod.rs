//! How a town looks and how the portal speaks: templates, texts, tokens, assets.
//!
//! A theme is a chain of folders – town theme, layer themes, base – of which the first that has a file wins. It knows
//! no tenant: whatever differs between two towns of the same theme comes in as data.
//! Invariant: a theme that cannot be read by a person with weak eyesight does not load (see [`tokens`]).

mod assets;
pub mod contrast;
mod files;
pub mod markdown;
mod texts;
pub mod tokens;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, Weak},
};

use bytes::Bytes;
use tera::Tera;

pub use assets::{Asset, Assets, content_type, short_hash};
pub use files::ThemeFiles;
pub use texts::Texts;
use tokens::Tokens;

use crate::{
    error::{Error, Result},
    yaml::{At, Node, Problem, merge, read},
};

/// The name of the theme that is complete and below all others.
pub const BASE: &str = "base";
const STYLE_SHEET: &str = "portal.css";

#[derive(Debug)]
pub struct Theme {
    /// Folders from the town's own down to [`BASE`].
    pub chain: Vec<String>,
    pub tokens: Tokens,
    /// The merged `theme.yaml` with the place of every value.
    pub origins: Arc<Node>,
    pub texts: Arc<Texts>,
    pub assets: Arc<Assets>,
    engine: Arc<Tera>,
}

impl Theme {
    /// Renders a template by its plain name; the first folder of the chain that has it wins.
    pub fn render(&self, template: &str, context: &tera::Context) -> Result<String> {
        self.engine.render(template, context).map_err(|source| Error::internal(chain_of(&source)))
    }

    pub fn template_names(&self) -> impl Iterator<Item = &str> {
        self.engine.get_template_names()
    }

    /// The same theme in the colours of one town: its `theme.yaml` over the theme's.
    fn worn_with(&self, own: &Arc<Node>) -> std::result::Result<Self, Vec<Problem>> {
        let origins = merge(own, &self.origins);
        let tokens = Tokens::from_node(&origins)?;
        let mut assets = Assets::clone(&self.assets);
        if let Some(sheet) = assets.get(STYLE_SHEET) {
            let below = self.tokens.css(&self.origins);
            let rules = sheet.body.identity.strip_prefix(below.as_bytes()).unwrap_or(&sheet.body.identity);
            let css = [tokens.css(&origins).as_bytes(), rules].concat();
            assets.insert(STYLE_SHEET.into(), Arc::new(Asset::new(STYLE_SHEET, css.into())));
        }
        let (texts, engine) = (self.texts.clone(), self.engine.clone());
        Ok(Self { chain: self.chain.clone(), tokens, origins, texts, assets: Arc::new(assets), engine })
    }

    fn load(chain: &[String], files: &ThemeFiles, paths: &[&str]) -> std::result::Result<Self, Vec<Problem>> {
        let origins = merged(chain, files, "theme.yaml")?.ok_or_else(|| {
            vec![Problem::new(&At::start_of(&files.shown(&format!("{BASE}/theme.yaml"))), "is missing")]
        })?;
        let tokens = Tokens::from_node(&origins)?;
        let texts = Arc::new(Texts::load(chain, files, paths)?);
        let engine = Arc::new(engine(chain, files, paths)?);
        let assets = Arc::new(collect_assets(chain, files, paths, &tokens, &origins));
        if !assets.contains_key(&tokens.wordmark) {
            let at = origins.get("wordmark").map_or_else(|| origins.at.clone(), |node| node.at.clone());
            let problem = Problem::new(&at, format!("names the word mark `{}`, which does not exist", tokens.wordmark));
            return Err(vec![problem.nearest(&tokens.wordmark, assets.keys().map(String::as_str))]);
        }
        Ok(Self { chain: chain.to_vec(), tokens, origins, texts, assets, engine })
    }
}

/// All themes in use, each chain compiled once.
#[derive(Debug, Default)]
pub struct Shelf {
    files: ThemeFiles,
    paths: Vec<String>,
    names: BTreeSet<String>,
    themes: Mutex<HashMap<Vec<String>, Loaded>>,
    /// Themes in the colours of one town, as long as somebody wears them: a town is built for many dates at once.
    worn: Mutex<HashMap<Look, Weak<Theme>>>,
}

/// A theme by its chain, and every value that a town puts over it with its place.
type Look = (Vec<String>, String);
type Loaded = std::result::Result<Arc<Theme>, Vec<Problem>>;

impl Shelf {
    pub fn new(files: ThemeFiles) -> Self {
        let paths: Vec<String> = files.list().into_iter().collect();
        let names = paths.iter().filter_map(|path| path.split_once('/')).map(|(name, _)| name.to_owned()).collect();
        Self { paths, names, files, themes: Mutex::default(), worn: Mutex::default() }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The theme of a chain; [`BASE`] is added below.
    pub fn theme(&self, chain: &[String]) -> Loaded {
        let mut chain: Vec<String> = chain.iter().filter(|name| *name != BASE).cloned().collect();
        chain.push(BASE.to_owned());
        chain.dedup();
        let mut themes = self.themes.lock().expect("loading a theme does not panic");
        themes
            .entry(chain)
            .or_insert_with_key(|chain| {
                let paths: Vec<&str> = self.paths.iter().map(String::as_str).collect();
                Theme::load(chain, &self.files, &paths).map(Arc::new)
            })
            .clone()
    }

    /// The theme in the colours of one town, whose own `theme.yaml` this is.
    pub fn worn(&self, theme: &Arc<Theme>, own: &Arc<Node>) -> Loaded {
        let mut values = String::new();
        own.walk("", &mut |path, value| values += &format!("{} {path}={}\n", value.at, value.data));
        let look = (theme.chain.clone(), values);
        let mut worn = self.worn.lock().expect("dressing a theme does not panic");
        if let Some(known) = worn.get(&look).and_then(Weak::upgrade) {
            return Ok(known);
        }
        let dressed = Arc::new(theme.worn_with(own)?);
        worn.retain(|_, other| other.strong_count() > 0);
        worn.insert(look, Arc::downgrade(&dressed));
        Ok(dressed)
    }
}

/// The file of that name from every folder of the chain, laid over each other.
fn merged(chain: &[String], files: &ThemeFiles, name: &str) -> std::result::Result<Option<Arc<Node>>, Vec<Problem>> {
    let mut whole: Option<Arc<Node>> = None;
    for folder in chain.iter().rev() {
        let path = format!("{folder}/{name}");
        let Some(bytes) = files.read(&path) else { continue };
        let node = read(&files.shown(&path), &bytes).map_err(|problem| vec![problem])?;
        whole = Some(whole.map_or_else(|| node.clone(), |below| merge(&node, &below)));
    }
    Ok(whole)
}

fn engine(chain: &[String], files: &ThemeFiles, paths: &[&str]) -> std::result::Result<Tera, Vec<Problem>> {
    let mut engine = Tera::default();
    engine.register_filter("fill", texts::fill);
    let prefixes = chain.iter().map(|folder| format!("{folder}/"));
    let templates: Vec<(String, String)> = paths
        .iter()
        .filter_map(|path| {
            let (folder, rest) = path.split_once('/')?;
            let name = rest.strip_prefix("templates/")?;
            chain.iter().any(|known| known == folder).then(|| (format!("{folder}/{name}"), (*path).to_owned()))
        })
        .collect();
    let problem = |error: tera::Error| {
        let at = At::start_of(&files.shown(&format!("{}/templates", chain[0])));
        vec![Problem::new(&at, format!("cannot be used: {}", chain_of(&error)))]
    };
    engine.set_fallback_prefixes(prefixes.collect::<Vec<_>>()).map_err(problem)?;
    let mut sources = Vec::new();
    for (name, path) in templates {
        let bytes = files.read(&path).unwrap_or_default();
        let at = At::start_of(&files.shown(&path));
        let text = String::from_utf8(bytes.into_owned()).map_err(|_| vec![Problem::new(&at, "is not UTF-8 text")])?;
        sources.push((name, text));
    }
    engine.add_raw_templates(sources).map_err(problem)?;
    Ok(engine)
}

/// `portal.css` is made: tokens, then base, then what each `theme.css` of the chain adds, the town's last.
fn collect_assets(chain: &[String], files: &ThemeFiles, paths: &[&str], tokens: &Tokens, origins: &Node) -> Assets {
    let mut found: BTreeMap<String, Bytes> = BTreeMap::new();
    for folder in chain.iter().rev() {
        let prefix = format!("{folder}/assets/");
        for path in paths.iter().filter(|path| path.starts_with(&prefix)) {
            let bytes = files.read(path).unwrap_or_default().into_owned();
            found.insert(path[prefix.len()..].to_owned(), bytes.into());
        }
    }
    let mut css = tokens.css(origins).into_bytes();
    css.extend_from_slice(found.get(STYLE_SHEET).map_or(&[][..], |base| base));
    for folder in chain.iter().rev() {
        css.extend_from_slice(&files.read(&format!("{folder}/assets/theme.css")).unwrap_or_default());
    }
    found.remove("theme.css");
    found.insert(STYLE_SHEET.into(), css.into());
    found.into_iter().map(|(name, bytes)| (name.clone(), Arc::new(Asset::new(&name, bytes)))).collect()
}

fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
