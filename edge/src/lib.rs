//! Plays Cloudflare on loopback.
