//! Where everything lies that the machines need: a directory that goes with this value.

use crate::entry::Entry;
use crate::machine::{Machine, Said};
use crate::root;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, geteuid};
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Nobody would choose it: blanks, quotes, letters of several alphabets, and six hundred bytes.
fn odd_path() -> PathBuf {
    let part = "it's a \"course\", naïve & größer; $HOME 日本 \\ (1) ";
    (0..8).map(|number| format!("{part}{number}{}", "x".repeat(18))).collect()
}

pub(crate) struct Site {
    dir: tempfile::TempDir,
    /// The grader, where every user can start it.
    grader: PathBuf,
}

impl Site {
    /// With a copy of the course, of what cargo has downloaded, and of the grader; and the toolchain, shown or copied.
    pub(crate) fn make() -> io::Result<Site> {
        let dir = tempfile::Builder::new().prefix("oslab-machines-").tempdir()?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        let grader = dir.path().join("grader");
        fs::copy(env!("CARGO_BIN_EXE_grader"), &grader)?;
        let site = Site { grader, dir };
        copy(&course(), &site.path("course"))?;
        fs::create_dir_all(site.path("tmp"))?;
        let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home =
            cargo_home.unwrap_or_else(|| std::env::home_dir().unwrap_or_default().join(".cargo"));
        copy(&cargo_home.join("registry"), &site.path("home/.cargo/registry"))?;
        match geteuid().is_root() {
            true => root::show(&sysroot()?, &site.path("rust"))?,
            false => symlink(sysroot()?, site.path("rust"))?,
        }
        Ok(site)
    }

    /// It says what this machine can do.
    pub(crate) fn grader_program(&self) -> &Path {
        &self.grader
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Where the course lies on a machine.
    pub(crate) fn course(&self, entry: &Entry) -> io::Result<PathBuf> {
        if !entry.odd_path {
            return Ok(self.path("course"));
        }
        let place = self.path("odd").join(odd_path());
        if !place.exists() {
            copy(&course(), &place)?;
        }
        Ok(place)
    }

    /// Gives the course and a home to the machine's user.
    pub(crate) fn give(&self, entry: &Entry) -> io::Result<()> {
        let config = self.path("home/.cargo/config.toml");
        match &entry.cargo_config {
            Some(text) => fs::write(config, text)?,
            None => drop(fs::remove_file(config)),
        }
        if !geteuid().is_root() {
            return Ok(());
        }
        let user = entry.user.unwrap_or(0);
        ["course", "home", "odd", "tmp"].iter().try_for_each(|path| give(&self.path(path), user))
    }

    /// Runs a command there, below the course; its end by time is no code.
    pub(crate) fn run(&self, machine: &Machine, words: &[&str], limit: Duration) -> io::Result<Said> {
        let course = self.course(&machine.entry)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(crate::ENTER).arg(&machine.file).arg(self.path("debian")).arg(self.dir.path());
        command.args(words).current_dir(&course).process_group(0);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("rust/bin").display());
        command.env_clear().env("PATH", path).env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("CARGO_NET_OFFLINE", "true").env("LC_ALL", "C.UTF-8");
        for (name, value) in &machine.entry.environment {
            command.env(name, value.replace("{rust}", &self.path("rust/bin").display().to_string()));
        }
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (out, err) = (child.stdout.take().map(collect), child.stderr.take().map(collect));
        let (ended, end) = channel();
        let group = Pid::from_raw(child.id() as i32);
        let waiter = thread::spawn(move || {
            let status = child.wait();
            let _ = ended.send(());
            status
        });
        if end.recv_timeout(limit).is_err() {
            let _ = killpg(group, Signal::SIGKILL);
        }
        let code = waiter.join().expect("it does not panic")?.code();
        let text = |thread: Option<JoinHandle<String>>| {
            thread.map_or_else(String::new, |text| text.join().unwrap_or_default())
        };
        Ok(Said { code, stdout: text(out), stderr: text(err) })
    }

    /// The grader with these words, for the course of this machine.
    pub(crate) fn grader(&self, machine: &Machine, words: &[&str], limit: Duration) -> io::Result<Said> {
        let course = self.course(&machine.entry)?;
        let built = course.join("target/debug/grader");
        let program = if machine.entry.debian.is_some() { built } else { self.grader.clone() };
        let (program, course) = (program.to_string_lossy(), course.to_string_lossy());
        let words: Vec<&str> =
            [&*program, "--root", &*course].into_iter().chain(words.iter().copied()).collect();
        self.run(machine, &words, limit)
    }
}

impl Drop for Site {
    /// What is shown is not removed with the directory.
    fn drop(&mut self) {
        if geteuid().is_root() && root::hide(&self.path("rust")).is_err() {
            self.dir.disable_cleanup(true);
        }
    }
}

fn collect(mut source: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = source.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the grader lies in the course").to_owned()
}

/// Of a course or a registry: all but what was compiled, and what git keeps.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() && !["target", ".git"].iter().any(|name| entry.file_name() == *name) {
            copy(&path, &target)?;
        } else if kind.is_file() {
            fs::copy(path, target)?;
        }
    }
    Ok(())
}

fn give(path: &Path, user: u32) -> io::Result<()> {
    let Ok(kind) = fs::symlink_metadata(path) else { return Ok(()) };
    lchown(path, Some(user), Some(user))?;
    if kind.is_dir() {
        fs::read_dir(path)?.try_for_each(|entry| give(&entry?.path(), user))?;
    }
    Ok(())
}

fn sysroot() -> io::Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}
