//! What an owner probably doesn't mean to make public, or to let strangers change.

/// Private content that a share would make public, and places where files that strangers add could do
/// harm. One of the lists is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateContent {
    /// What visitors would see: `SSH keys (.ssh)`.
    pub things: Vec<String>,
    /// Where they could put files: `settings of programs (.config)`.
    pub places: Vec<String>,
}

impl PrivateContent {
    /// `Anyone with the link could see SSH keys (.ssh) and passwords (.netrc).`
    pub fn sentence(&self) -> String {
        let seen = all(&self.things).map(|all| format!("Anyone with the link could see {all}."));
        let added = all(&self.places).map(|all| {
            format!("Anyone with the link could put files into {all}, where programs may use them.")
        });
        let sentences: Vec<String> = [seen, added].into_iter().flatten().collect();
        sentences.join(" ")
    }

    /// Everything to think about, for a list.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.things.iter().chain(&self.places)
    }
}

fn all(things: &[String]) -> Option<String> {
    let (last, before) = things.split_last()?;
    Some(match before {
        [] => last.clone(),
        _ => format!("{} and {last}", before.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(things: &[&str], places: &[&str]) -> PrivateContent {
        let owned = |words: &[&str]| words.iter().map(|&word| word.into()).collect();
        PrivateContent {
            things: owned(things),
            places: owned(places),
        }
    }

    #[test]
    fn the_sentence_lists_everything() {
        assert_eq!(
            private(&["a", "b", "c"], &[]).sentence(),
            "Anyone with the link could see a, b and c."
        );
        assert_eq!(
            private(&["a"], &[]).sentence(),
            "Anyone with the link could see a."
        );
    }

    #[test]
    fn seeing_and_adding_are_told_apart() {
        assert_eq!(
            private(&["keys"], &["settings", "programs"]).sentence(),
            "Anyone with the link could see keys. Anyone with the link could put files into settings and programs, where programs may use them."
        );
        assert_eq!(private(&["keys"], &["settings"]).all().count(), 2);
    }
}
