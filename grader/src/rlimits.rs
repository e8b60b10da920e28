//! What the system lets this user's programs have at most (`ulimit -H`). Where that is less than the grader gives, programs
//! would be judged by the machine they run on.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Where the kernel counts by user, over all programs: enough for the checks that run at once.
const PROCESSES: u64 = 1024;
/// Address space is promised by the gigabyte and not used: each thread has room for a stack and a heap.
const ADDRESSES: u64 = 8 << 30;

struct Need {
    resource: Resource,
    least: u64,
    /// What is limited, and in what it is counted.
    name: &'static str,
    unit: u64,
    /// The letter by which a shell knows it.
    letter: char,
}

const fn need(resource: Resource, least: u64, name: &'static str, unit: u64, letter: char) -> Need {
    Need { resource, least, name, unit, letter }
}

const NEEDS: [Need; 7] = [
    need(Resource::RLIMIT_NOFILE, crate::process::DESCRIPTORS, "open files", 1, 'n'),
    need(Resource::RLIMIT_FSIZE, crate::sandbox::RUSTC_FILE, "MiB in one file", 1 << 20, 'f'),
    need(Resource::RLIMIT_CPU, crate::process::PROCESSOR_SECONDS, "seconds of processor time", 1, 't'),
    need(Resource::RLIMIT_STACK, crate::process::STACK_BYTES, "MiB of stack", 1 << 20, 's'),
    need(Resource::RLIMIT_AS, ADDRESSES, "MiB of address space", 1 << 20, 'v'),
    need(Resource::RLIMIT_DATA, ADDRESSES, "MiB of data", 1 << 20, 'd'),
    need(Resource::RLIMIT_NPROC, PROCESSES, "processes", 1, 'u'),
];

/// The limits that the user may lift are lifted as far as is needed. None where that is enough; else a sentence on the first
/// one that is not.
pub(crate) fn shortfall() -> Option<String> {
    NEEDS.iter().find_map(|need| {
        let (soft, hard) = getrlimit(need.resource).ok()?;
        if hard < need.least {
            return Some(need.sentence(hard));
        }
        let lifted = soft >= need.least || setrlimit(need.resource, need.least, hard).is_ok();
        (!lifted).then(|| need.sentence(soft))
    })
}

impl Need {
    fn sentence(&self, most: u64) -> String {
        let Need { least, name, unit, letter, .. } = self;
        format!(
            "this shell allows at most {} {name}, and checks need {}. `ulimit -H{letter}` shows the limit. Start a new \
             shell, or take out the command that sets the limit; if the limit is the system's, its administrator raises it \
             in /etc/security/limits.conf",
            most / unit,
            least / unit
        )
    }
}
