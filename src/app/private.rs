//! What a folder holds that its owner hardly means to show to strangers, in words.

/// The private things that a share would make public; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// `SSH keys (.ssh)`.
    pub things: Vec<String>,
}

impl Private {
    /// `Whoever has the link would see SSH keys (.ssh) and passwords (.netrc).`
    pub fn sentence(&self) -> String {
        let all = match self.things.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
            None => "private files".into(),
        };
        format!("Whoever has the link would see {all}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_seen_is_named() {
        let private = |things: &[&str]| Private {
            things: things.iter().map(|thing| (*thing).to_owned()).collect(),
        };
        assert_eq!(
            private(&["a", "b", "c"]).sentence(),
            "Whoever has the link would see a, b and c."
        );
        assert_eq!(
            private(&["a"]).sentence(),
            "Whoever has the link would see a."
        );
    }
}
