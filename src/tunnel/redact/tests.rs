use super::*;

fn redacted(text: &str) -> String {
    Redactor::default().redact(text)
}

/// Lines that cloudflared 2025.9.0 wrote.
#[test]
fn neither_links_nor_what_visitors_asked_for_are_readable() {
    for (line, left) in [
        (
            "2026-11-28T20:08:51Z INF |  https://quiet-river-lake-sand.trycloudflare.com                                           |",
            "2026-11-28T20:08:51Z INF |  https://[redacted]                                           |",
        ),
        (
            r#"2026-11-28T20:08:54Z ERR Request failed error="Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: dial tcp 127.0.0.1:1: connect: connection refused" connIndex=0 dest=https://quiet-river-lake-sand.trycloudflare.com/secret%20folder/diary.txt?token=abc event=0 ip=198.41.200.23 type=http"#,
            r#"2026-11-28T20:08:54Z ERR Request failed error="Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: dial tcp 127.0.0.1:1: connect: connection refused" connIndex=0 dest=[redacted] event=0 ip=198.41.x.x type=http"#,
        ),
        (
            r#"2026-11-28T20:08:54Z ERR Request failed error="stream 5 canceled by remote with error code 0" connIndex=0 dest="https://quiet-river.trycloudflare.com/a?q=\"quo ted\\" event=0 ip=2606:4700:a0::5 type=http"#,
            r#"2026-11-28T20:08:54Z ERR Request failed error="stream 5 canceled by remote with error code 0" connIndex=0 dest=[redacted] event=0 ip=2606:4700::x type=http"#,
        ),
        (
            r#"2026-11-28T20:08:54Z ERR failed to serve incoming request error="parse \"https://quiet-river.trycloudflare.com/diary\\\"s.txt?a\": invalid URL escape" connIndex=0"#,
            r#"2026-11-28T20:08:54Z ERR failed to serve incoming request error="parse \"https://[redacted]\": invalid URL escape" connIndex=0"#,
        ),
        (
            "2026-11-28T20:08:51Z INF Settings: map[config:/tmp/e.yml protocol:quic quick-service:http://127.0.0.1:38073/0123456789abcdef url:http://127.0.0.1:1]",
            "2026-11-28T20:08:51Z INF Settings: map[config:/tmp/e.yml protocol:quic quick-service:http://127.0.0.1:38073 url:http://127.0.0.1:1]",
        ),
        (
            r#"2026-11-28T20:08:54Z ERR failed to serve incoming request error="parse \"https://quiet-river.trycloudflare.com/letters (to [Ann] | Bob).txt\": invalid URL escape" connIndex=0"#,
            r#"2026-11-28T20:08:54Z ERR failed to serve incoming request error="parse \"https://[redacted]\": invalid URL escape" connIndex=0"#,
        ),
    ] {
        assert_eq!(redacted(line), left);
    }
}

#[test]
fn what_helps_to_find_a_fault_stays() {
    for line in [
        "2026-11-28T20:08:51Z INF Registered tunnel connection connIndex=0 connection=070e9cf0-3a5b-42a5-a195-999e64aaade3 event=0 ip=127.0.0.1 location=ams01 protocol=quic",
        r#"2026-11-28T20:08:51Z ERR Failed to fetch features, default to disable error="lookup cfd-features.argotunnel.com on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable""#,
        "2026-11-28T20:08:51Z INF Starting metrics server on 127.0.0.1:42313/metrics",
        "2026-11-28T20:08:51Z INF ICMP proxy will use ::1 in zone lo as source for IPv6",
        "2026-11-28T20:08:51Z INF Version 2025.9.0 (Checksum 8649fde552509543622afc867c04ae3b3b4c21febd880704c888a0d3ee12e2d7)",
        "2026-11-28T20:08:51Z ERR      See GitHub issue https://github.com/golang/go/issues/27546 event=0",
        r#"failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host"#,
        r#"2026-11-28T20:08:54Z ERR  error="Unable to reach the origin service: dial tcp 127.0.0.1:1: connect: connection refused" connIndex=0 event=1 ingressRule=0 originService=http://127.0.0.1:1"#,
    ] {
        assert_eq!(redacted(line), line);
    }
}

