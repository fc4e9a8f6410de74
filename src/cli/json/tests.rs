//! The schemas in `docs/json` are the ones of the types that are written. This file adds only what the types cannot say: the
//! frame of a line, and which event has which variant of a body.

use std::{env, fs, path::Path};

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    cli::{apply, broken, desired, diff, doctor, init, list, operations, report::json as report},
    domain::outcome::Outcome,
    export::{
        operation::{ItemBody, OperationBody},
        plan_file::PlanFile,
    },
};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// RFC 3339 in UTC with milliseconds.
const TIME: &str = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$";
const TIMES: [&str; 5] = ["time", "created", "ended", "until", "made"];

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

/// An event: the schema of its body, and the frame of a line.
fn event<T: JsonSchema>(generator: &mut SchemaGenerator, name: &str) -> Value {
    let mut schema = T::json_schema(generator).to_value();
    for (key, frame) in [
        ("v", json!({ "const": 1 })),
        ("event", json!({ "const": name })),
        ("time", json!({ "type": "string" })),
    ] {
        schema["properties"][key] = frame;
        schema["required"].as_array_mut().unwrap().push(json!(key));
    }
    schema["title"] = json!(name);
    schema
}

fn operation(generator: &mut SchemaGenerator, name: &str, is_end: bool) -> Value {
    let mut schema = event::<OperationBody>(generator, name);
    if is_end {
        schema["properties"]["exit_code"] = json!({ "enum": [0, 1, 3, 4, 5, 7] });
        schema["required"].as_array_mut().unwrap().push(json!("exit_code"));
    } else {
        schema["properties"].as_object_mut().unwrap().remove("exit_code");
    }
    schema
}

fn events() -> Value {
    let mut generator = generator();
    let of = &mut generator;
    let mut finished = event::<ItemBody>(of, "item_finished");
    finished["properties"]["outcome"] = of.subschema_for::<Outcome>().to_value();
    let events = [
        event::<report::PlanBody>(of, "plan"),
        event::<apply::Changes>(of, "plan_changed"),
        operation(of, "operation_started", false),
        operation(of, "operation_detached", false),
        event::<report::StateBody>(of, "item_state"),
        finished,
        event::<report::PhaseBody>(of, "operation_paused"),
        event::<report::PhaseBody>(of, "operation_resumed"),
        event::<report::PhaseBody>(of, "operation_stopping"),
        operation(of, "operation_ended", true),
        event::<report::AllEndedBody>(of, "all_ended"),
        event::<desired::NotComparedBody>(of, "not_compared"),
        event::<diff::DifferenceBody>(of, "difference"),
        event::<diff::ComparedBody>(of, "compared"),
        event::<init::AddedBody>(of, "instance_added"),
        event::<broken::BrokenBody>(of, "instance_broken"),
        event::<list::failed::FailedBody>(of, "instance_failed"),
        event::<list::InstanceBody>(of, "instance"),
        event::<list::CommunityBody>(of, "community"),
        event::<list::GroupBody>(of, "group"),
        event::<list::RememberedBody>(of, "remembered"),
        operation(of, "operation", false),
        event::<ItemBody>(of, "item"),
        event::<operations::Removed>(of, "operations_pruned"),
        event::<operations::Removed>(of, "invite_links_forgotten"),
        event::<doctor::CheckResult>(of, "finding"),
        event::<report::ErrorBody>(of, "error"),
    ];
    let title = "A line of synod's --json, version 1";
    json!({ "$schema": DRAFT, "title": title, "oneOf": events, "$defs": generator.take_definitions(false) })
}

fn plan() -> Value {
    let mut generator = generator();
    let mut schema = PlanFile::json_schema(&mut generator).to_value();
    schema["$schema"] = json!(DRAFT);
    schema["title"] = json!("A plan that --plan writes, version 1");
    schema["properties"]["v"] = json!({ "const": 1 });
    schema["properties"]["kind"] = json!({ "const": "synod_plan" });
    schema["$defs"] = json!(generator.take_definitions(false));
    schema
}

/// Makes a schema as strict as the written lines, and shortens it: comments in the source are for the readers of the source.
fn tighten(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(tighten),
        Value::Object(parts) => {
            parts.remove("description");
            join_names(parts);
            if parts.contains_key("properties") {
                tighten_object(parts);
            }
            parts.values_mut().for_each(tighten);
        }
        _ => {}
    }
}

/// Lists the variants without content in one place.
fn join_names(parts: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = parts.remove("oneOf") else { return };
    let (mut names, mut others) = (Vec::new(), Vec::new());
    for variant in variants {
        match (variant.get("const"), variant.get("enum")) {
            (Some(name), _) => names.push(name.clone()),
            (None, Some(more)) => names.extend(more.as_array().unwrap().clone()),
            _ => others.push(variant),
        }
    }
    if others.is_empty() {
        parts.insert("enum".to_owned(), json!(names));
        return;
    }
    if !names.is_empty() {
        others.insert(0, json!({ "enum": names }));
    }
    parts.insert("oneOf".to_owned(), json!(others));
}

/// Allows no other property, requires the form of times, and does not allow null for a property that can be absent.
fn tighten_object(parts: &mut Map<String, Value>) {
    parts.insert("additionalProperties".to_owned(), json!(false));
    let required = parts.get("required").cloned().unwrap_or_default();
    for (name, property) in parts["properties"].as_object_mut().unwrap() {
        if TIMES.contains(&name.as_str()) && property.get("type").is_some() {
            property["pattern"] = json!(TIME);
        }
        if required.as_array().is_some_and(|required| required.contains(&json!(name))) {
            continue;
        }
        if let Some(choices) = property.get("anyOf").cloned() {
            *property = choices[0].clone();
        } else if let Some(Value::Array(types)) = property.get("type").cloned() {
            property["type"] = types[0].clone();
        }
    }
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json");
    for (file, mut schema) in [("event.schema.json", events()), ("plan.schema.json", plan())] {
        tighten(&mut schema);
        let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let file = folder.join(file);
        if env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
            fs::write(&file, &schema).unwrap();
        }
        let is_same = fs::read_to_string(&file).unwrap() == schema;
        assert!(
            is_same,
            "{file:?}: run `INSTA_UPDATE=always cargo test --lib the_schemas` and read the changes"
        );
    }
}
