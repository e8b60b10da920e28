//! A program under test that behaves as its first argument says.

use protocol::driver::{Lab, start};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, exit};

unsafe extern "C" {
    fn fork() -> i32;
    fn setsid() -> i32;
    fn getppid() -> i32;
    fn kill(pid: i32, signal: i32) -> i32;
    fn pipe(ends: *mut i32) -> i32;
    fn read(fd: i32, buffer: *mut u8, count: usize) -> isize;
    fn pause() -> i32;
    fn poll(fds: *mut u64, count: u64, timeout: i32) -> i32;
    fn raise(signal: i32) -> i32;
    fn signal(number: i32, handler: usize) -> usize;
}

pub(crate) fn main() {
    let behaviour = std::env::args().nth(1).expect("a behaviour");
    match behaviour.as_str() {
        "exit" => exit(0),
        "print" => println!("hello from the program"),
        "signals" => signals(),
        "panic" => panic!("no way"),
        "abort" => std::process::abort(),
        "null" => unsafe { std::ptr::null_mut::<u8>().write_volatile(1) },
        "overflow" => println!("{}", endless(1)),
        "spin" => loop {
            std::hint::black_box(0);
        },
        "spin-in-calls" => loop {
            unsafe { getppid() };
        },
        "flood" => flood(),
        "memory" => memory(),
        "huge-file" => drop(std::fs::File::create("huge").unwrap().set_len(1 << 30)),
        "threads" => threads(),
        "kill-parent" => aim(|| unsafe { kill(getppid(), 9) }),
        "kill-everybody" => aim(|| unsafe { kill(-1, 9) }),
        "stop" => aim(|| unsafe { raise(19) }),
        "stubborn" => unsafe {
            signal(15, 1);
            pause();
        },
        "daemon" => daemon(),
        "zombie" => zombie(),
        "sleep" => loop {
            std::thread::sleep(std::time::Duration::from_millis(1));
        },
        "poll-loop" => loop {
            unsafe { poll(std::ptr::null_mut(), 0, 50) };
        },
        "read-input" => drop(std::io::stdin().read(&mut [0; 1])),
        "cat" => drop(std::io::copy(&mut std::io::stdin(), &mut std::io::stdout())),
        "own-pipe" => own_pipe(),
        "lock" => lock(),
        "wait-for-child" => wait_for_child(),
        "descriptors" => descriptors(),
        "driver" => driver(),
        "intruder" => intruder(),
        "meddler" => meddler(),
        "silent-driver" => drop(start::<Numbers>()),
        "echo" => serve(|mut stream| drop(std::io::copy(&mut stream.try_clone().unwrap(), &mut stream))),
        "echo-once" => serve(|mut stream| {
            let mut buffer = [0; 1024];
            let count = stream.read(&mut buffer).unwrap();
            stream.write_all(&buffer[..count]).unwrap();
            std::mem::forget(stream);
        }),
        "shout" => serve(|mut stream| {
            let mut text = Vec::new();
            stream.read_to_end(&mut text).unwrap();
            text.make_ascii_uppercase();
            stream.write_all(&text).unwrap();
        }),
        "crash-on-client" => serve(|mut stream| {
            let _ = stream.read(&mut [0; 1]);
            std::process::abort();
        }),
        "client" => client(),
        other => panic!("no such behaviour: {other}"),
    }
}

/// Only the attempt matters.
fn aim(shot: impl Fn() -> i32) {
    shot();
}

#[allow(unconditional_recursion, reason = "that is the point")]
fn endless(depth: u64) -> u64 {
    let ballast = std::hint::black_box([depth; 64]);
    1 + endless(depth + 1) + ballast[0]
}

fn flood() {
    let block = [b'x'; 1 << 16];
    for _ in 0..1 << 14 {
        std::io::stdout().write_all(&block).unwrap();
    }
}

