//! How much a client likes what it lists in a header (RFC 9110, section 12.4.2).

/// How much a client likes something: from 0, which refuses it, to 1000.
pub type Weight = u16;

/// The name in an element of the list, and its weight; `None` if that isn't well-formed.
pub fn weighted(element: &str) -> Option<(&str, Weight)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let mut weight = 1000;
    for part in parts {
        let (key, value) = part.split_once('=')?;
        if key.eq_ignore_ascii_case("q") {
            weight = thousandths(value)?;
        }
    }
    Some((name, weight))
}

/// A number from 0 to 1 with at most three decimal places, such as `0.25`.
fn thousandths(value: &str) -> Option<Weight> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}
