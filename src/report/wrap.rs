//! Prose wrapped to the columns of a terminal.

/// The text in lines of at most `width` columns, each indented and ended; a longer word has a line of its own.
pub fn wrap(text: &str, indent: usize, width: usize) -> String {
    hanging(text, indent, indent, width) + "\n"
}

/// The same with the first line indented by `first` and those below it by `rest`; the last one isn't ended.
pub fn hanging(text: &str, first: usize, rest: usize, width: usize) -> String {
    let mut out = String::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(&line);
            out.push('\n');
            line = " ".repeat(rest);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    out + &line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_goes_on_further_in() {
        let text = hanging(&"twelve chars ".repeat(9), 2, 4, 60);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{lines:?}");
        assert!(lines[0].starts_with("  twelve") && lines[1].starts_with("    chars"), "{lines:?}");
    }

    #[test]
    fn a_word_that_is_too_long_has_its_own_line() {
        assert_eq!(wrap("a bcdefgh i", 1, 4), " a\n bcdefgh\n i\n");
    }
}
