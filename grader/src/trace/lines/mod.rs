//! The student's line behind a system call: from the address of the call up the stack, by what the compiler has written
//! about each function (DWARF), to the first frame whose source lies in the lab.
//!
//! Frames are found without frame pointers, which the C library does not keep. A stack that makes no sense gives no line:
//! lines are for words, never for verdicts.

mod module;
mod prologue;
mod waiting;
mod walk;

use super::stack::Stack;
use crate::check::Location;
use crate::observe::proc;
use module::Module;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
pub(crate) use waiting::Waiting;

/// Where a program's code lies in memory, as it was when the program first stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) file: PathBuf,
    pub(super) start: u64,
    pub(super) end: u64,
    /// What of the file the range shows.
    pub(super) offset: u64,
}

/// The executable parts of a process's memory.
pub(super) fn maps(pid: i32) -> Vec<Map> {
    let text = proc::text(&format!("/proc/{pid}/maps")).unwrap_or_default();
    text.lines().filter_map(map).collect()
}

/// `55d0c0a4b000-55d0c0b00000 r-xp 0000b000 08:01 1234    /path/of/the/program`
fn map(line: &str) -> Option<Map> {
    let mut fields = line.splitn(6, ' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let executable = fields.next()?.contains('x');
    let offset = fields.next()?;
    let file = fields.nth(2)?.trim_start();
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    let map = Map { file: file.into(), start: number(start)?, end: number(end)?, offset: number(offset)? };
    (executable && file.starts_with('/')).then_some(map)
}

/// The lines of one program, read from its file when the first is asked for.
#[derive(Debug)]
pub(crate) struct Lines {
    maps: Vec<Map>,
    modules: Vec<OnceCell<Option<Module>>>,
}

impl Lines {
    pub(super) fn new(maps: Vec<Map>) -> Lines {
        let modules = maps.iter().map(|_| OnceCell::new()).collect();
        Lines { maps, modules }
    }

    /// The innermost line of the lab whose sources lie in `source` that has led to the call.
    pub(crate) fn of(&self, stack: &Stack, source: &Path) -> Option<Location> {
        // Nothing lies in a directory without a name, or everything.
        if !source.is_absolute() {
            return None;
        }
        walk::frames(self, stack).into_iter().find_map(|address| {
            let module = self.module(address)?;
            module
                .lines(address)
                .into_iter()
                .find_map(|(file, line)| Some(Location { file: below(&file, source)?, line }))
        })
    }

    fn module(&self, address: u64) -> Option<&Module> {
        let at = self.maps.iter().position(|map| (map.start..map.end).contains(&address))?;
        self.modules[at].get_or_init(|| Module::read(&self.maps[at])).as_ref()
    }
}

/// The name of a file below the lab's directory. The compiler has read another copy of the lab than checks read; both lie
/// in a directory of the same name, which no other lab has.
fn below(file: &str, source: &Path) -> Option<String> {
    let name = source.file_name()?.to_str()?;
    Some(file.split_once(&format!("/{name}/"))?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_below_its_lab() {
        let source = Path::new("/stage/runs/12-a/pipes-1f2e");
        assert_eq!(below("/stage/labs/pipes-1f2e/src/io.rs", source).as_deref(), Some("src/io.rs"));
        assert_eq!(below("/stage/labs/pipes-3d4c/src/io.rs", source), None);
    }

    #[test]
    fn only_code_of_files_is_looked_at() {
        let code = "55d0-55e0 r-xp 0000b000 08:01 1234                       /a program";
        let expected = Map { file: "/a program".into(), start: 0x55d0, end: 0x55e0, offset: 0xb000 };
        assert_eq!(map(code), Some(expected));
        assert_eq!(map("55d0-55e0 rw-p 0000b000 08:01 1234   /a program"), None);
        assert_eq!(map("7ffe-7fff r-xp 00000000 00:00 0      [vdso]"), None);
    }
}
