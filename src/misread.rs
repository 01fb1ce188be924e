//! What a reader says of a value of the wrong type, in the words of who wrote the YAML: no type of this program's.

/// The same reason without names of Rust's types.
pub fn in_words(reason: &str) -> String {
    let Some((found, wanted)) = reason.split_once(", expected ") else { return reason.to_owned() };
    let found = found
        .replace("invalid type: map", "invalid type: object")
        .replace("invalid type: sequence", "invalid type: list")
        .replace("invalid type: unit value", "invalid type: nothing")
        .replace("invalid type: null", "invalid type: nothing")
        .replace("invalid type: floating point", "invalid type: number");
    format!("{found}, expected {}", name(wanted))
}

fn name(wanted: &str) -> String {
    let is_whole = wanted.len() <= 5
        && wanted.strip_prefix(['u', 'i']).is_some_and(|rest| rest == "size" || rest.parse::<u8>().is_ok());
    match wanted {
        "f64" | "f32" => "a number".to_owned(),
        _ if is_whole => "a whole number".to_owned(),
        "a sequence" => "a list".to_owned(),
        // An enum, which a map could hold too.
        "string or map" | "variant identifier" => "a word".to_owned(),
        "a map" => "an object".to_owned(),
        _ if wanted.starts_with("struct ") => "an object".to_owned(),
        _ if wanted.starts_with("enum ") => "a word".to_owned(),
        _ => ["an array of length ", "a tuple of size "]
            .iter()
            .find_map(|start| wanted.strip_prefix(start))
            .map_or_else(|| wanted.to_owned(), |length| format!("a list of {length}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_of_rust_is_named() {
        for (said, told) in [
            (
                "invalid type: integer `3`, expected struct Operations",
                "invalid type: integer `3`, expected an object",
            ),
            (
                "invalid type: string \"lots\", expected f64",
                "invalid type: string \"lots\", expected a number",
            ),
            ("invalid type: map, expected a sequence", "invalid type: object, expected a list"),
            (
                "invalid type: boolean `true`, expected u32",
                "invalid type: boolean `true`, expected a whole number",
            ),
            (
                "invalid type: integer `3`, expected an array of length 2",
                "invalid type: integer `3`, expected a list of 2",
            ),
            (
                "invalid type: null, expected struct Hours with 3 elements",
                "invalid type: nothing, expected an object",
            ),
            (
                "unknown variant `x`, expected one of `a`, `b`",
                "unknown variant `x`, expected one of `a`, `b`",
            ),
            ("missing field `fixed`", "missing field `fixed`"),
        ] {
            assert_eq!(in_words(said), told);
        }
    }
}
