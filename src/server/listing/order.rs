//! The natural order of names: folders first, 2 before 10, upper and lower case together.

use std::io;

use super::names::Names;
use crate::server::work::Budget;

/// An order of names.
#[derive(Debug, PartialEq, Eq)]
pub struct Order(Vec<u32>);

impl Order {
    /// The index of the name at a position of this order.
    pub fn index(&self, place: usize) -> usize {
        self.0[place] as usize
    }
}

/// A name with its sort key.
struct Keyed {
    is_file: bool,
    /// Where its key begins and ends.
    start: u32,
    end: u32,
    index: u32,
}

/// Sorts names.
///
/// # Errors
/// If the budget is used up.
pub fn sort(names: &Names, budget: &Budget) -> io::Result<Order> {
    // All keys are in one buffer: separate strings would take twice the memory, and give none back.
    let mut keys = Vec::with_capacity(names.text_bytes() + 8 * names.len());
    let mut keyed = Vec::with_capacity(names.len());
    let too_large = |_| io::Error::other("the folder is too large");
    for index in 0..names.len() {
        budget.check_entry(index)?;
        let start = u32::try_from(keys.len()).map_err(too_large)?;
        push_natural_key(names.name(index), &mut keys);
        keyed.push(Keyed {
            is_file: !names.is_folder(index),
            start,
            end: u32::try_from(keys.len()).map_err(too_large)?,
            // The bytes of all names fit into a u32, and so does their number.
            index: index as u32,
        });
    }
    let key = |keyed: &Keyed| &keys[keyed.start as usize..keyed.end as usize];
    keyed.sort_unstable_by(|a, b| {
        let by_key = (a.is_file, key(a)).cmp(&(b.is_file, key(b)));
        by_key.then_with(|| {
            let name = |keyed: &Keyed| names.name(keyed.index as usize);
            name(a).cmp(name(b))
        })
    });
    Ok(Order(keyed.iter().map(|keyed| keyed.index).collect()))
}

/// Sorts only the first `first` names; the others follow in any order.
///
/// Most names are compared only once, with the last of the best so far.
///
/// # Errors
/// If the budget is used up.
pub fn sort_first(names: &Names, first: usize, budget: &Budget) -> io::Result<Order> {
    if first >= names.len() {
        return sort(names, budget);
    }
    // Folder or not, key, name, index.
    let mut best: Vec<(bool, Vec<u8>, &[u8], u32)> = Vec::new();
    let mut last: Option<(bool, Vec<u8>, &[u8], u32)> = None;
    let mut key = Vec::new();
    for index in 0..names.len() {
        budget.check_entry(index)?;
        let (is_file, name) = (!names.is_folder(index), names.name(index));
        key.clear();
        push_natural_key(name, &mut key);
        if let Some(last) = &last
            && (last.0, last.1.as_slice(), last.2) < (is_file, key.as_slice(), name)
        {
            continue;
        }
        best.push((is_file, key.clone(), name, index as u32));
        if best.len() >= 2 * first.max(256) {
            best.select_nth_unstable(first);
            best.truncate(first + 1);
            last = best.pop();
        }
    }
    best.sort_unstable();
    best.truncate(first);
    let mut order: Vec<u32> = best.into_iter().map(|best| best.3).collect();
    let mut is_first = vec![false; names.len()];
    for &index in &order {
        is_first[index as usize] = true;
    }
    // Their number fits into a u32, see above.
    order.extend((0..names.len() as u32).filter(|&index| !is_first[index as usize]));
    Ok(Order(order))
}

