//! What a container's environment says by the names of its variables, and how long it is. Values may be secret: nothing is
//! kept of them.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
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
    value: Length,
    #[serde(borrow, rename = "valueFrom")]
    from: Option<From<'a>>,
}

/// What a value is taken from, where that is a field of the Pod itself.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct From<'a> {
    #[serde(borrow)]
    field_ref: Option<Field<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Field<'a> {
    #[serde(borrow)]
    field_path: Cow<'a, str>,
}

/// Fields with the address of the node.
const NODE_ADDRESS: &[&str] = &["status.hostIP", "status.hostIPs"];

/// The bytes of a text; whatever else stands there has none.
#[derive(Default)]
struct Length(usize);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        deserializer.deserialize_any(Text)
    }
}

struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Length;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Length, E> {
        Ok(Length(text.len()))
    }

    fn visit_unit<E>(self) -> Result<Length, E> {
        Ok(Length(0))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Length, E> {
        Ok(Length(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Length, E> {
        Ok(Length(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Length, E> {
        Ok(Length(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Length, E> {
        Ok(Length(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Length, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Length(0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Length, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Length(0))
    }
}

/// What is kept of it: of the dozens of variables that a container may have, most say nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// The first variable that names a provider of models.
    pub model_provider: Option<&'static str>,
    /// Bytes of the names and of the values that are written out.
    pub bytes: usize,
    /// The first variable with the address of the node.
    pub node_address: Option<Box<str>>,
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
        while let Some(Variable { name, value, from }) = variables.next_element()? {
            let field = from.and_then(|from| from.field_ref);
            if kept.node_address.is_none()
                && field.is_some_and(|field| NODE_ADDRESS.contains(&&*field.field_path))
            {
                kept.node_address = Some(name.as_ref().into());
            }
            kept.bytes += name.len() + value.0;
            kept.model_provider =
                kept.model_provider.or_else(|| MODEL_PROVIDERS.iter().find(|known| **known == name).copied());
        }
        Ok(kept)
    }
}
