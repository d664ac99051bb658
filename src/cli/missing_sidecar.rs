//! A share from a terminal of a computer that has no cloudflared: downloads it, after one question.

use std::io::{self, BufRead, IsTerminal, Write};

use super::{program::async_runtime, progress_bar::ProgressBar};
use crate::{
    app::megabytes,
    config::Config,
    console::say,
    paths::Paths,
    tunnel::{Setup, pins},
};

/// Downloads cloudflared if it is missing and the user wants it, or has agreed to everything. Without an
/// answer, and where nobody can answer, the share says later what to do.
pub fn offer(paths: &Paths, is_agreed: bool) {
    let can_answer = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !is_agreed && !can_answer {
        return;
    }
    // A mistake in the settings is reported by what uses them.
    let (Some(pin), Ok(config)) = (pins::for_this_target(), Config::load(&paths.config_file()))
    else {
        return;
    };
    let setup = Setup::new(config.tunnel, paths);
    let Err(error) = setup.find_sidecar() else {
        return;
    };
    if !setup.is_cured_by_download(&error) {
        return;
    }
    let size = megabytes(pin.size);
    say(&format!("{} It creates the public links.", error.reason()));
    if !is_agreed
        && !is_wanted(&format!(
            "Download it from github.com now ({size} MB)? [Y/n] "
        ))
    {
        return;
    }
    let mut bar = ProgressBar::default();
    let fetched = async_runtime()
        .map(|tokio| tokio.block_on(setup.fetch_sidecar(pin, |got, size| bar.show(got, size))));
    bar.end();
    match fetched {
        Ok(Ok(_)) => {}
        // Without it, the files are shared on this computer all the same.
        Ok(Err(error)) => say(&error.to_string()),
        Err(error) => say(&error.to_string()),
    }
}

/// Asks a question that is answered with yes if only Enter is pressed.
fn is_wanted(question: &str) -> bool {
    // A failed write doesn't matter: then there is no answer either.
    let _ = write!(io::stderr(), "{question}").and_then(|()| io::stderr().flush());
    let mut answer = String::new();
    match io::stdin().lock().read_line(&mut answer) {
        // The end of the input is no answer.
        Ok(0) | Err(_) => false,
        Ok(_) => is_yes(&answer),
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_alone_is_yes_and_anything_unclear_is_no() {
        for yes in ["\n", "y\n", "Yes\r\n"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["n\n", "no\n", "what?\n", "yy\n"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
