//! A value that can be read and can't be right: which field, and why.

use crate::yaml;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    pub field: String,
    pub reason: String,
}

impl Invalid {
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Invalid { field: field.into(), reason: reason.into() }
    }

    /// The same below a field.
    pub fn below(self, parent: &str) -> Self {
        Invalid { field: format!("{parent}.{}", self.field), ..self }
    }

    /// The same with its line in the text that it was read from.
    pub fn in_text(self, text: &str) -> yaml::Error {
        yaml::Error { line: yaml::line_of(text, &self.field), field: Some(self.field), reason: self.reason }
    }
}
