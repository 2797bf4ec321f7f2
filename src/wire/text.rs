//! What a JSON string says.

/// What stands between the quotes, with its escapes read; it must keep to the grammar. `None` for half a surrogate
/// pair.
#[cold]
pub(super) fn unescape(raw: &str) -> Option<String> {
    let mut said = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        said.push_str(plain);
        let mut letters = escape.chars();
        let letter = match letters.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (letter, after) = unicode(letters.as_str())?;
                letters = after.chars();
                letter
            }
            itself @ ('"' | '\\' | '/') => itself,
            _ => return None,
        };
        said.push(letter);
        rest = letters.as_str();
    }
    said.push_str(rest);
    Some(said)
}

/// Reads the four digits after `\u`, and the second half of the pair if they are the first.
fn unicode(digits: &str) -> Option<(char, &str)> {
    let (unit, rest) = code_unit(digits)?;
    if !(0xd800..0xdc00).contains(&unit) {
        return Some((char::from_u32(u32::from(unit))?, rest));
    }
    let (second, rest) = code_unit(rest.strip_prefix("\\u")?)?;
    let letter = char::decode_utf16([unit, second]).next()?.ok()?;
    Some((letter, rest))
}

fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (unit, rest) = digits.split_at_checked(4)?;
    Some((u16::from_str_radix(unit, 16).ok()?, rest))
}
