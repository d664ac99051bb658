//! Tells the program which target it is built for: the sidecar's file name has it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(target) = std::env::var("TARGET") {
        println!("cargo::rustc-env=SPOT_SERVE_TARGET={target}");
    }
}
