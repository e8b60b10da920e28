//! The manifests of the staging workspace.

use crate::course::Course;
use crate::stage::Package;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use toml::{Table, Value, toml};

/// The workspace of these packages and their drivers, with the course's profiles.
pub(crate) fn workspace(course: &Course, names: &[String]) -> Result<String> {
    let members = names.iter().flat_map(|name| [format!("labs/{name}"), format!("drivers/{name}")]);
    let mut manifest = toml! {
        [workspace]
        resolver = "3"
    };
    table(&mut manifest, "workspace")
        .insert("members".into(), Value::Array(members.map(Value::String).collect()));
    if let Some(profile) = course_manifest(course)?.remove("profile") {
        manifest.insert("profile".into(), profile);
    }
    Ok(toml::to_string(&manifest)?)
}

/// The student's crate: the dependencies of the lab's own manifest, nothing else of it.
pub(crate) fn lab(course: &Course, package: &Package) -> Result<String> {
    let lab = &package.lab.name;
    let text =
        package.files.get(Path::new("Cargo.toml")).with_context(|| format!("{lab} has no Cargo.toml"))?;
    let mut given: Table =
        toml::from_slice(text).with_context(|| format!("the Cargo.toml of {lab} is no manifest"))?;
    let mut manifest = manifest_of(&package.name());
    let mut library = Table::new();
    library.insert("name".into(), package.lab.crate_name().into());
    library.insert("path".into(), "src/lib.rs".into());
    manifest.insert("lib".into(), library.into());
    if let Some(mut dependencies) = given.remove("dependencies") {
        make_absolute(&mut dependencies, &course.labs_dir().join(lab));
        manifest.insert("dependencies".into(), dependencies);
    }
    Ok(toml::to_string(&manifest)?)
}

/// The program round the student's crate.
pub(crate) fn driver(course: &Course, package: &Package, main: &Path) -> Result<String> {
    let mut manifest = manifest_of(&package.driver());
    let mut program = Table::new();
    program.insert("name".into(), package.driver().into());
    program.insert("path".into(), main.display().to_string().into());
    manifest.insert("bin".into(), Value::Array(vec![program.into()]));
    manifest.insert("dependencies".into(), driver_dependencies(course, package)?.into());
    Ok(toml::to_string(&manifest)?)
}

/// The student's crate, and everything that the course's members share.
fn driver_dependencies(course: &Course, package: &Package) -> Result<Table> {
    let mut known = course_manifest(course)?;
    let mut known = table(table(&mut known, "workspace"), "dependencies").clone();
    if let Some(Value::Table(oslab)) = known.get_mut("oslab") {
        // For every lab, so that `oslab` is compiled once for all.
        oslab.insert("features".into(), Value::Array(vec!["explore".into(), "grading".into()]));
    }
    let mut dependencies = Value::Table(known);
    make_absolute(&mut dependencies, course.root());
    let mut student = Table::new();
    student.insert("package".into(), package.name().into());
    student.insert("path".into(), format!("../../labs/{}", package.name()).into());
    let Value::Table(mut dependencies) = dependencies else { unreachable!("it was made a table above") };
    dependencies.insert(package.lab.crate_name(), student.into());
    Ok(dependencies)
}

/// The course's own packages that drivers and labs depend on: name and directory.
pub(crate) fn local_dependencies(course: &Course) -> Result<Vec<(String, PathBuf)>> {
    let mut known = course_manifest(course)?;
    let dependencies = table(table(&mut known, "workspace"), "dependencies");
    let local = dependencies.iter().filter_map(|(name, given)| Some((name, given.get("path")?.as_str()?)));
    Ok(local.map(|(name, path)| (name.clone(), course.root().join(path))).collect())
}

fn manifest_of(name: &str) -> Table {
    let mut manifest = toml! {
        [package]
        version = "0.0.0"
        edition = "2024"
        build = false
        autobins = false
        autoexamples = false
        autotests = false
        autobenches = false
    };
    table(&mut manifest, "package").insert("name".into(), name.into());
    manifest
}

fn course_manifest(course: &Course) -> Result<Table> {
    let path = course.root().join("Cargo.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))
}

/// A table in a table; an empty one where there is none.
fn table<'a>(outer: &'a mut Table, name: &str) -> &'a mut Table {
    let inner = outer.entry(name).or_insert_with(|| Table::new().into());
    inner.as_table_mut().expect("this key of a manifest is a table")
}

fn make_absolute(dependencies: &mut Value, base: &Path) {
    let tables = dependencies.as_table_mut().into_iter().flatten();
    for (_, dependency) in tables {
        if let Some(Value::String(path)) = dependency.get_mut("path") {
            let absolute = base.join(PathBuf::from(&*path));
            *path = absolute.canonicalize().unwrap_or(absolute).display().to_string();
        }
    }
}
