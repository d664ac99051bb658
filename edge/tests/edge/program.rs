//! The program `loopback-edge`, used as from a shell.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use loopback_edge::namespace;
use serde_json::{Value, json};

struct Program {
    child: Child,
    up: Value,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_loopback-edge"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let up = serde_json::from_str(&line).unwrap();
        Self { child, up }
    }

    fn host(&self, key: &str) -> String {
        self.up[key].as_str().unwrap().replace("http://", "")
    }

    /// Status line and body.
    fn ask(&self, key: &str, method: &str, path: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.host(key)).unwrap();
        let len = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Length: {len}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn faults_events_and_stats_work_over_http() {
    namespace::run(async {
        let program = Program::start(&[]);
        assert!(std::fs::exists(program.up["cacert"].as_str().unwrap()).unwrap());
        assert_eq!(program.up["edge"].as_array().unwrap().len(), 2);

        let (status, _) = program.ask("api", "POST", "/tunnel", "");
        assert_eq!(status, "HTTP/1.1 200 OK");
        let fault = r#"{"api":"rate_limited","publish_after_ms":10}"#;
        let (status, answer) = program.ask("control", "POST", "/fault", fault);
        assert_eq!(
            (status.as_str(), answer.as_str()),
            ("HTTP/1.1 200 OK", "{\"ok\":true}\n")
        );
        let (status, _) = program.ask("api", "POST", "/tunnel", "");
        assert_eq!(status, "HTTP/1.1 429 Too Many Requests");

        let (_, lines) = program.ask("control", "GET", "/events", "");
        let kinds: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take())
            .collect();
        assert_eq!(kinds, ["api_asked", "fault_set", "fault_set", "api_asked"]);
        let (_, last) = program.ask("control", "GET", "/events?since=3", "");
        assert_eq!(last.lines().count(), 1);

        let (_, stats) = program.ask("control", "GET", "/stats", "");
        let stats: Value = serde_json::from_str(&stats).unwrap();
        assert_eq!(stats["api_requests"], json!(2));
        assert_eq!(
            stats["tunnels"][0]["hostname"],
            json!(crate::fixtures::NAME)
        );
    });
}

#[test]
fn an_unknown_fault_is_refused_by_name() {
    namespace::run(async {
        let program = Program::start(&[]);
        let (status, why) = program.ask("control", "POST", "/fault", r#"{"tpc":"closed"}"#);
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        assert!(why.contains("tpc"), "{why}");
    });
}

#[test]
fn followed_events_arrive_as_they_happen() {
    namespace::run(async {
        let program = Program::start(&["--fault", r#"{"api":"error1101"}"#]);
        let mut stream = TcpStream::connect(program.host("control")).unwrap();
        write!(stream, "GET /events?follow HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains(r#""event":"fault_set""#)));
        program.ask("api", "POST", "/tunnel", "");
        assert!(lines.any(|line| line.contains(r#""status":500"#)));
    });
}

#[test]
fn it_can_exit_when_stdin_closes() {
    namespace::run(async {
        let mut program = Program::start(&["--until-stdin-closes"]);
        drop(program.child.stdin.take());
        assert!(program.child.wait().unwrap().success());
    });
}

#[test]
fn it_exits_on_sigterm_and_deletes_its_files() {
    namespace::run(async {
        let mut program = Program::start(&[]);
        let pid = program.child.id().to_string();
        let kill = ["-c", "kill -TERM \"$1\"", "sh", &pid];
        assert!(Command::new("sh").args(kill).status().unwrap().success());
        assert!(program.child.wait().unwrap().success());
        assert!(!std::fs::exists(program.up["cacert"].as_str().unwrap()).unwrap());
    });
}

#[test]
fn a_port_in_use_is_reported() {
    namespace::run(async {
        let first = Program::start(&[]);
        let taken = first.host("public");
        let output = Command::new(env!("CARGO_BIN_EXE_loopback-edge"))
            .args(["--public", &taken])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let why = String::from_utf8(output.stderr).unwrap();
        assert!(why.contains(&format!("can't listen on {taken}")), "{why}");
    });
}
