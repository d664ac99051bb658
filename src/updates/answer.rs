//! The answer for the owner: whether there is a newer version, what is new, and where to get it.

use std::path::Path;

use super::{
    ask::ask, error::UpdateError, feed::Feed, installation::Installation, source::Source,
    version::Version,
};
use crate::{
    app::{NewVersion, UpdateAnswer},
    http::Client,
};

/// Asks, and answers in words. `memory` is the file that remembers the newest feed.
pub async fn answer(client: &Client, memory: &Path) -> UpdateAnswer {
    let asked = async {
        let source = Source::of_this_program().ok_or(UpdateError::NoFeed)?;
        let feed = ask(client, &source, memory).await?;
        Ok::<_, UpdateError>((source, feed))
    };
    match asked.await {
        Ok((source, feed)) => {
            match news(
                &feed,
                &source,
                Version::of_this_program(),
                Installation::find(),
            ) {
                Some(new) => UpdateAnswer::New(new),
                None => UpdateAnswer::UpToDate,
            }
        }
        Err(error) => UpdateAnswer::Failed(error.to_string()),
    }
}

/// What the feed has that is newer than this version.
fn news(
    feed: &Feed,
    source: &Source,
    own: Version,
    installation: Installation,
) -> Option<NewVersion> {
    let newer = feed.newer_than(own);
    let version = newer.first()?.version.to_string();
    Some(NewVersion {
        page: source.page(&version),
        version,
        notes: newer.iter().flat_map(|it| it.notes.clone()).collect(),
        how: installation.how_to_update().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_since_this_version_comes_with_a_page_of_the_project() {
        let source = Source {
            feed: String::new(),
            releases: "https://github.com/someone/spot-serve/releases/".into(),
            public_key: String::new(),
        };
        let release = |version, note| {
            format!(r#"{{"version":"{version}","date":"2026-12-01","notes":["{note}"]}}"#)
        };
        let text = format!(
            r#"{{"format":1,"signed":"2026-12-01T10:00:00Z","expires":"2099-12-01T10:00:00Z","releases":[{},{},{}]}}"#,
            release("0.3.0", "C."),
            release("0.2.0", "B."),
            release("0.1.0", "A."),
        );
        let feed = Feed::read(&text, &source.releases).unwrap();
        let since = |own| {
            let own = Version::parse(own).unwrap();
            news(&feed, &source, own, Installation::Scoop)
        };
        let new = since("0.1.0").unwrap();
        assert_eq!(
            (new.version.as_str(), new.notes),
            ("0.3.0", vec!["C.".into(), "B.".into()])
        );
        assert_eq!(
            new.page,
            "https://github.com/someone/spot-serve/releases/tag/v0.3.0"
        );
        assert_eq!(new.how, "Get it with `scoop update spot-serve`.");
        assert_eq!(since("0.3.0"), None);
        assert_eq!(since("0.4.0"), None);
    }
}