#[test]
fn the_name_of_a_named_tunnel_is_removed() {
    let line = r#"2026-11-28T20:09:01Z INF Updated to new configuration config="{\"ingress\":[{\"hostname\":\"Share.example.org\",\"service\":\"http://localhost:1\"}]}" version=2"#;
    let left = Redactor::new(Some("share.example.org")).redact(line);
    assert_eq!(
        left,
        r#"2026-11-28T20:09:01Z INF Updated to new configuration config=[redacted] version=2"#
    );
    let line = "2026-11-28T20:09:01Z INF Registered tunnel for Share.Example.org";
    let left = Redactor::new(Some("share.example.org")).redact(line);
    assert!(left.ends_with(" for [redacted]"), "{left}");
}

#[test]
fn the_settings_of_other_tunnels_are_removed() {
    let line = r#"2026-11-28T20:09:01Z INF Updated to new configuration config="{\"ingress\":[{\"hostname\":\"wiki.example.com\",\"id\":\"1\",\"originRequest\":{\"httpHostHeader\":\"intern\"},\"service\":\"http://10.0.0.7:8080\"},{\"hostname\":\"ssh.example.com\",\"service\":\"ssh://nas:22\"},{\"service\":\"http_status:404\"}],\"warp-routing\":{\"enabled\":false}}" version=7"#;
    assert_eq!(
        redacted(line),
        "2026-11-28T20:09:01Z INF Updated to new configuration config=[redacted] version=7"
    );
    // A long one is cut off.
    assert_eq!(
        redacted(&line[..200]),
        "2026-11-28T20:09:01Z INF Updated to new configuration config=[redacted]"
    );
}

#[test]
fn a_path_is_removed_whatever_marks_it_holds() {
    for mark in [
        ")", "]", "|", ">", "}", "(", "[", "<", "'", "\\u200b", "\\\\", ",", "%5D",
    ] {
        for site in [
            "quiet-river.trycloudflare.com",
            "127.0.0.1:8080",
            "[::1]:8080",
        ] {
            let left = redacted(&format!(
                "error=\"at https://{site}/a{mark}diary.txt\" event=0"
            ));
            assert!(
                !left.contains("diary") && left.ends_with("\" event=0"),
                "{left}"
            );
        }
    }
}

#[test]
fn what_follows_a_url_stays() {
    for (text, left) in [
        ("(see https://a.example/b).", "(see https://[redacted])."),
        (
            "[http://[::1] http://[::1]:1/a]",
            "[http://[::1] http://[::1]:1]",
        ),
        ("map[url:http://localhost:1]", "map[url:http://localhost:1]"),
        ("| https://a.example |", "| https://[redacted] |"),
    ] {
        assert_eq!(redacted(text), left);
    }
}

/// Lines that cloudflared 2025.9.0 wrote about a site that answers nonsense.
#[test]
fn what_a_site_answered_is_removed() {
    let line = |error: &str| {
        format!(
            r#"2026-11-28T23:44:27Z ERR  error="Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: net/http: HTTP/1.x transport connection broken: {error}" connIndex=0 event=1 ingressRule=0 originService=http://127.0.0.1:37989"#
        )
    };
    for (error, left) in [
        (
            r#"malformed HTTP status code \"diary\""#,
            r#"malformed HTTP status code \"[redacted]\""#,
        ),
        (
            r#"malformed MIME header: missing colon: \"dear diary\""#,
            r#"malformed MIME header: missing colon: \"[redacted]\""#,
        ),
        (
            r#"bad Content-Length \"diary\""#,
            r#"bad Content-Length \"[redacted]\""#,
        ),
        (
            r#"unsupported transfer encoding: \"diary\""#,
            r#"unsupported transfer encoding: \"[redacted]\""#,
        ),
        (
            "malformed MIME header line: dear diary",
            "malformed MIME header line: [redacted]",
        ),
        ("unexpected EOF", "unexpected EOF"),
    ] {
        assert_eq!(redacted(&line(error)), line(left));
    }
}

