//! No file makes us panic, take long or use much memory when we look for what is known about it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::about;

fuzz_target!(|file: &[u8]| {
    let _ = about(file);
});
