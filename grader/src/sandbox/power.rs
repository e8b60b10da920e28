//! Root's powers (capabilities), of which a program needs none.

/// Those over files, by their numbers: to own, read, write and change what belongs to others. Where root grades, the
/// course may be somebody else's, and a view says which files those are.
const OVER_FILES: std::ops::RangeInclusive<libc::c_ulong> = 0..=4;

/// Of the powers that this process has or could have, no other one outlives its next exec. Allocates nothing.
pub(super) fn keep_over_files_alone() {
    // SAFETY: takes numbers; those beyond the last power are refused.
    let drop = |power: libc::c_ulong| unsafe { libc::prctl(libc::PR_CAPBSET_DROP, power, 0, 0, 0) };
    (0..64).filter(|power| !OVER_FILES.contains(power)).for_each(|power| _ = drop(power));
}
