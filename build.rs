//! Passes the target triple to the program, which needs it for the name of its cloudflared. Joins the
//! scripts and style sheets of the pages. On Windows, embeds the icon, version and manifest.

#[path = "build/bundle.rs"]
mod bundle;
#[path = "build/module.rs"]
mod module;
#[path = "build/pages.rs"]
mod pages;
#[path = "build/script.rs"]
mod script;
#[path = "build/style.rs"]
mod style;

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(target) = env::var("TARGET") {
        println!("cargo::rustc-env=SPOT_SERVE_TARGET={target}");
    }
    let to = env::var("OUT_DIR").unwrap_or_default();
    match pages::write(Path::new("src"), Path::new(&to)) {
        Ok(read) => {
            for path in read {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
        Err(error) => println!("cargo::error=Can't join the scripts of the pages: {error}"),
    }
    println!("cargo::rerun-if-changed=build");
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
