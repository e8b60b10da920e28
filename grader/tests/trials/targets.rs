//! What an attack aims at: files, a program and services that stand for those of others, and what has become of them.
//!
//! The attack's text names them as `@SECRET@` (a file that it must not read), `@VICTIM@` (one that it must not change),
//! `@PID@` (a program that is none of its business), `@PORT@` and `@SOCKET@` (services beyond its own loopback),
//! `@LITTER@` (a file name that is to be found nowhere after it) and `@ROOT@` (the course); `@FORGER@`, `@SEIZER@` and
//! `@HOLE@` are attacks/forger.rs, attacks/seizer.rs and attacks/hole.rs.

use grader::stage::key;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What is in the environment of whoever grades, and nobody else's business.
pub(crate) const ENVIRONMENT: (&str, &str) = ("OSLAB_SECRET", "known-to-the-grader-alone");

/// How the driver's records are forged, as a module of whatever file of a submission.
const FORGER: &str = include_str!("../attacks/forger.rs");
/// How the driver's socket is seized, and a hole in the language, in the same way.
const SEIZER: &str = include_str!("../attacks/seizer.rs");
const HOLE: &str = include_str!("../attacks/hole.rs");

pub(crate) struct Targets {
    name: String,
    root: PathBuf,
    dir: PathBuf,
    program: Option<Child>,
    port: Option<TcpListener>,
    socket: Option<UnixListener>,
}

impl Targets {
    /// The targets that `text` names, fresh.
    pub(crate) fn of(text: &str, name: &str, root: &Path) -> Targets {
        let dir = root.join("target/attacks").join(name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let mut targets = Targets {
            name: name.to_owned(),
            root: root.to_owned(),
            program: text.contains("@PID@").then(idle),
            port: text.contains("@PORT@").then(|| TcpListener::bind("127.0.0.1:0").unwrap()),
            socket: None,
            dir,
        };
        targets.socket = text.contains("@SOCKET@").then(|| abstract_listener(&targets.litter()));
        std::fs::write(targets.secret(), format!("{:?}\n", key(name))).unwrap();
        std::fs::write(targets.victim(), UNTOUCHED).unwrap();
        std::fs::set_permissions(targets.victim(), PermissionsExt::from_mode(0o644)).unwrap();
        targets
    }

    /// The attack's text with its targets' names.
    pub(crate) fn fill(&self, text: &str) -> String {
        let pid = self.program.as_ref().map_or(0, Child::id);
        let port = self.port.as_ref().map_or(0, |port| port.local_addr().unwrap().port());
        text.replace("@SECRET@", &self.secret().display().to_string())
            .replace("@VICTIM@", &self.victim().display().to_string())
            .replace("@PID@", &pid.to_string())
            .replace("@PORT@", &port.to_string())
            .replace("@SOCKET@", &self.litter())
            .replace("@LITTER@", &self.litter())
            .replace("@ROOT@", &self.root.display().to_string())
            .replace("@FORGER@", FORGER)
            .replace("@SEIZER@", SEIZER)
            .replace("@HOLE@", HOLE)
    }

    /// The harm that was done to them, and what the attack got to know: `told` is the whole report on it.
    pub(crate) fn harm(&mut self, told: &str) -> Vec<String> {
        let mut harm = Vec::new();
        let mut note = |done: bool, what: &str| done.then(|| harm.push(what.to_owned()));
        note(told.contains(&key(&self.name)), "it has read a file of somebody else's");
        note(told.contains(ENVIRONMENT.1), "it knows the grader's environment");
        note(!untouched(&self.victim()), "it has changed a file of somebody else's");
        note(self.program.as_mut().is_some_and(disturbed), "it has disturbed a program of somebody else's");
        note(self.port.as_ref().is_some_and(was_called), "it has got through to a service outside");
        note(self.socket.as_ref().is_some_and(was_called_locally), "it has got through to a socket outside");
        harm.extend(self.found_litter().into_iter().map(|path| format!("it has left {}", path.display())));
        harm
    }

    fn secret(&self) -> PathBuf {
        self.dir.join("secret")
    }

    fn victim(&self) -> PathBuf {
        self.dir.join("victim")
    }

    /// Another name in every copy of the course: they may be tested at the same time.
    fn litter(&self) -> String {
        format!("litter-of-{}", key(&format!("{} in {}", self.name, self.root.display())))
    }

    /// Looks for litter where anybody may leave some, and takes it away.
    fn found_litter(&self) -> Vec<PathBuf> {
        let stage = self.root.join("target/stage");
        let mut places: Vec<PathBuf> =
            ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"].map(PathBuf::from).into();
        places.extend(boxes());
        places.extend([self.root.clone(), self.dir.clone(), stage.clone()]);
        places.extend(["labs", "drivers", "target/debug", "target/debug/deps"].map(|dir| stage.join(dir)));
        let paths = places.into_iter().map(|place| place.join(self.litter()));
        let found: Vec<PathBuf> = paths.filter(|path| path.symlink_metadata().is_ok()).collect();
        found.iter().for_each(|path| drop(std::fs::remove_file(path)));
        found
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        if let Some(program) = &mut self.program {
            let _ = (program.kill(), program.wait());
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

const UNTOUCHED: &str = "as it was handed in\n";

fn untouched(victim: &Path) -> bool {
    let mode = victim.metadata().map_or(0, |metadata| metadata.permissions().mode() & 0o777);
    mode == 0o644 && std::fs::read(victim).is_ok_and(|content| content == UNTOUCHED.as_bytes())
}

/// What is left of the directories that checks are run in.
fn boxes() -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().filter_map(Result::ok);
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("oslab-"));
    ours.map(|entry| entry.path())
}

/// A program that waits for the end of its input.
fn idle() -> Child {
    Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

/// Whether it was ended, stopped, or made to run at another priority.
fn disturbed(program: &mut Child) -> bool {
    let pid = Pid::from_raw(program.id() as i32);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let disturbed = !matches!(fields.first(), Some(&("S" | "R"))) || fields.get(16) != Some(&"0");
    let _ = kill(pid, Signal::SIGCONT);
    disturbed
}

fn was_called(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    listener.accept().is_ok()
}

fn was_called_locally(listener: &UnixListener) -> bool {
    listener.set_nonblocking(true).unwrap();
    listener.accept().is_ok()
}

fn abstract_listener(name: &str) -> UnixListener {
    let address = SocketAddr::from_abstract_name(name).unwrap();
    UnixListener::bind_addr(&address).unwrap()
}
