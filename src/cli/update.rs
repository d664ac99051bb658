//! `spot-serve update check`.

use serde::Serialize;

use anyhow::bail;

use super::{
    args::{JsonArgs, UpdateCommand},
    program::{async_runtime, user_paths},
};
use crate::{
    app::{NewVersion, UpdateAnswer},
    console::print,
    http::Client,
    updates::{answer, installation::Installation, version::Version},
};

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    current: String,
    newest: Option<&'a str>,
    notes: &'a [String],
    installed_as: &'static str,
    updated_by_shop: bool,
    how: &'static str,
    page: Option<&'a str>,
}

pub fn run(command: &UpdateCommand) -> anyhow::Result<i32> {
    let UpdateCommand::Check(args) = command;
    check(args)
}

/// Asks for newer versions, and says what is new and where to get it. The exit code is 0 with and without
/// a newer version.
fn check(args: &JsonArgs) -> anyhow::Result<i32> {
    let paths = user_paths()?;
    let client = Client::from_environment();
    let memory = paths.feed_file();
    let asked = answer::answer(&client, &memory);
    let new = match async_runtime()?.block_on(asked) {
        UpdateAnswer::New(new) => Some(new),
        UpdateAnswer::UpToDate => None,
        UpdateAnswer::Failed(sentence) => bail!(sentence),
    };
    let current = Version::of_this_program();
    if args.json {
        let installation = Installation::find();
        let printed = Printed {
            current: current.to_string(),
            newest: new.as_ref().map(|new| new.version.as_str()),
            notes: new.as_ref().map_or(&[], |new| &new.notes),
            installed_as: installation.word(),
            updated_by_shop: installation.is_updated_by_shop(),
            how: installation.how_to_update(),
            page: new.as_ref().map(|new| new.page.as_str()),
        };
        print(&serde_json::to_string_pretty(&printed)?);
    } else {
        print(&in_words(current, new.as_ref()));
    }
    Ok(0)
}

fn in_words(current: Version, new: Option<&NewVersion>) -> String {
    let Some(new) = new else {
        return format!("Spot Serve {current} is the newest version.");
    };
    let notes: String = new.notes.iter().map(|note| format!("- {note}\n")).collect();
    let news = if notes.is_empty() {
        String::new()
    } else {
        format!("New:\n{notes}\n")
    };
    format!(
        "Spot Serve {} is available. This is {current}.\n\n{news}{}\n{}",
        new.version, new.how, new.page
    )
}
