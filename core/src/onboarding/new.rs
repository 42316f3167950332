//! `portal tenant new`: the files of a town that serves at once.

use std::{fs, io, path::Path};

use super::{
    Refused,
    forms::Forms,
    logo::Logo,
    palette::{self, Scheme},
    scalar,
};
use crate::{
    tenant::{Authority, Found, Tenants, schema},
    theme::{ThemeFiles, contrast::Color},
};

/// What is known about a town on its first day.
#[derive(Debug, Clone)]
pub struct NewTown {
    /// Name of the folder; part of the preview host.
    pub id: String,
    pub name: String,
    /// As the town signs; otherwise "Stadt" and the name.
    pub full_name: Option<String>,
    pub host: String,
    /// Layers below it.
    pub extends: Vec<String>,
    pub color: Option<Color>,
    pub logo: Option<Logo>,
}

/// A file by its path below the town's folder.
type Files = Vec<(String, Vec<u8>)>;

impl NewTown {
    /// Writes the town into the folder of `tenants`: all of it or nothing. Gives back the paths below the town's folder.
    pub fn write(&self, root: &Path, tenants: &Tenants) -> Result<Vec<String>, Refused> {
        self.check(root, tenants)?;
        let unwritable = |error: io::Error| Refused::new(format!("`{}` cannot be written: {error}", root.display()));
        schema::write_all(&root.join(".schema")).map_err(unwritable)?;
        let files = self.files(root);
        // a name that nobody reads until everything is there: a running portal may be watching
        let unfinished = root.join(format!(".{}.new", self.id));
        let _ = fs::remove_dir_all(&unfinished);
        for (path, bytes) in &files {
            let path = unfinished.join(path);
            fs::create_dir_all(path.parent().expect("it lies in the town's folder")).map_err(unwritable)?;
            fs::write(path, bytes).map_err(unwritable)?;
        }
        fs::rename(&unfinished, root.join(&self.id)).map_err(unwritable)?;
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }

    fn check(&self, root: &Path, tenants: &Tenants) -> Result<(), Refused> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let id = &self.id;
        // part of a host name, so that the rules of host names hold
        if id.is_empty() || id.len() > 63 || !id.bytes().all(allowed) || id.starts_with('-') || id.ends_with('-') {
            return Err(Refused::new(format!("`{id}` cannot be the name of a town's folder"))
                .hint("`a`–`z`, `0`–`9` and `-` between them, as in `bad-musterau`"));
        }
        let folder = root.join(id);
        if folder.exists() {
            return Err(Refused::new(format!("`{}` exists already", folder.display()))
                .hint("choose another name, or change the files there"));
        }
        for (what, text) in [("--name", Some(&self.name)), ("--full-name", self.full_name.as_ref())] {
            if text.is_some_and(|text| {
                text.trim().is_empty() || text.contains(['{', '}']) || text.contains(char::is_control)
            }) {
                return Err(Refused::new(format!("`{what}` is no name of a town")).hint("`--name 'Bad Musterau'`"));
            }
        }
        free_host(&self.host, tenants, None)?;
        free_host(&format!("{id}.localhost"), tenants, None)?;
        self.extends.iter().try_for_each(|layer| is_layer(layer, root))
    }

    fn files(&self, root: &Path) -> Files {
        let mut files: Files = vec![("tenant.yaml".into(), self.tenant_yaml().into())];
        files.push(("offices.yaml".into(), include_bytes!("files/offices.yaml").to_vec()));
        files.push(("expect.yaml".into(), include_bytes!("files/expect.yaml").to_vec()));
        if !self.extends.iter().any(|layer| root.join(layer).join("identity.yaml").exists()) {
            files.push(("identity.yaml".into(), include_bytes!("files/identity.yaml").to_vec()));
        }
        if self.color.is_some() || self.logo.is_some() {
            files.push(("theme.yaml".into(), self.theme_yaml().into()));
        }
        if let Some(color) = self.color {
            files
                .extend(emblems(color).into_iter().filter(|(path, _)| self.logo.is_none() || path.contains("favicon")));
        }
        files.extend(self.logo.iter().map(|logo| (format!("assets/{}", logo.file), logo.bytes.clone())));
        files
    }

    fn tenant_yaml(&self) -> String {
        let forms = Forms::of(&self.name, self.full_name.as_deref());
        let layers = self.extends.join(", ");
        let (extends, services) = match self.extends.len() {
            0 => (
                String::new(),
                "# services: all   # gemeinsame Dienstleistungen gibt es erst mit einer Schicht: `extends: _nrw`\n",
            ),
            1 => (format!("extends: {layers}   # die Schicht mit den gemeinsamen Texten\n"), SERVICES),
            _ => (format!("extends: [{layers}]   # die Schichten mit den gemeinsamen Texten\n"), SERVICES),
        };
        let named = |pattern: &str| pattern.replace("{{ town.name }}", &self.name);
        let values = [
            ("id", self.id.clone()),
            ("name", scalar(&self.name)),
            ("full_name", scalar(&forms.full_name)),
            ("host", scalar(&self.host)),
            ("extends", extends),
            ("services", services.to_owned()),
            ("residents", named(&forms.residents)),
            ("of", named(&forms.of)),
            ("form_of", scalar(&forms.of)),
            ("form_of_en", scalar(&forms.of_en)),
            ("form_of_ls", scalar(&forms.of_ls)),
            ("form_residents", scalar(&forms.residents)),
            ("form_adjective", scalar(&forms.adjective)),
            ("administration", scalar(&forms.administration)),
        ];
        filled(include_str!("files/tenant.yaml"), &values)
    }

    fn theme_yaml(&self) -> String {
        let mut text = match self.color {
            Some(color) => filled(include_str!("files/theme.yaml"), &[("color", color.to_string())]),
            None => "# yaml-language-server: $schema=../.schema/theme.json\n".to_owned(),
        };
        if let Some(color) = self.color {
            text += "\ncolors:\n";
            for (scheme, colors) in [("light", palette::light(color)), ("dark", palette::dark(color))] {
                text += &format!("  {scheme}:\n{}", lines(&colors));
            }
        }
        match &self.logo {
            Some(logo) => text + &format!("wordmark: {}\n", logo.file),
            None => text,
        }
    }
}

