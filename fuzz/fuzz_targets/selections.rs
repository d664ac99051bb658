//! Whatever list of names is handed in, a selection has paths that lead down only, none of which is in
//! another one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::selected;

fuzz_target!(|input: &[u8]| {
    let Some((first, list)) = input.split_first() else {
        return;
    };
    let Some(paths) = selected(list, first & 1 == 1) else {
        return;
    };
    assert!(!paths.is_empty() && paths.len() <= 20_000);
    for path in &paths {
        for name in path.split(|byte| *byte == b'/') {
            assert!(!name.is_empty() && name != b"." && name != b".." && !name.contains(&0));
        }
    }
    for (path, next) in paths.iter().zip(paths.iter().skip(1)) {
        assert!(path != next && !next.starts_with(&[path.as_slice(), b"/"].concat()));
    }
});
