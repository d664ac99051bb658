//! Who shares something, and until when, in words.

use super::words::{DateWords, Words};
use crate::server::{offer::Offer, path::shown_name, utc};

/// Around a name, so that its direction of writing changes nothing around it.
const ISOLATED: [char; 2] = ['\u{2068}', '\u{2069}'];

/// What a page says about a share.
#[derive(Debug, Default)]
pub struct OfferLines {
    /// Who shares it; empty for nobody.
    pub from: String,
    pub until: Option<Until>,
}

/// When it ends.
#[derive(Debug)]
pub struct Until {
    /// In UTC. The page's script puts the visitor's own time there.
    pub text: String,
    pub seconds: i64,
    /// For programs.
    pub time: String,
}

impl OfferLines {
    /// What to say in a language.
    pub fn of(offer: &Offer, words: &Words) -> Self {
        let [before, after] = ISOLATED;
        let name = shown_name(offer.sender.as_bytes());
        let from = if name.is_empty() {
            String::new()
        } else {
            words
                .list
                .from
                .replace("{name}", &format!("{before}{name}{after}"))
        };
        let until = offer.until_s.map(|seconds| {
            let at = utc::date_time(seconds);
            let date = date(at, &words.date);
            let (hour, minute, _) = at.to_hms();
            Until {
                text: words.list.until.replace("{date}", &date),
                seconds,
                time: format!("{}T{hour:02}:{minute:02}Z", at.date()),
            }
        });
        Self { from, until }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty() && self.until.is_none()
    }
}

fn date(at: time::OffsetDateTime, words: &DateWords) -> String {
    let (hour, minute, _) = at.to_hms();
    let mut months = words.months.split(' ');
    let month = months.nth(usize::from(u8::from(at.month())) - 1);
    let time = format!("{hour:02}:{minute:02}");
    let text = words.moment.replace("{day}", &at.day().to_string());
    let text = text.replace("{month}", month.unwrap_or_default());
    text.replace("{time}", &time)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn the_end_is_a_date_in_the_language_of_the_visitor() {
        let offer = Offer {
            sender: "Maria\u{202e}".to_owned(),
            until_s: Some(1_764_781_200),
        };
        for (language, from, until) in [
            (
                "en",
                "From \u{2068}Maria\u{fffd}\u{2069}",
                "Available until 3 December, 17:00 UTC",
            ),
            (
                "de",
                "Von \u{2068}Maria\u{fffd}\u{2069}",
                "Verfügbar bis 3. Dezember, 17:00 Uhr UTC",
            ),
            (
                "fr",
                "De \u{2068}Maria\u{fffd}\u{2069}",
                "Disponible jusqu’au 3 décembre à 17:00 UTC",
            ),
            (
                "es",
                "De \u{2068}Maria\u{fffd}\u{2069}",
                "Disponible hasta el 3 de diciembre, 17:00 UTC",
            ),
            (
                "ja",
                "\u{2068}Maria\u{fffd}\u{2069} さんから",
                "12月3日 17:00 (UTC) まで公開",
            ),
            (
                "ar",
                "من \u{2068}Maria\u{fffd}\u{2069}",
                "متاح حتى 3 ديسمبر، 17:00 UTC",
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(language));
            let words = Words::of(&headers);
            assert_eq!(words.date.months.split(' ').count(), 12, "{language}");
            let lines = OfferLines::of(&offer, words);
            let said = lines.until.unwrap();
            assert_eq!((&*lines.from, &*said.text), (from, until));
            assert_eq!(said.time, "2025-12-03T17:00Z");
        }
        assert!(OfferLines::of(&Offer::default(), Words::of(&HeaderMap::new())).is_empty());
    }
}
