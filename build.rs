//! Tells the program which target it is built for: the sidecar's file name has it. On Windows,
//! puts icon, version and manifest into the program.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(target) = env::var("TARGET") {
        println!("cargo::rustc-env=SPOT_SERVE_TARGET={target}");
    }
    // A check of the types alone has no compiler for what stands in a Windows program.
    println!("cargo::rerun-if-env-changed=SPOT_SERVE_TYPES_ONLY");
    if env::var_os("CARGO_CFG_WINDOWS").is_some()
        && env::var_os("SPOT_SERVE_TYPES_ONLY").is_none()
        && let Err(error) = put_resources()
    {
        println!("cargo::error=The icon can't be put into the program: {error}");
    }
}

fn put_resources() -> std::io::Result<()> {
    const ICON: &str = "icons/app.ico";
    const MANIFEST: &str = "installer/windows/spot-serve.manifest";
    for file in [ICON, MANIFEST] {
        println!("cargo::rerun-if-changed={file}");
    }
    winresource::WindowsResource::new()
        .set_icon(ICON)
        .set_manifest_file(MANIFEST)
        // What the task manager and the notifications of Windows call it.
        .set("FileDescription", "Spot Serve")
        .set("ProductName", "Spot Serve")
        .set("OriginalFilename", "spot-serve.exe")
        .set("LegalCopyright", "The Spot Serve authors, MIT licence")
        .compile()
}
