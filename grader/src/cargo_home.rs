//! Cargo's home while submissions are compiled: the packages that the user's cargo has, and of all the user's settings only
//! those that say where packages come from. Profiles, wrappers, flags, linkers and environments are nobody's business here.

use crate::course::Course;
use crate::stage::Stage;
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What of a source's or a registry's table is taken over. A token is not.
const OF_SOURCE: [&str; 4] = ["replace-with", "registry", "local-registry", "directory"];
const OF_REGISTRY: [&str; 2] = ["index", "protocol"];
/// Those of them that are paths.
const PATHS: [&str; 2] = ["local-registry", "directory"];

/// The home, made anew.
pub(crate) struct CargoHome {
    /// Where it is.
    pub(crate) dir: PathBuf,
    /// What it leads to: the user's registry, and directories that are used in the place of one.
    pub(crate) packages: Vec<PathBuf>,
}

impl CargoHome {
    /// In the stage.
    pub(crate) fn make(stage: &Stage) -> Result<CargoHome> {
        let dir = stage.dir().join("cargo");
        let origins = Origins::of(stage.course());
        let action = || format!("cannot make cargo's home in {}", dir.display());
        fs::create_dir_all(&dir).with_context(action)?;
        let registry = users().map(|home| home.join("registry"));
        let registry = registry.and_then(|registry| registry.canonicalize().ok());
        link(&dir.join("registry"), registry.as_deref()).with_context(action)?;
        fs::write(dir.join("config.toml"), toml::to_string(&origins.tables)?).with_context(action)?;
        Ok(CargoHome { dir, packages: registry.into_iter().chain(origins.directories).collect() })
    }
}

/// The home of the user's own cargo, found as cargo finds it. The user may have a home without a variable that says so.
pub(crate) fn users() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = || std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let home = named.or_else(|| Some(home()?.join(".cargo")))?;
    std::path::absolute(home).ok()
}

/// A link to the registry, if there is one. Whatever else lies there is cargo's own, of a time when there was none.
fn link(path: &Path, to: Option<&Path>) -> std::io::Result<()> {
    if fs::read_link(path).ok().as_deref() == to {
        return Ok(());
    }
    match fs::symlink_metadata(path) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path)?,
        Ok(_) => fs::remove_file(path)?,
        Err(_) => {}
    }
    to.map_or(Ok(()), |to| symlink(to, path))
}

/// Where packages come from, by the user's configuration.
#[derive(Default)]
struct Origins {
    tables: Table,
    directories: Vec<PathBuf>,
}

impl Origins {
    /// As cargo looks for it: the course's directory first, then those above it, the user's home last. A file that cannot be
    /// read, cargo has complained of already, when it compiled the grader.
    fn of(course: &Course) -> Origins {
        let mut origins = Origins::default();
        let above = course.root().ancestors().map(|dir| dir.join(".cargo"));
        for dir in above.chain(users()) {
            let text =
                ["config", "config.toml"].iter().find_map(|name| fs::read_to_string(dir.join(name)).ok());
            if let Some(config) = text.and_then(|text| text.parse::<Table>().ok()) {
                let base = dir.parent().unwrap_or(&dir);
                origins.take(&config, "source", &OF_SOURCE, base);
                origins.take(&config, "registries", &OF_REGISTRY, base);
            }
        }
        origins
    }

    /// What came first counts.
    fn take(&mut self, config: &Table, kind: &str, keys: &[&str], base: &Path) {
        for (name, given) in config.get(kind).and_then(Value::as_table).into_iter().flatten() {
            let given = given.as_table().into_iter().flatten();
            let known = table(table(&mut self.tables, kind), name);
            for (key, value) in given.filter(|(key, _)| keys.contains(&key.as_str())) {
                if known.contains_key(key) {
                    continue;
                }
                let path = value.as_str().filter(|_| PATHS.contains(&key.as_str()));
                let path = path.map(|path| base.join(path));
                let path = path.map(|path| path.canonicalize().unwrap_or(path));
                let shown = path.as_ref().map(|path| path.display().to_string().into());
                known.insert(key.clone(), shown.unwrap_or_else(|| value.clone()));
                self.directories.extend(path);
            }
        }
    }
}

fn table<'a>(outer: &'a mut Table, name: &str) -> &'a mut Table {
    let inner = outer.entry(name).or_insert_with(|| Table::new().into());
    inner.as_table_mut().expect("it was made as a table")
}
