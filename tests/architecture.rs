//! Who may know whom, and what no file may hold.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What each crate may depend on: crates of this workspace, and whether those of others are anything or these alone.
///
/// Anything means: not what [`FORBIDDEN`] says.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("api", &["domain", "entity"]),
    ("domain", &["entity", "migration", "provider"]),
    ("entity", &[]),
    // What a send claims, its job calls out.
    ("jobs", &["domain", "entity", "provider"]),
    ("migration", &[]),
    ("provider", &[]),
    // The one place that knows both `api` and `jobs`.
    ("roster", &["api", "domain", "entity", "jobs", "migration"]),
];

/// What each crate must not depend on, by the beginning of its name, with the reason.
const FORBIDDEN: [(&str, &[&str], &str); 6] = [
    (
        "api",
        &["apalis", "sqlx", "sea-orm-migration", "object_store"],
        "a resolver decodes, authorises, calls domain once and wraps",
    ),
    (
        "domain",
        // async-graphql it may know: a filter and its scalars are one type for the API, for what is stored and for SQL.
        &["apalis", "axum", "clap"],
        "rules know neither who asks nor who runs them",
    ),
    (
        "entity",
        &[
            "apalis",
            "async-graphql",
            "axum",
            "object_store",
            "sqlx",
            "tokio",
        ],
        "rows decide nothing and do nothing",
    ),
    (
        "jobs",
        &["async-graphql", "axum", "clap"],
        "jobs are not asked by people",
    ),
    (
        "provider",
        &["apalis", "async-graphql", "axum", "sea-orm", "sqlx"],
        "it speaks to providers, and knows neither what is stored nor who asks",
    ),
    (
        "roster",
        &["apalis", "async-graphql", "axum", "sqlx"],
        "start-up composes, it does not serve or work",
    ),
];

/// A file of Rust is read in one go; a second look comes at this length.
const LONGEST: usize = 400;

/// Those that had their second look and stayed whole, each with a length that it must not grow past.
const LONGER: [(&str, usize); 3] = [
    // One object, field after field.
    ("api/src/graphql/import/object.rs", 480),
    // Tables with an entry for each field, and for each place of an id.
    ("api/src/graphql/tests/wall.rs", 600),
    ("api/src/graphql/tests/id_places.rs", 600),
];

#[test]
fn crates_know_whom_they_may() {
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap().to_owned();
        let allowed = ALLOWED.iter().find(|(known, _)| *known == name);
        let Some((_, allowed)) = allowed else {
            // Programs for tests and benchmarks live below tests/ and may know everyone; nobody may know them.
            let manifest = package["manifest_path"].as_str().unwrap();
            assert!(
                Path::new(manifest).starts_with(root().join("tests")),
                "{name} has no line in ALLOWED"
            );
            continue;
        };
        for dependency in dependencies(&package) {
            let ours = dependency["path"].is_string();
            let dependency = dependency["name"].as_str().unwrap();
            if ours && !allowed.contains(&dependency) {
                wrong.push(format!("{name} must not know {dependency}"));
            }
            for (_, beginnings, reason) in FORBIDDEN.iter().filter(|(known, ..)| *known == name) {
                if beginnings
                    .iter()
                    .any(|beginning| dependency.starts_with(beginning))
                {
                    wrong.push(format!("{name} must not know {dependency}: {reason}"));
                }
            }
        }
        seen.push(name);
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(seen.len(), ALLOWED.len(), "only these are left: {seen:?}");
}

/// The packages of the workspace, as their manifests say.
fn packages() -> Vec<Value> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&metadata.stderr);
    assert!(metadata.status.success(), "{error}");
    let mut metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

/// Those that its library or program has; tests may know more.
fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    let dependencies = package["dependencies"].as_array().unwrap();
    dependencies.iter().filter(|one| one["kind"].is_null())
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let mut found = BTreeMap::new();
    for (path, text) in texts() {
        for mark in marks() {
            if text.contains(&mark) {
                found.insert(path.clone(), mark);
            }
        }
    }
    assert_eq!(found, BTreeMap::new());
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let elsewhere: Vec<&str> = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .filter(|line| !line.contains("registry+https://github.com/rust-lang/crates.io-index"))
        .collect();
    assert_eq!(
        elsewhere,
        Vec::<&str>::new(),
        "every crate comes from crates.io"
    );
}

/// Paths that differ from machine to machine. Written in halves, so that this file holds none.
fn marks() -> Vec<String> {
    let mut marks = vec![
        ["/ro", "ot/"].concat(),
        ["/wo", "rk/"].concat(),
        ["/ho", "me/"].concat(),
        ["/Us", "ers/"].concat(),
    ];
    // Short ones, such as `/app`, may stand anywhere.
    for path in [Some(env!("CARGO_MANIFEST_DIR")), option_env!("CARGO_HOME")] {
        marks.extend(
            path.filter(|path| path.matches('/').count() > 1)
                .map(str::to_owned),
        );
    }
    marks
}

#[test]
fn no_file_of_rust_is_too_long() {
    let mut long = Vec::new();
    for (path, text) in texts() {
        let known = LONGER.iter().find(|(known, _)| Path::new(known) == path);
        let most = known.map_or(LONGEST, |(_, most)| *most);
        let lines = text.lines().count();
        if path.extension().is_some_and(|extension| extension == "rs") && lines > most {
            long.push(format!("{}: {lines} lines, {most} at most", path.display()));
        }
    }
    long.sort();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn the_schema_is_checked_in() {
    let there = fs::read_to_string(root().join("schema.graphql")).unwrap_or_default();
    assert!(
        there.trim_end() == api::graphql::sdl().trim_end(),
        "schema.graphql differs from the code's schema: `cargo run -- schema > schema.graphql`, and look at what changed"
    );
}

/// Every text file of the project, by its path.
fn texts() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                // What is built, what a server has written, and what belongs to git is not the project's text.
                let built = path.join("CACHEDIR.TAG").exists();
                let others = [".git", "target", "roster-data", "node_modules", "dist"];
                if !built && !others.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name != ".git"
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
