//! Text from manifests and clusters, made fit for a terminal, a table, a log and a spreadsheet: what would move the
//! cursor, hide or turn around what stands beside it is written out instead.

use std::{borrow::Cow, fmt::Write};

/// As part of a line: nothing in it ends the line.
pub fn line(text: &str) -> Cow<'_, str> {
    written_out(text, is_harmful, |c, out| out.extend(c.escape_default()))
}

/// The same of a text that nobody else needs.
pub fn owned(text: String) -> String {
    match line(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(told) => told,
    }
}

/// A text of several lines.
pub fn text(text: &str) -> Cow<'_, str> {
    let harmful = |c| is_harmful(c) && !matches!(c, '\n' | '\t');
    written_out(text, harmful, |c, out| out.extend(c.escape_default()))
}

/// JSON, of which every string stays what it was: its own escapes take the place of the characters.
pub fn json(text: &str) -> Cow<'_, str> {
    let harmful = |c| is_harmful(c) && !matches!(c, '\n' | '\t' | '\r');
    written_out(text, harmful, |c, out| {
        // All of them are below 0x10000. Writing to a String can't fail.
        let _ = write!(out, "\\u{:04x}", u32::from(c));
    })
}

fn written_out(
    text: &str,
    is_harmful: impl Fn(char) -> bool,
    write: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    // Nearly all that is written is plain.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.find(&is_harmful) else { return Cow::Borrowed(text) };
    let mut out = text[..first].to_owned();
    for c in text[first..].chars() {
        if is_harmful(c) { write(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Control characters, those that turn the direction of writing, those that nobody sees, and those that XML can't have.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        for (wild, tame) in [
            ("web", "web"),
            ("größe 漢字", "größe 漢字"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("a\u{9b}2Jb", "a\\u{9b}2Jb"),
            ("web\u{202e}gpj.exe", "web\\u{202e}gpj.exe"),
            ("\u{feff}web\u{200b}", "\\u{feff}web\\u{200b}"),
            ("a\u{ffff}b", "a\\u{ffff}b"),
        ] {
            assert_eq!(line(wild), tame);
        }
        assert_eq!(text("a\n\tb\r\u{7}"), "a\n\tb\\r\\u{7}");
    }

    #[test]
    fn json_says_the_same_as_before() {
        let wild = serde_json::json!({"name": "a\u{9b}b\u{202e}\u{1b}\n"});
        let told = json(&wild.to_string()).into_owned();
        assert!(told.is_ascii(), "{told}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap(), wild);
    }
}
