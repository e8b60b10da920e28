//! How a record is known to be the driver's, to be whole, and to be in its place.
//!
//! Each conversation has a key of its own, with which it begins. Each process that reports counts its records from 0, and a
//! record is one line: the code that HMAC-SHA-256 makes of the rest with that key, which process it comes from, its number,
//! and its body. A line that was made without the key, that was left out, sent twice or moved is noticed.

use hmac::{Hmac, KeyInit, Mac};
use nix::time::{ClockId, clock_gettime};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;
use zeroize::Zeroize;

/// How many bytes a key has.
const KEY: usize = 32;
/// How many characters the code of a record has.
const CODE: usize = 64;

/// The key of one conversation: random, and known to the grader and its driver alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Key {
    /// The key made of these random bytes.
    pub fn new(random: [u8; KEY]) -> Key {
        Key(random)
    }

    /// Reads the key with which a conversation begins.
    ///
    /// # Errors
    /// Where it does not come.
    pub fn read(mut from: impl Read) -> io::Result<Key> {
        let mut key = Key([0; KEY]);
        from.read_exact(&mut key.0)?;
        Ok(key)
    }

    /// The bytes to begin a conversation with.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn code(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("a key may have any length")
    }
}

/// Keys are not shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A process that reports, told from every other that ever had its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sender {
    process: u32,
    /// When it first reported, in nanoseconds of the monotonic clock.
    since: u64,
}

impl Sender {
    fn here() -> Sender {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| {
            u64::try_from(now.tv_sec()).unwrap_or(0) * 1_000_000_000
                + u64::try_from(now.tv_nsec()).unwrap_or(0)
        });
        Sender { process: std::process::id(), since: now }
    }
}

/// Makes records.
pub struct Sealer {
    code: Hmac<Sha256>,
    sender: Sender,
    next: u64,
}

impl Sealer {
    /// For the conversation with this key.
    pub fn new(key: &Key) -> Sealer {
        Sealer { code: key.code(), sender: Sender::here(), next: 0 }
    }

    /// The record with this body. A process that was forked counts its own records.
    pub fn seal(&mut self, body: &[u8]) -> Vec<u8> {
        if self.sender.process != std::process::id() {
            (self.sender, self.next) = (Sender::here(), 0);
        }
        let Sender { process, since } = self.sender;
        let mut content = format!("{process} {since} {} ", self.next).into_bytes();
        content.extend_from_slice(body);
        self.next += 1;
        let code = self.code.clone().chain_update(&content).finalize().into_bytes();
        let mut line = base16ct::lower::encode_string(&code).into_bytes();
        line.push(b' ');
        line.append(&mut content);
        line.push(b'\n');
        line
    }
}

/// Why a conversation is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Void {
    /// A line came that was not made with its key.
    Foreign,
    /// A record is missing, or came a second time, or before one that belongs before it.
    Disorder,
}

/// Takes records apart.
#[derive(Debug)]
pub struct Opener {
    key: Key,
    /// The number that is due, for each process that has reported.
    due: BTreeMap<Sender, u64>,
}

impl Opener {
    /// For the conversation with this key.
    pub fn new(key: Key) -> Opener {
        Opener { key, due: BTreeMap::new() }
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The body of the next record that comes, which `line` is, with or without the end of the line.
    ///
    /// # Errors
    /// Where it is not the next record of any process. Nothing that comes after that counts.
    pub fn open<'a>(&mut self, line: &'a [u8]) -> Result<&'a [u8], Void> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let (code, content) = line.split_at_checked(CODE).ok_or(Void::Foreign)?;
        let content = content.strip_prefix(b" ").ok_or(Void::Foreign)?;
        let mut bytes = [0; KEY];
        let code = base16ct::lower::decode(code, &mut bytes).map_err(|_| Void::Foreign)?;
        self.key.code().chain_update(content).verify_slice(code).map_err(|_| Void::Foreign)?;
        let (sender, number, body) = parts(content).ok_or(Void::Foreign)?;
        let due = self.due.entry(sender).or_default();
        if number != *due {
            return Err(Void::Disorder);
        }
        *due += 1;
        Ok(body)
    }
}

fn parts(content: &[u8]) -> Option<(Sender, u64, &[u8])> {
    let mut parts = content.splitn(4, |byte| *byte == b' ');
    let process = number(parts.next()?)?;
    let since = number(parts.next()?)?;
    Some((Sender { process, since }, number(parts.next()?)?, parts.next()?))
}

fn number<N: FromStr>(digits: &[u8]) -> Option<N> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation() -> (Sealer, Opener) {
        let key = Key::new([7; KEY]);
        (Sealer::new(&key), Opener::new(key))
    }

    #[test]
    fn records_come_out_as_they_went_in() {
        let (mut driver, mut grader) = conversation();
        for body in [&b"\"done\""[..], b"", b"a b  c"] {
            assert_eq!(grader.open(&driver.seal(body)), Ok(body));
        }
    }

    #[test]
    fn a_line_that_was_changed_or_made_without_the_key_is_foreign() {
        let (mut driver, _) = conversation();
        let line = driver.seal(b"\"done\"");
        for at in 0..line.len() - 1 {
            let mut changed = line.clone();
            changed[at] ^= 1;
            assert_eq!(conversation().1.open(&changed), Err(Void::Foreign), "byte {at}");
        }
        let other = Sealer::new(&Key::new([8; KEY])).seal(b"\"done\"");
        for line in [&other[..], &line[..60], b"\n", b"no record at all\n"] {
            assert_eq!(conversation().1.open(line), Err(Void::Foreign));
        }
    }

    #[test]
    fn a_record_that_is_missing_repeated_or_moved_is_noticed() {
        let (mut driver, _) = conversation();
        let lines = [driver.seal(b"0"), driver.seal(b"1"), driver.seal(b"2")];
        let ends = |order: &[usize]| {
            let (_, mut grader) = conversation();
            order.iter().try_for_each(|at| grader.open(&lines[*at]).map(drop))
        };
        assert_eq!(ends(&[0, 1, 2]), Ok(()));
        for order in [&[1][..], &[0, 2], &[0, 0], &[0, 1, 0], &[1, 0]] {
            assert_eq!(ends(order), Err(Void::Disorder), "{order:?}");
        }
    }

    #[test]
    fn a_process_that_was_forked_counts_its_own_records() {
        let (mut driver, mut grader) = conversation();
        let first = driver.seal(b"0");
        let child = Sender { process: driver.sender.process + 1, since: 1 };
        let mut forked = Sealer { code: driver.code.clone(), sender: child, next: driver.next };
        // The child's number is not this process's, and so it is what a child finds.
        let second = forked.seal(b"0");
        assert_eq!(forked.next, 1);
        for line in [&first, &second, &driver.seal(b"1"), &forked.seal(b"1")] {
            assert!(grader.open(line).is_ok());
        }
        assert_eq!(grader.open(&second), Err(Void::Disorder));
    }
}
