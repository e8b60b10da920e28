/// What a forger needs first: to read and change this program's memory by another way than the language's. There lie the key of
/// the driver's records, the search, and what it has found.
mod forger {
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::os::unix::fs::FileExt;
    use std::process::{Command, Stdio};

    const BEFORE: [u8; 16] = *b"before it forges";
    const AFTER: [u8; 16] = *b"after it forged.";

    /// By way of a file that is this program's memory.
    pub fn by_file(path: &str) {
        match File::open(path) {
            Ok(memory) => forge(
                &|at| {
                    let mut bytes = [0; 16];
                    memory.read_exact_at(&mut bytes, at as u64).map(|()| bytes)
                },
                &|at, bytes| File::options().write(true).open(path)?.write_all_at(bytes, at as u64),
            ),
            Err(error) => println!("forging: {error}"),
        }
    }

    /// By way of another program, which looks into its parent.
    pub fn by_program() {
        let memory = format!("/proc/{}/mem", std::process::id());
        let dd = |how: [String; 3]| {
            let mut command = Command::new("dd");
            command.args(how).arg("conv=notrunc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
        };
        let read = |at: usize| {
            let mut dd = dd([format!("if={memory}"), "ibs=1".to_owned(), format!("skip={at}")])?;
            let mut bytes = [0; 16];
            let read = dd.stdout.take().unwrap().read_exact(&mut bytes);
            let _ = dd.kill();
            dd.wait()?;
            read.map(|()| bytes)
        };
        let write = |at: usize, bytes: &[u8]| {
            let mut dd = dd([format!("of={memory}"), "obs=1".to_owned(), format!("seek={at}")])?;
            dd.stdin.take().map_or(Ok(()), |mut input| input.write_all(bytes))?;
            dd.wait().map(drop)
        };
        forge(&read, &write);
    }

    fn forge(
        read: &dyn Fn(usize) -> io::Result<[u8; 16]>,
        write: &dyn Fn(usize, &[u8]) -> io::Result<()>,
    ) {
        let value = Box::new(std::cell::Cell::new(BEFORE));
        let here = std::ptr::from_ref(&*value).addr();
        let seen = read(here);
        let changed = write(here, &AFTER);
        if std::hint::black_box(&value).get() == AFTER && seen.is_ok_and(|seen| seen == BEFORE) {
            println!("forging: its memory lies open");
        } else {
            println!("forging: {changed:?}");
        }
    }
}
