//! Text cut to so many characters, for lines that others limit: warnings, Events, messages.

use std::borrow::Cow;

/// The text, or as much of its start as fits, with an ellipsis.
pub fn clip(text: &str, max: usize) -> Cow<'_, str> {
    if text.chars().count() <= max {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(max.saturating_sub(1)).chain(['…']).collect())
}

/// The text, or as much of both its ends as fits: names tend to differ in their last letters.
pub fn clip_middle(text: &str, max: usize) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= max {
        return Cow::Borrowed(text);
    }
    let kept = max.saturating_sub(1);
    let (head, tail) = (kept - kept / 2, kept / 2);
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    Cow::Owned(format!("{start}…{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_as_long_as_allowed_and_says_so() {
        assert_eq!(clip("payment", 7), "payment");
        assert_eq!(clip("payment", 4), "pay…");
        assert_eq!(clip_middle("payment", 7), "payment");
        assert_eq!(clip_middle("payment-hook", 6), "pay…ok");
        assert_eq!(clip_middle("größe", 3), "g…e");
    }
}
