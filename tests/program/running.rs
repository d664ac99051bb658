//! The running program, and commands to it.

use std::process::Stdio;

use serde_json::Value;
use tokio::{process::Child, time::timeout};

use crate::home::{Home, LIMIT};

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub async fn run(home: &Home, arguments: &[&str]) -> Done {
    let output = timeout(LIMIT, home.command(arguments).output());
    let output = output.await.expect("it ends").unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program, waiting for commands as it does in the tray.
pub async fn start(home: &Home) -> Child {
    let child = home
        .command(&[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    timeout(LIMIT, async {
        while run(home, &["list"]).await.err.contains("not running") {}
    })
    .await
    .expect("it runs");
    child
}

pub async fn listed(home: &Home) -> Vec<Value> {
    let list = run(home, &["list", "--json"]).await;
    serde_json::from_str(&list.out).unwrap()
}

/// The only share, once it is online again after a restart.
pub async fn resumed(home: &Home) -> Value {
    let online = timeout(LIMIT, async {
        loop {
            match &listed(home).await[..] {
                [share] if share["state"] == "online" => break share.clone(),
                _ => {}
            }
        }
    });
    online.await.expect("it is resumed")
}
