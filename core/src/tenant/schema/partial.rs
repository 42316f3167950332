//! From the schema of what a town has in the end to the schema of what one file may say about it.
//!
//! A file holds a part: what is required may stand in a layer below, a value may have dates, `null` takes something away.

use schemars::{Schema, transform::transform_subschemas};
use serde_json::{Map, Value, json};

/// The schema of a file; `list` is the name of the list that may stand alone.
pub(super) fn of_file(mut schema: Schema, list: Option<&str>) -> Schema {
    loosen(&mut schema);
    let Some(list) = list else { return schema };
    let mut whole = schema.ensure_object().clone();
    let mut outer: Map<String, Value> = Map::new();
    for shared in ["$schema", "$defs", "title", "description"] {
        outer.extend(whole.remove_entry(shared));
    }
    let bare = whole["properties"][list].clone();
    outer.insert("anyOf".into(), json!([whole, bare, {"type": "null"}]));
    outer.into()
}

/// The second name of a field, which serde knows as its `alias` and schemars does not.
pub(super) fn also_called(schema: &mut Schema, field: &str, alias: &str) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties")
        && let Some(rule) = properties.get(field).cloned()
    {
        properties.insert(alias.to_owned(), rule);
    }
}

fn loosen(schema: &mut Schema) {
    transform_subschemas(&mut loosen, schema);
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("required");
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().for_each(|value| *value = dated(value.take()));
        for (name, rule) in
            [("from", moment()), ("until", moment()), ("when", phases()), ("remove", json!({"const": true}))]
        {
            properties.entry(name).or_insert(rule);
        }
    }
    if let Some(entry @ Value::Object(_)) = object.get_mut("additionalProperties") {
        *entry = dated(entry.take());
    }
}

/// The value itself, a list of values with their dates, or `null`.
fn dated(mut rule: Value) -> Value {
    let description = rule.as_object_mut().and_then(|rule| rule.remove("description"));
    let entry = json!({
        "type": "object",
        "properties": {"value": rule, "from": moment(), "until": moment()},
        "required": ["value"],
        "additionalProperties": false,
    });
    let mut any = json!({"anyOf": [rule, {"type": "array", "items": entry, "minItems": 1}, {"type": "null"}]});
    if let Some(description) = description {
        any["description"] = description;
    }
    any
}

fn moment() -> Value {
    json!({
        "description": "Local date or date-time, inclusive: `2026-05-15`, `2026-05-15T18:00`",
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$",
    })
}

fn phases() -> Value {
    json!({"description": "Phase of a change of the login", "enum": super::Phase::ALL})
}
