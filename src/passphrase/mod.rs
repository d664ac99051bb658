//! Generated passwords: four short words that are easy to say on the phone.
//!
//! The words are in `words.txt`, one on each line. They differ from each other by more than a
//! letter or a swap of two neighbors, none sounds like another English word, and none is a form of
//! another. Nobody should be embarrassed to read one to a client. They are selected from SCOWL,
//! whose notice is in `words.LICENSE`.

use std::sync::LazyLock;

const WORDS: &str = include_str!("words.txt");

/// Each of them.
static LIST: LazyLock<Vec<&str>> = LazyLock::new(|| WORDS.lines().collect());

/// How many words a password has.
const COUNT: usize = 4;

/// Four words chosen at random, joined by hyphens, such as `harbor-violin-dozen-maple`.
///
/// There are more than 2^50 passwords. All are equally likely.
///
/// # Errors
/// The system provides no randomness.
pub fn generate() -> Result<String, getrandom::Error> {
    let mut chosen = [""; COUNT];
    for word in &mut chosen {
        *word = LIST[below(LIST.len())?];
    }
    Ok(chosen.join("-"))
}

/// The words that stand for a number, joined by spaces, such as `harbor violin`.
pub fn words(mut number: u64, count: usize) -> String {
    let length = LIST.len() as u64;
    let chosen: Vec<&str> = (0..count)
        .map(|_| {
            // The remainder is smaller than the list.
            let word = LIST[(number % length) as usize];
            number /= length;
            word
        })
        .collect();
    chosen.join(" ")
}

/// A random number below `end`. All are equally likely.
fn below(end: usize) -> Result<usize, getrandom::Error> {
    let range = u32::try_from(end).expect("the list has fewer than 2^32 words");
    // A remainder favors small numbers unless `end` divides the number of values it is taken
    // from, so numbers from the last multiple of `end` on are drawn again.
    let multiple = u32::MAX - u32::MAX % range;
    loop {
        let number = getrandom::u32()?;
        if number < multiple {
            return Ok((number % range) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_at_least_2_to_the_50_passwords() {
        let words = WORDS.lines().count() as u128;
        assert!(words.pow(4) >= 1 << 50, "{words} words");
    }

    #[test]
    fn the_words_are_short_lower_case_sorted_and_unique() {
        for word in WORDS.lines() {
            assert!((3..=7).contains(&word.len()), "{word}");
            assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
        }
        assert!(WORDS.lines().is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn no_two_words_differ_in_one_letter_or_a_swap_of_neighbors() {
        let words: HashSet<&str> = WORDS.lines().collect();
        let mut with_a_gap = HashSet::new();
        for &word in &words {
            for at in 0..word.len() {
                let gap = format!("{}?{}", &word[..at], &word[at + 1..]);
                assert!(with_a_gap.insert(gap), "{word} differs in letter {at} only");
            }
            for at in 1..word.len() {
                let mut swapped = word.as_bytes().to_vec();
                swapped.swap(at - 1, at);
                let swapped = String::from_utf8(swapped).unwrap();
                assert!(
                    swapped == word || !words.contains(&*swapped),
                    "{word} and {swapped}"
                );
            }
        }
    }

    #[test]
    fn no_word_is_the_plural_of_another() {
        let words: HashSet<&str> = WORDS.lines().collect();
        for word in &words {
            for ending in ["s", "es"] {
                assert!(!words.contains(&*format!("{word}{ending}")), "{word}");
            }
        }
    }

    #[test]
    fn a_generated_password_has_four_words_of_the_list() {
        let words: HashSet<&str> = WORDS.lines().collect();
        let password = generate().unwrap();
        assert_eq!(password.split('-').count(), 4, "{password}");
        assert!(password.split('-').all(|w| words.contains(w)), "{password}");
        assert_ne!(password, generate().unwrap());
    }

    #[test]
    fn every_number_below_the_end_is_drawn() {
        let drawn: HashSet<usize> = (0..500).map(|_| below(3).unwrap()).collect();
        assert_eq!(drawn, HashSet::from([0, 1, 2]));
    }
}
