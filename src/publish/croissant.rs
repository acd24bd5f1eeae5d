//! What a dataset is, for machines: `croissant.json`, by MLCommons' Croissant 1.1
//! (<https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html>).
//!
//! Two sets of records: the splits, and the samples, which are rows of `samples.csv`. Ids are text there: 64 bits do not
//! survive readers that take numbers for floating point.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::manifest::{Creator, Manifest};
use crate::table::{Column, ColumnKind};

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedFile {
    /// Its name in the release.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// What it is, one sentence.
    pub doc: String,
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The description of a dataset of these files, splits and columns of samples.
pub fn croissant(manifest: &Manifest, files: &[ReleasedFile], splits: &BTreeSet<&str>, columns: &[Column]) -> Value {
    let mut dataset = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": manifest.name,
        "version": manifest.version,
        "description": manifest.description,
        "license": manifest.license_url(),
        "url": manifest.url,
        "creator": manifest.creators.iter().map(creator).collect::<Vec<_>>(),
        "datePublished": manifest.date_published,
        "distribution": files.iter().map(file_object).collect::<Vec<_>>(),
        "recordSet": [split_records(splits), sample_records(columns)],
    });
    if let Some(cite_as) = &manifest.cite_as {
        dataset["citeAs"] = cite_as.as_str().into();
    }
    dataset
}

/// The names of the vocabulary, as the specification's appendix has them.
fn context() -> Value {
    let mut context = json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "sc": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "description": {"@container": "@language"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "name": {"@container": "@language"},
    });
    const PLAIN: [&str; 29] = [
        "arrayShape",
        "citeAs",
        "column",
        "containedIn",
        "equivalentProperty",
        "extract",
        "field",
        "fileObject",
        "fileProperty",
        "fileSet",
        "format",
        "includes",
        "isArray",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "samplingRate",
        "separator",
        "source",
        "subField",
        "transform",
    ];
    for name in PLAIN {
        context[name] = format!("cr:{name}").into();
    }
    context
}

fn creator(creator: &Creator) -> Value {
    let kind = if creator.organization { "sc:Organization" } else { "sc:Person" };
    let mut told = json!({"@type": kind, "name": creator.name});
    for (key, value) in [("email", &creator.email), ("url", &creator.url)] {
        if let Some(value) = value {
            told[key] = value.as_str().into();
        }
    }
    if let Some(affiliation) = &creator.affiliation {
        told["affiliation"] = json!({"@type": "sc:Organization", "name": affiliation});
    }
    told
}

fn file_object(file: &ReleasedFile) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "description": file.doc,
        "contentUrl": file.name,
        "contentSize": format!("{} B", file.size),
        "encodingFormat": encoding(&file.name),
        "sha256": hex(&file.sha256),
    })
}

/// The media type of a file, by the end of its name.
fn encoding(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "zst" => "application/zstd",
        "csv" => "text/csv",
        "parquet" => "application/vnd.apache.parquet",
        "json" => "application/json",
        "md" => "text/markdown",
        "toml" => "application/toml",
        _ => "text/plain",
    }
}

fn split_records(splits: &BTreeSet<&str>) -> Value {
    let rows: Vec<Value> =
        splits.iter().map(|split| json!({"splits/name": split, "splits/url": split_url(split)})).collect();
    json!({
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "The splits that samples belong to.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": "splits/url", "name": "url", "dataType": ["sc:URL", "cr:Split"]},
        ],
        "data": rows,
    })
}

/// What the vocabulary calls a split; what it has no word for is a test that somebody else scores, or a part of training.
fn split_url(split: &str) -> &'static str {
    match split {
        "validation" => "http://mlcommons.org/croissant/ValidationSplit",
        "test" | "challenge" => "http://mlcommons.org/croissant/TestSplit",
        _ => "http://mlcommons.org/croissant/TrainingSplit",
    }
}

fn sample_records(columns: &[Column]) -> Value {
    let fields: Vec<Value> = columns.iter().map(field).collect();
    json!({
        "@type": "cr:RecordSet",
        "@id": "samples",
        "name": "samples",
        "description": "One record for each sample: a group of packets with one label.",
        "key": {"@id": "samples/sample_id"},
        "field": fields,
    })
}

fn field(column: &Column) -> Value {
    let data_type: Value = match column.kind {
        ColumnKind::Count | ColumnKind::Integer => "sc:Integer".into(),
        ColumnKind::Real => "sc:Float".into(),
        ColumnKind::Time => "sc:DateTime".into(),
        // Ids too: they need 64 bits.
        _ if column.name == "label" => json!(["sc:Text", "cr:Label"]),
        _ => "sc:Text".into(),
    };
    let mut field = Map::new();
    let name = &column.name;
    for (key, value) in [
        ("@type", "cr:Field".into()),
        ("@id", format!("samples/{name}").into()),
        ("name", name.as_str().into()),
        ("description", column.doc.into()),
        ("dataType", data_type),
        ("source", json!({"fileObject": {"@id": "samples.csv"}, "extract": {"column": name}})),
    ] {
        field.insert(key.to_owned(), value);
    }
    if name == "split" {
        field.insert("references".to_owned(), json!({"field": {"@id": "splits/name"}}));
    }
    Value::Object(field)
}
