use std::{
    fs,
    path::{Path, PathBuf},
};

use jsonschema::Validator;
use portal::tenant::schema::{KINDS, json_schema};
use portal_tests::{Towns, binary::run, root};
use serde_json::Value;

use super::{NEW, Told, tenant};

/// The kind of a file, by which its schema is found.
fn kind_of(path: &Path) -> Option<&str> {
    let stem = path.file_stem()?.to_str()?;
    let folder = path.parent()?.file_name()?.to_str()?;
    match folder {
        "services" => Some("service"),
        "forms" => Some("form"),
        _ => KINDS.iter().copied().find(|kind| *kind == stem),
    }
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true if !path.is_symlink() => files_below(&path, found),
            false if path.extension().is_some_and(|ending| ending == "yaml") => found.push(path),
            _ => {}
        }
    }
}

fn complaints(path: &Path) -> Vec<String> {
    let Some(kind) = kind_of(path) else { return vec![format!("{} is of no kind", path.display())] };
    let schema = json_schema(kind).unwrap().to_value();
    let rules: Validator = jsonschema::validator_for(&schema).unwrap();
    let file: Value = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    rules.iter_errors(&file).map(|error| format!("{} {}: {error}", path.display(), error.instance_path)).collect()
}

#[test]
fn every_file_that_is_shipped_fits_its_schema() {
    let mut files = Vec::new();
    for folder in ["tenants", "themes", "tests/towns", "examples/new-town/town/services", "examples/own-theme"] {
        files_below(&root().join(folder), &mut files);
    }
    files.retain(|file| !file.parent().is_some_and(|folder| folder.ends_with("texts")));
    assert!(files.len() > 90, "{}", files.len());
    let wrong: Vec<String> = files.iter().flat_map(|file| complaints(file)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_file_of_a_new_town_names_its_schema_and_fits_it() {
    let towns = Towns::fixture();
    tenant(&towns, &[&NEW[..], &["--color", "#1b6e4b"]].concat()).await.is(0);
    tenant(&towns, &["approve", "bad-musterau", "--all", "--by", "Hauptamt"]).await.is(0);
    let mut files = Vec::new();
    files_below(&towns.path().join("bad-musterau"), &mut files);
    assert_eq!(files.len(), 6, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (_, rest) = text.split_once("# yaml-language-server: $schema=").unwrap();
        let schema = file.parent().unwrap().join(rest.lines().next().unwrap());
        let written: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
        assert_eq!(written, json_schema(kind_of(&file).unwrap()).unwrap().to_value());
        assert_eq!(complaints(&file), Vec::<String>::new());
    }
    // the portal reads none of it
    tenant(&towns, &["list"]).await.is(0).omits("schema");
}

#[test]
fn a_slip_of_the_pen_does_not_fit() {
    let towns = Towns::empty();
    for (path, text) in [
        ("t/tenant.yaml", "nmae: Au\n"),
        ("t/services/hund.yaml", "title: Hund\nlogin: high\n"),
        ("t/notices.yaml", "- {id: a, levle: info}\n"),
        ("t/offices.yaml", "amt: {name: Amt, kind: Behörde}\n"),
        ("t/identity.yaml", "- {id: a, kind: saml, name: A, from: morgen}\n"),
    ] {
        towns.write(path, text);
        assert_eq!(complaints(&towns.path().join(path)).len(), 1, "{path}");
    }
}

#[tokio::test]
async fn all_schemas_are_written_into_a_folder() {
    let towns = Towns::empty();
    let folder = towns.path().join(".schema");
    Told::of(&run(&["schema", "--write", folder.to_str().unwrap()]).await).is(0).says("schemas in");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), KINDS.len());
}
