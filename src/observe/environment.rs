//! What a container's environment says by the names of its variables. Values may be secret and are never read.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

/// Variables that name a provider of models.
const MODEL_PROVIDERS: &[&str] = &[
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_ENDPOINT",
    "COHERE_API_KEY",
    "MISTRAL_API_KEY",
    "GEMINI_API_KEY",
    "GROQ_API_KEY",
    "BEDROCK_MODEL_ID",
    "BEDROCK_REGION",
    "OPENAI_BASE_URL",
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Variable<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// What is kept of it: of the dozens of variables that a container may have, most say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Environment {
    /// The first variable that names a provider of models.
    pub model_provider: Option<&'static str>,
}

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Environment, D::Error> {
        deserializer.deserialize_any(Variables)
    }
}

struct Variables;

impl<'de> Visitor<'de> for Variables {
    type Value = Environment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of environment variables")
    }

    fn visit_unit<E>(self) -> Result<Environment, E> {
        Ok(Environment::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut variables: A) -> Result<Environment, A::Error> {
        let mut kept = Environment::default();
        while let Some(Variable { name }) = variables.next_element()? {
            kept.model_provider =
                kept.model_provider.or_else(|| MODEL_PROVIDERS.iter().find(|known| **known == name).copied());
        }
        Ok(kept)
    }
}
