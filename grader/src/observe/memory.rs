//! How much memory a process has made its own.

use std::fs;

/// Bytes of anonymous memory, heap and stacks as far as they were ever touched, from `/proc/PID/smaps_rollup`: counted
/// page by page, and the same whether or not a child still shares a page.
pub(crate) fn own_memory(pid: i32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_that_was_touched_is_counted() {
        let own = || super::own_memory(std::process::id() as i32).expect("this process has memory");
        let before = own();
        let touched = vec![1u8; 8 << 20];
        assert!(own() >= before + (7 << 20), "{} bytes", touched.len());
    }
}