/// Appends bytes that sort the way people would sort the name.
///
/// Crates for this compare two names at a time, and their order is not total (they skip blanks and
/// leading zeros), which makes Rust's sort panic. Keys that are compared as bytes always have a
/// total order, and 100,000 of them sort in a tenth of the time.
fn push_natural_key(name: &[u8], key: &mut Vec<u8>) {
    let name = String::from_utf8_lossy(name);
    let mut rest = name.as_ref();
    while let Some(first) = rest.chars().next() {
        if first.is_ascii() && !first.is_ascii_digit() {
            key.push(rest.as_bytes()[0].to_ascii_lowercase());
            rest = &rest[1..];
            continue;
        }
        if !first.is_ascii_digit() {
            rest = &rest[first.len_utf8()..];
            if let Some(plain) = without_accent(first) {
                key.extend_from_slice(plain.as_bytes());
                continue;
            }
            let mut utf8 = [0; 4];
            for lower in first.to_lowercase() {
                key.extend_from_slice(lower.encode_utf8(&mut utf8).as_bytes());
            }
            continue;
        }
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let digits = rest[..end].trim_start_matches('0');
        // A number with more digits is larger. Names are too short for more than 255.
        key.push(b'0');
        key.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
        key.extend_from_slice(digits.as_bytes());
        rest = &rest[end..];
    }
}

/// What a letter of a European language sorts as, in lower case: people look for `Übersicht` next
/// to `uber`. Combining accents sort as nothing.
fn without_accent(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{300}'..='\u{36f}' => "",
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => "a",
        'Æ' | 'æ' => "ae",
        'Ç' | 'ç' | 'Ć'..='č' => "c",
        'Ð' | 'ð' | 'Ď'..='đ' => "d",
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => "e",
        'Ĝ'..='ģ' => "g",
        'Ĥ'..='ħ' => "h",
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => "i",
        'Ĳ' | 'ĳ' => "ij",
        'Ĵ' | 'ĵ' => "j",
        'Ķ'..='ĸ' => "k",
        'Ĺ'..='ł' => "l",
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => "n",
        'Ò'..='Ö' | 'ò'..='ö' | 'Ø' | 'ø' | 'Ō'..='ő' => "o",
        'Œ' | 'œ' => "oe",
        'Ŕ'..='ř' => "r",
        'Ś'..='š' => "s",
        'ß' => "ss",
        'Þ' | 'þ' => "th",
        'Ţ'..='ŧ' => "t",
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => "u",
        'Ŵ' | 'ŵ' => "w",
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => "y",
        'Ź'..='ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(things: &[(Vec<u8>, bool)], first: Option<usize>) -> Vec<(Vec<u8>, bool)> {
        let (mut names, budget) = (Names::default(), Budget::ample());
        for (name, is_folder) in things {
            names.push_bytes(name, *is_folder, None, &budget).unwrap();
        }
        let order = match first {
            Some(first) => sort_first(&names, first, &budget),
            None => sort(&names, &budget),
        };
        let order = order.unwrap();
        (0..names.len())
            .map(|place| order.index(place))
            .map(|index| (names.name(index).to_vec(), names.is_folder(index)))
            .collect()
    }

    #[test]
    fn names_come_in_the_order_people_expect() {
        let names = [
            "b",
            "a10",
            "A2",
            "a1",
            "a01",
            "1",
            "10",
            "9",
            "é",
            "e\u{301}t",
            "f",
            "",
            "Z",
            "_",
            "a 2",
            "я",
            "Ä1",
        ];
        let mut things: Vec<_> = names
            .iter()
            .map(|name| (name.as_bytes().to_vec(), false))
            .collect();
        things.push((b"zoo".to_vec(), true));
        let names: Vec<_> = sorted(&things, None)
            .into_iter()
            .map(|(name, _)| String::from_utf8(name).unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "zoo",
                "",
                "1",
                "9",
                "10",
                "_",
                "a 2",
                "a01",
                "a1",
                "Ä1",
                "A2",
                "a10",
                "b",
                "é",
                "e\u{301}t",
                "f",
                "Z",
                "я"
            ]
        );
    }

    proptest! {
        #[test]
        fn the_first_names_are_those_of_the_whole(
            things in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..12), any::<bool>()), 0..1200),
            first in 0_usize..400,
        ) {
            let whole = sorted(&things, None);
            let part = sorted(&things, Some(first));
            let first = first.min(whole.len());
            prop_assert_eq!(&part[..first], &whole[..first]);
            let mut part = part;
            part.sort();
            let mut whole = whole;
            whole.sort();
            prop_assert_eq!(part, whole);
        }
    }
}
