//! Private files, known by their name, and by their first bytes where the name alone can't tell.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use Evidence::{Armor, Name, Text};

/// What shows that a file with a suspicious name is private.
#[derive(Debug, Clone, Copy)]
enum Evidence {
    /// The name alone.
    Name,
    /// A private key in PEM or DER, or in the armor of OpenPGP.
    Armor,
    /// This text.
    Text(&'static str),
}

/// Whole names, in lower case.
const NAMES: &[(&str, Evidence, &str)] = &[
    ("id_rsa", Name, "an SSH key"),
    ("id_dsa", Name, "an SSH key"),
    ("id_ecdsa", Name, "an SSH key"),
    ("id_ecdsa_sk", Name, "an SSH key"),
    ("id_ed25519", Name, "an SSH key"),
    ("id_ed25519_sk", Name, "an SSH key"),
    ("key3.db", Name, "a browser's passwords"),
    ("key4.db", Name, "a browser's passwords"),
    ("logins.json", Name, "a browser's passwords"),
    ("login data", Name, "a browser's passwords"),
    ("cookies.sqlite", Name, "a browser's cookies"),
    ("wallet.dat", Name, "a wallet"),
    (".netrc", Name, "passwords"),
    ("_netrc", Name, "passwords"),
    (".pgpass", Name, "passwords"),
    ("pgpass.conf", Name, "passwords"),
    (".my.cnf", Text("password"), "passwords"),
    (".git-credentials", Name, "passwords"),
    (".npmrc", Text("_auth"), "keys to npm"),
    (".pypirc", Text("password"), "keys to PyPI"),
    (".vault-token", Name, "a key to Vault"),
    (
        "application_default_credentials.json",
        Name,
        "keys to Google Cloud",
    ),
    (".bash_history", Name, "a command history"),
    (".zsh_history", Name, "a command history"),
    ("ntuser.dat", Name, "the Windows registry"),
];

/// Endings, in lower case.
const ENDINGS: &[(&str, Evidence, &str)] = &[
    (".kdbx", Name, "a password database"),
    (".kdb", Name, "a password database"),
    (".pfx", Name, "a certificate with its key"),
    (".p12", Name, "a certificate with its key"),
    (".jks", Name, "a Java keystore"),
    (".keystore", Name, "a Java keystore"),
    (".ppk", Name, "an SSH key"),
    (".keychain", Name, "a keychain"),
    (".keychain-db", Name, "a keychain"),
    (".env", Name, "passwords and keys"),
    (".netrc", Name, "passwords"),
    (".git-credentials", Name, "passwords"),
    (".pem", Armor, "a private key"),
    // Also the ending of Keynote presentations.
    (".key", Armor, "a private key"),
    (".asc", Armor, "a private key"),
    (".ovpn", Armor, "a VPN key"),
];

/// Examples of `.env` files, which belong to the source code.
const ENV_EXAMPLES: &[&str] = &["example", "sample", "template", "dist", "defaults"];

/// A key is within the first bytes.
const HEAD: u64 = 64 * 1024;

/// What is private about the file at `path`. `None` if nothing is, or if it can't be read, since
/// then it can't be served either.
pub fn what_is_private(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let (evidence, what) = suspect(&name)?;
    // Doesn't open devices and pipes, which may block.
    let is_file = fs::metadata(path).is_ok_and(|file| file.is_file());
    (is_file && is_confirmed(path, evidence)).then_some(what)
}

/// What the file with this name, in lower case, may be.
fn suspect(name: &str) -> Option<(Evidence, &'static str)> {
    if let Some((_, evidence, what)) = NAMES.iter().find(|(known, ..)| name == *known) {
        return Some((*evidence, what));
    }
    if let Some((_, evidence, what)) = ENDINGS.iter().find(|(end, ..)| name.ends_with(end)) {
        return Some((*evidence, what));
    }
    // `.env.local`, but not `.env.example`.
    if let Some(variant) = name.strip_prefix(".env.") {
        let is_example = ENV_EXAMPLES.iter().any(|example| variant.contains(example));
        return (!is_example).then_some((Name, "passwords and keys"));
    }
    // `id_work`, but not `id_card.jpg` or `id_work.pub`.
    if name.starts_with("id_") && !name.contains('.') {
        return Some((Armor, "an SSH key"));
    }
    None
}

fn is_confirmed(path: &Path, evidence: Evidence) -> bool {
    match evidence {
        Name => true,
        Armor => head(path)
            .is_some_and(|head| contains(&head, b"PRIVATE KEY") || is_der_key(path, &head)),
        Text(text) => head(path).is_some_and(|head| contains(&head, text.as_bytes())),
    }
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let file = File::open(path).ok()?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}

/// Whether a `.key` file is binary: an ASN.1 sequence with a length of two bytes that starts with a
/// version number, as PKCS#1 and PKCS#8 do.
fn is_der_key(path: &Path, head: &[u8]) -> bool {
    path.extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("key"))
        && matches!(head, [0x30, 0x82, _, _, 0x02, 0x01, 0x00, ..])
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----\n";
    const PUBLIC: &[u8] = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    fn is_private(name: &str, content: &[u8]) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        what_is_private(&path).is_some()
    }

    #[test]
    fn keys_are_private_by_name_or_content() {
        for name in [
            "id_rsa",
            "ID_RSA",
            "id_ed25519",
            "mine.kdbx",
            "server.pfx",
            "a.P12",
            ".env",
            ".env.local",
            "prod.env",
            ".netrc",
            "my.netrc",
            ".pgpass",
            "wallet.dat",
            "putty.ppk",
        ] {
            assert!(is_private(name, b"secret"), "{name}");
        }
        for name in [
            "id_work",
            "server.pem",
            "server.key",
            "vpn.ovpn",
            "mine.asc",
        ] {
            assert!(is_private(name, PRIVATE), "{name}");
            assert!(!is_private(name, PUBLIC), "{name}");
        }
        assert!(is_private(
            "fullchain.pem",
            &[PUBLIC, PUBLIC, PRIVATE].concat()
        ));
        assert!(is_private("der.key", &[0x30, 0x82, 4, 0xbd, 2, 1, 0, 0x30]));
    }

    #[test]
    fn what_only_looks_like_a_key_is_not_private() {
        for name in [
            "id_rsa.pub",
            "id_ed25519.pub",
            "id_card.jpg",
            "cert.pem",
            "talk.key",
            ".env.example",
            "environment",
            "notes.txt",
            ".npmrc",
        ] {
            assert!(!is_private(name, PUBLIC), "{name}");
        }
        // A Keynote presentation.
        assert!(!is_private("talk.key", b"PK\x03\x04"));
    }
}