fn memory() {
    let mut all = Vec::new();
    for _ in 0..4096 {
        all.push(vec![1u8; 1 << 20]);
    }
}

fn threads() {
    for _ in 0..512 {
        std::thread::spawn(std::thread::park);
    }
    std::thread::park();
}

/// A double fork with a session of its own: what outlives its parent and its group.
fn daemon() {
    unsafe {
        if fork() == 0 {
            setsid();
            if fork() == 0 {
                pause();
            }
            exit(0);
        }
    }
}

fn zombie() {
    unsafe {
        if fork() == 0 {
            exit(0);
        }
        pause();
    }
}

fn own_pipe() {
    let mut ends = [0; 2];
    unsafe {
        pipe(ends.as_mut_ptr());
        read(ends[0], [0].as_mut_ptr(), 1);
    }
}

fn lock() {
    let lock = std::sync::Mutex::new(());
    let _first = lock.lock().unwrap();
    let _second = lock.lock().unwrap();
}

fn wait_for_child() {
    let _ = Command::new("/proc/self/exe").arg("read-input").status();
}

fn descriptors() {
    for entry in std::fs::read_dir("/proc/self/fd").unwrap() {
        println!("{}", entry.unwrap().file_name().to_str().unwrap());
    }
}

/// The program: what its task is, nobody looks at, and it says numbers.
struct Numbers;

impl Lab for Numbers {
    type Task = ();
    type Said = u16;
    fn read(line: &str) -> serde_json::Result<protocol::Job<()>> {
        serde_json::from_str(line)
    }
    fn write(body: &protocol::Body<u16>) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(body)
    }
}

fn driver() {
    let ((), mut reporter) = start::<Numbers>();
    (0..3).for_each(|number| reporter.send(number));
    reporter.done();
}

/// Says what a driver says, and lets something else be said by the driver's descriptor.
fn intruder() {
    let ((), mut reporter) = start::<Numbers>();
    reporter.send(0);
    let line = b"{\"result\":7}\n";
    unsafe { libc::write(protocol::REPORTING_FD, line.as_ptr().cast(), line.len()) };
    reporter.done();
}

/// Tries what can be tried with the driver's descriptor.
fn meddler() {
    let ((), mut reporter) = start::<Numbers>();
    let (number, mut byte) = (protocol::REPORTING_FD, 0_u8);
    let result = |result: i64| if result < 0 { -i64::from(nix::errno::Errno::last_raw()) } else { result };
    let refused = unsafe {
        [
            result(libc::close(number).into()),
            result(libc::dup(number).into()),
            result(libc::dup2(number, 20).into()),
            result(libc::dup2(1, number).into()),
            result(libc::dup3(1, number, 0).into()),
            result(libc::fcntl(number, libc::F_SETFD, 0).into()),
            result(libc::read(number, (&raw mut byte).cast(), 1) as i64),
            result(libc::shutdown(number, libc::SHUT_RDWR).into()),
        ]
    };
    println!("{refused:?}");
    println!("{}", result(unsafe { libc::fcntl(1, libc::F_DUPFD, number) }.into()));
    reporter.done();
}

/// Tells its port, and serves client after client.
fn serve(handler: fn(TcpStream)) {
    let ((), mut reporter) = start::<Numbers>();
    let listener = TcpListener::bind("[::]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    reporter.send(port);
    for stream in listener.incoming() {
        handler(stream.unwrap());
    }
}

/// Sends what it reads to a port of this machine, and writes what comes back.
fn client() {
    let port: u16 = std::env::args().nth(2).unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    std::io::copy(&mut std::io::stdin(), &mut stream).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    std::io::copy(&mut stream, &mut std::io::stdout()).unwrap();
}

/// Which signals are ignored, and which are held back, as the kernel has it; Rust's runtime itself ignores SIGPIPE.
fn signals() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    for line in status.lines().filter(|line| line.starts_with("SigIgn") || line.starts_with("SigBlk")) {
        println!("{line}");
    }
}
