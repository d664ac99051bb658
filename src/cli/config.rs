//! `spot-serve config`.

use std::io::{self, Write};

use crate::{
    app::visible,
    config::{Config, UpdateCheck},
    console,
    paths::Paths,
    tunnel::{missing_cloudflared, settings_mistake},
    updates::installation::Installation,
};

/// Prints where the settings are stored and the settings in effect, without secrets. The exit code
/// is 1 if no share would get a link with them.
pub fn run() -> anyhow::Result<i32> {
    let file = Paths::of_this_user()?.config_file();
    let note = if file.exists() {
        ""
    } else {
        " doesn't exist, so these are the defaults"
    };
    let config = Config::load(&file)?;
    let settings = config.shown()?;
    let path = visible(&file.display().to_string());
    // A closed standard output is not an error.
    let _ = write!(io::stdout(), "# {path}{note}\n{settings}");
    if config.app.update_check == UpdateCheck::Weekly && Installation::find().is_updated_by_shop() {
        console::say(
            "\nupdate_check has no effect: something else updates this copy of Spot Serve.",
        );
    }
    let mistake = settings_mistake(&config.tunnel).or_else(|| missing_cloudflared(&config.tunnel));
    if let Some(sentence) = &mistake {
        console::say(&format!("\nNo share will get a link: {sentence}"));
    }
    Ok(i32::from(mistake.is_some()))
}
