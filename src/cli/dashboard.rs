//! `spot-serve dashboard`.

use anyhow::bail;

use super::{
    args::DashboardArgs,
    instance::ask_or_start,
    program::{async_runtime, user_paths},
};
use crate::{
    console::{print, say},
    control::{ControlError, ControlReply, ControlRequest},
    desktop::{browser, display},
};

/// Opens the dashboard in the browser, or prints its address.
///
/// `verbosity` is the number of `-v` options, for a tray app that is started.
pub fn run(args: &DashboardArgs, verbosity: u8) -> anyhow::Result<i32> {
    let paths = user_paths()?;
    async_runtime()?.block_on(async {
        let request = ControlRequest::Dashboard;
        let client = ask_or_start(&paths, request, true, || Ok(()), verbosity).await?;
        let Some(mut client) = client else {
            return Err(ControlError::NotRunning.into());
        };
        let ControlReply::Dashboard(address) = client.reply().await? else {
            bail!(ControlError::Ended);
        };
        let address = address.reveal();
        if args.print || !display::is_there() {
            print(address);
        } else if browser::open(address.into()).await.is_ok() {
            say("The dashboard is open in your browser.");
        } else {
            say("No browser could be started. Open this address:");
            print(address);
        }
        Ok(0)
    })
}
