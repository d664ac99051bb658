//! `spot-serve sidecar fetch|verify|path`.

use anyhow::Context;

use super::{args::SidecarCommand, program::async_runtime, progress_bar::ProgressBar};
use crate::{
    app::visible,
    config::Config,
    console,
    http::Client,
    paths::Paths,
    tunnel::{
        Setup, fetch, pins,
        sidecar::{self, SidecarSource},
    },
};

pub fn run(command: &SidecarCommand) -> anyhow::Result<i32> {
    let paths = Paths::of_this_user()?;
    match command {
        SidecarCommand::Fetch => fetch(&paths),
        SidecarCommand::Verify => verify(&paths),
        SidecarCommand::Path => {
            let found = setup(&paths)?.find_sidecar()?;
            console::print(&found.program.display().to_string());
            Ok(0)
        }
    }
}

fn setup(paths: &Paths) -> anyhow::Result<Setup> {
    let config = Config::load(&paths.config_file())?;
    Ok(Setup::new(config.tunnel, paths))
}

fn fetch(paths: &Paths) -> anyhow::Result<i32> {
    let pin =
        pins::for_this_target().context("There is no cloudflared for this type of computer.")?;
    console::say(&format!(
        "Downloading cloudflared {} from {}",
        pin.version, pin.url
    ));
    let client = Client::from_environment();
    let mut bar = ProgressBar::default();
    let fetched =
        async_runtime()?.block_on(fetch::fetch(&client, pin, &paths.data, |got, size| {
            bar.show(got, size)
        }));
    bar.end();
    console::print(&fetched?.display().to_string());
    Ok(0)
}

/// Says whether the cloudflared that would be run is the official one. The exit code is 1 if not.
fn verify(paths: &Paths) -> anyhow::Result<i32> {
    let found = setup(paths)?.find_sidecar()?;
    let program = visible(&found.program.display().to_string());
    let pin = pins::for_this_target();
    let origin = match found.source {
        SidecarSource::Pinned => {
            console::print(&format!(
                "{program} is the cloudflared for this version of Spot Serve."
            ));
            return Ok(0);
        }
        SidecarSource::Settings => "your settings",
        SidecarSource::Path => "PATH",
    };
    if let Some(pin) = pin
        && sidecar::verify(&found.program, &pin.sha256).is_ok()
    {
        console::print(&format!(
            "{program} is the official cloudflared {}.",
            pin.version
        ));
        return Ok(0);
    }
    let version = pin.map_or_else(String::new, |pin| format!(" {}", pin.version));
    console::say(&format!(
        "{program} (from {origin}) is not the official cloudflared{version}. Spot Serve runs it without checking it."
    ));
    Ok(1)
}