/// Lines that cloudflared 2025.9.0 wrote about addresses that it can't read.
#[test]
fn what_cannot_be_parsed_is_removed() {
    for (error, dest, left) in [
        (
            r#"parse \"https://quiet-river-lake-sand.trycloudflare.com/letters(to)[Ann]|Bob%zz.txt\": invalid URL escape \"%zz\""#,
            "https://quiet-river-lake-sand.trycloudflare.com/letters(to)[Ann]|Bob%zz.txt",
            r#"parse \"https://[redacted]\": invalid URL escape \"[redacted]\""#,
        ),
        (
            r#"parse \"https://quiet-river-lake-sand.trycloudflare.com/a\\\"b)%zz\": invalid URL escape \"%zz\""#,
            r#""https://quiet-river-lake-sand.trycloudflare.com/a\"b)%zz""#,
            r#"parse \"https://[redacted]\": invalid URL escape \"[redacted]\""#,
        ),
    ] {
        let line = |error: &str, dest: &str| {
            format!(
                r#"2026-11-28T23:44:27Z ERR Request failed error="{error}" connIndex=0 dest={dest} event=0 ip=127.0.0.1 type=http"#
            )
        };
        assert_eq!(redacted(&line(error, dest)), line(left, "[redacted]"));
    }
}

#[test]
fn the_key_of_a_quick_tunnel_is_removed() {
    let line = r#"2026-11-28T20:08:54Z ERR Error unmarshaling QuickTunnel response: {"success":true,"result":{"id":"1","name":"","hostname":"a-b.trycloudflare.com","secret":"c2VjcmV0 error="unexpected end of JSON input""#;
    let left = redacted(line);
    assert!(
        !left.contains("c2VjcmV0") && !left.contains("a-b."),
        "{left}"
    );
    assert!(
        left.ends_with(r#""secret":"[redacted] error="unexpected end of JSON input""#),
        "{left}"
    );
}

#[test]
fn a_site_that_only_looks_like_cloudflares_is_removed() {
    for url in [
        "https://evilcloudflare.com/a",
        "https://cloudflare.com.example.org/a",
        "https://cloudflare.com@example.org/a",
        "WSS://a.example/",
    ] {
        let left = redacted(url);
        assert!(left.ends_with("://[redacted]"), "{left}");
    }
}

#[test]
fn every_pattern_compiles() {
    for pattern in [
        &PRIVATE_FIELD,
        &KEY,
        &MALFORMED,
        &MALFORMED_HEADER,
        &URL,
        &QUICK_TUNNEL_NAME,
        &IPV4,
        &IPV6,
    ] {
        assert!(LazyLock::force(pattern).is_some());
    }
}

proptest::proptest! {
    #[test]
    fn a_visitors_address_never_gets_through(path in "[ -~äü]{0,100}") {
        let secret = "zebra-crossing";
        let dest = format!("https://a-b.trycloudflare.com/{secret}{path}{secret}");
        // As zerolog writes it.
        let is_plain = dest.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        let value = if is_plain { dest.clone() } else { format!("{dest:?}") };
        let line = format!("2026-11-28T20:08:54Z ERR Request failed error=\"x\" connIndex=0 dest={value} event=0");
        let left = redacted(&line);
        proptest::prop_assert!(!left.contains(secret) && !left.contains("a-b"), "{}", left);
        proptest::prop_assert!(left.ends_with("event=0"), "{}", left);
    }
}
