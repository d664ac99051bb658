//! Passes the target triple to the program, which needs it for the name of its cloudflared. On
//! Windows, embeds the icon, version and manifest.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(target) = env::var("TARGET") {
        println!("cargo::rustc-env=SPOT_SERVE_TARGET={target}");
    }
    // A type check for Windows has no resource compiler.
    println!("cargo::rerun-if-env-changed=SPOT_SERVE_TYPES_ONLY");
    if env::var_os("CARGO_CFG_WINDOWS").is_some()
        && env::var_os("SPOT_SERVE_TYPES_ONLY").is_none()
        && let Err(error) = embed_resources()
    {
        println!("cargo::error=Can't embed the icon: {error}");
    }
}

fn embed_resources() -> std::io::Result<()> {
    const ICON: &str = "icons/app.ico";
    const MANIFEST: &str = "installer/windows/spot-serve.manifest";
    for file in [ICON, MANIFEST] {
        println!("cargo::rerun-if-changed={file}");
    }
    winresource::WindowsResource::new()
        .set_icon(ICON)
        .set_manifest_file(MANIFEST)
        // Shown by the task manager and in notifications.
        .set("FileDescription", "Spot Serve")
        .set("ProductName", "Spot Serve")
        .set("OriginalFilename", "spot-serve.exe")
        .set("LegalCopyright", "The Spot Serve maintainers, MIT licence")
        .compile()
}
