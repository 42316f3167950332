//! Which generation each town is to run: `use.yaml`, written by `portal generation use` and followed by the server.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::yaml::{self, Problem};

/// What a town is to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pin {
    /// The files as they lie on disk.
    #[default]
    Latest,
    /// Everything as a generation kept it.
    Kept(u32),
    /// Layers and themes as a generation kept them; the town's own folder as it lies on disk.
    Layers(u32),
}

/// What all are to run, and who runs something else.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pins {
    pub default: Pin,
    pub towns: BTreeMap<String, Pin>,
}

impl Pins {
    pub fn of(&self, town: &str) -> Pin {
        self.towns.get(town).copied().unwrap_or(self.default)
    }

    /// Generations that somebody is to run.
    pub fn numbers(&self) -> BTreeSet<u32> {
        [&self.default].into_iter().chain(self.towns.values()).filter_map(|pin| pin.number()).collect()
    }

    /// Whether anybody runs the files on disk.
    pub fn need_latest(&self) -> bool {
        self.any(|pin| !matches!(pin, Pin::Kept(_)))
    }

    /// Whether anybody runs the layers on disk.
    pub fn need_latest_layers(&self) -> bool {
        self.any(|pin| pin == Pin::Latest)
    }

    fn any(&self, is_so: impl Fn(Pin) -> bool) -> bool {
        is_so(self.default) || self.towns.values().any(|pin| is_so(*pin))
    }

    pub fn parse(shown: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let node = yaml::read(shown, bytes)?;
        let pins = if node.is_null() { Ok(Self::default()) } else { yaml::decode(&node) };
        pins.map_err(|problem| problem.hint("`portal generation use latest` writes it anew"))
    }

    pub(super) fn to_yaml(&self) -> String {
        let mut text =
            format!("# who runs what; written by `portal generation use`\ndefault: {}\n", self.default.written());
        if !self.towns.is_empty() {
            text += "towns:\n";
            self.towns.iter().for_each(|(town, pin)| text += &format!("  \"{town}\": {}\n", pin.written()));
        }
        text
    }
}

impl Pin {
    pub fn number(self) -> Option<u32> {
        match self {
            Self::Latest => None,
            Self::Kept(number) | Self::Layers(number) => Some(number),
        }
    }

    /// As it stands in `use.yaml`.
    fn written(self) -> String {
        match self {
            Self::Latest => LATEST.to_owned(),
            Self::Kept(number) => number.to_string(),
            Self::Layers(number) => format!("{LAYERS}{number}"),
        }
    }
}

const LATEST: &str = "latest";
const LAYERS: &str = "layers of ";

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("the files on disk"),
            Self::Kept(number) => write!(f, "generation {number}"),
            Self::Layers(number) => write!(f, "the layers of generation {number}"),
        }
    }
}

/// A sentence for operators.
impl fmt::Display for Pins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let everyone = if self.towns.is_empty() { "all towns" } else { "all other towns" };
        self.towns.iter().try_for_each(|(town, pin)| write!(f, "`{town}` is to run {pin}, "))?;
        write!(f, "{everyone} are to run {}", self.default)
    }
}

const EXPECTED: &str = "`latest` or the number of a generation";

impl FromStr for Pin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse().map_err(|_| EXPECTED);
        match text.strip_prefix(LAYERS) {
            Some(text) => number(text).map(Self::Layers),
            None if text == LATEST => Ok(Self::Latest),
            None => number(text).map(Self::Kept),
        }
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Kept(number) => serializer.serialize_u32(*number),
            other => serializer.serialize_str(&other.written()),
        }
    }
}

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Pin;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Pin, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Pin, E> {
                let fits = u32::try_from(number).map(Pin::Kept);
                fits.map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same() {
        let towns = BTreeMap::from([
            ("herford".to_owned(), Pin::Latest),
            ("7".to_owned(), Pin::Kept(3)),
            ("bad-ems".to_owned(), Pin::Layers(4)),
        ]);
        for pins in [Pins::default(), Pins { default: Pin::Kept(16), towns }] {
            assert_eq!(Pins::parse("use.yaml", pins.to_yaml().as_bytes()), Ok(pins));
        }
        assert_eq!(Pins::parse("use.yaml", b""), Ok(Pins::default()));
    }

    #[test]
    fn a_slip_is_told_with_its_place() {
        let problem = Pins::parse("use.yaml", b"default: 16\ntowns: {herford: newest}\n").unwrap_err();
        assert_eq!(problem.at.to_string(), "use.yaml:2:18");
        assert!(problem.message.contains("`latest` or the number"), "{problem}");
    }
}