const SERVICES: &str =
    "services: all   # schneller bereit mit einigen, nach ihren Dateinamen: [hund-anmelden, wohnsitz-anmelden]\n";

/// Refuses a host name that is none, or that already leads to another town than `own`.
pub fn free_host(name: &str, tenants: &Tenants, own: Option<&str>) -> Result<Authority, Refused> {
    let host = Authority::parse(name).ok().filter(|_| !name.contains(':')).ok_or_else(|| {
        Refused::new(format!("`{name}` is no host name"))
            .hint("host names stand without scheme, port and path: `portal.example.de`")
    })?;
    let taken = |whom: String| {
        Err(Refused::new(format!("the host `{host}` belongs to {whom}")).hint("a host belongs to exactly one town"))
    };
    match tenants.find(&host) {
        Found::Tenant(other) if own != Some(other.id.as_str()) => taken(format!("`{}`", other.id)),
        Found::Broken => taken("a town whose files cannot be loaded".to_owned()),
        Found::Tenant(_) | Found::Unknown => Ok(host),
    }
}

fn is_layer(layer: &str, root: &Path) -> Result<(), Refused> {
    if layer.starts_with('_') && !layer.contains(['/', '\\']) && root.join(layer).is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(root).map(|entries| entries.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut layers: Vec<String> = names.filter(|name| name.starts_with('_')).map(|name| format!("`{name}`")).collect();
    layers.sort();
    Err(Refused::new(format!("the layer `{layer}` does not exist")).hint(match &*layers {
        [] => format!("layers are folders in `{}` that start with `_`; there is none", root.display()),
        layers => format!("known are {}", layers.join(", ")),
    }))
}

/// The pictures of the base theme in the town's colour.
fn emblems(color: Color) -> Files {
    let themes = ThemeFiles::embedded();
    let dark = palette::light(color).into_iter().find(|(name, _)| *name == "primary").map_or(color, |(_, color)| color);
    let picture = |name: &str| {
        let bytes = themes.read(&format!("base/assets/{name}")).expect("the base theme is built in");
        let drawing = String::from_utf8_lossy(&bytes).replace(BASE_COLOR, &dark.to_string());
        (format!("assets/{name}"), drawing.into_bytes())
    };
    vec![picture("wordmark.svg"), picture("favicon.svg")]
}

/// The colour in which the pictures of the base theme are drawn.
const BASE_COLOR: &str = "#1d3460";

fn lines(scheme: &Scheme) -> String {
    scheme.iter().map(|(name, color)| format!("    {name}: \"{color}\"\n")).collect()
}

/// Puts values into a file of `files/`, each at its `@name@`.
fn filled(file: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(file.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value))
}
