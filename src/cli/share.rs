//! `spot-serve share`.

use super::{args::ShareArgs, consent, foreground, hand_over, program};
use crate::target;

/// Hands the share to the tray app, or shares in the foreground.
pub fn run(args: &ShareArgs) -> anyhow::Result<i32> {
    let target = target::named(&args.paths)?;
    let paths = program::user_paths()?;
    if !args.foreground
        && let Some(code) = hand_over::share(&paths, &target, args)?
    {
        return Ok(code);
    }
    if !args.yes {
        consent::refuse_private(&target, &paths)?;
    }
    foreground::run(target, paths)
}
