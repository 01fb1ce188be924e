//! The name that a wrong one was probably meant to be.

/// From here on, of 1, two names are so alike that one is a slip of the pen.
const ALIKE: f64 = 0.7;

/// The nearest of the names, where one is near.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |name: &str| strsim::normalized_damerau_levenshtein(wrong, name);
    // The first of several that are as near.
    let mut best: Option<(f64, &str)> = None;
    for name in names {
        let near = alike(name);
        if near >= ALIKE && best.is_none_or(|(nearest, _)| near > nearest) {
            best = Some((near, name));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slip_of_the_pen_is_near() {
        let names = ["exempt", "exempt-until", "trigger"];
        assert_eq!(nearest("exmpt", names), Some("exempt"));
        assert_eq!(nearest("exempt-untill", names), Some("exempt-until"));
        assert_eq!(nearest("colour", names), None);
    }
}
