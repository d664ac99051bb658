//! Content that its owner probably doesn't mean to make public.

/// Private content that a share would make public. The list is never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateContent {
    /// `SSH keys (.ssh)`.
    pub things: Vec<String>,
}

impl PrivateContent {
    /// `Anyone with the link could see SSH keys (.ssh) and passwords (.netrc).`
    pub fn sentence(&self) -> String {
        let all = match self.things.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
            None => "private files".into(),
        };
        format!("Anyone with the link could see {all}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_lists_everything() {
        let private = |things: &[&str]| PrivateContent {
            things: things.iter().map(|thing| (*thing).to_owned()).collect(),
        };
        assert_eq!(
            private(&["a", "b", "c"]).sentence(),
            "Anyone with the link could see a, b and c."
        );
        assert_eq!(
            private(&["a"]).sentence(),
            "Anyone with the link could see a."
        );
    }
}
