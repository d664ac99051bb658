//! Generates hostnames that look like real ones: four lower-case words.

const WORDS: [&str; 32] = [
    "quiet", "river", "lake", "sand", "amber", "birch", "cedar", "cloud", "coral", "delta",
    "ember", "fern", "field", "frost", "grove", "harbor", "hazel", "island", "juniper", "maple",
    "meadow", "mist", "north", "opal", "pebble", "pine", "reed", "shore", "spring", "stone",
    "willow", "winter",
];

/// The hostname number `n`, starting at 0. The 32^4 names are all different, and the same in every
/// run.
pub(crate) fn hostname(n: u32) -> String {
    // Multiplying by an odd number permutes the 2^20 names, so that consecutive names look
    // different. The offset makes quiet-river-lake-sand the first.
    let start = (1 << 5) | (2 << 10) | (3 << 15);
    let index = n.wrapping_mul(0x9_e37b).wrapping_add(start);
    let word = |place: u32| WORDS[(index >> (5 * place)) as usize % WORDS.len()];
    format!(
        "{}-{}-{}-{}.trycloudflare.com",
        word(0),
        word(1),
        word(2),
        word(3)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_is_a_quiet_river() {
        assert_eq!(hostname(0), "quiet-river-lake-sand.trycloudflare.com");
    }

    #[test]
    fn names_do_not_repeat() {
        let names: std::collections::HashSet<_> = (0..10_000).map(hostname).collect();
        assert_eq!(names.len(), 10_000);
    }
}
