//! Which generation each town is to run: `use.yaml`, written by `portal generation use` and followed by the server.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::yaml::{self, Problem};

/// What a town is to run: the files as they lie on disk, or a generation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pin {
    #[default]
    Latest,
    Kept(u32),
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
        self.default == Pin::Latest || self.towns.values().any(|pin| *pin == Pin::Latest)
    }

    pub fn parse(shown: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let node = yaml::read(shown, bytes)?;
        let pins = if node.is_null() { Ok(Self::default()) } else { yaml::decode(&node) };
        pins.map_err(|problem| problem.hint("`portal generation use latest` writes it anew"))
    }

    pub(super) fn to_yaml(&self) -> String {
        let mut text = format!("# who runs what; written by `portal generation use`\ndefault: {}\n", self.default);
        if !self.towns.is_empty() {
            text += "towns:\n";
            self.towns.iter().for_each(|(town, pin)| text += &format!("  \"{town}\": {pin}\n"));
        }
        text
    }
}

impl Pin {
    pub fn number(self) -> Option<u32> {
        match self {
            Self::Latest => None,
            Self::Kept(number) => Some(number),
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Kept(number) => number.fmt(f),
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
        match text {
            "latest" => Ok(Self::Latest),
            number => number.parse().map(Self::Kept).map_err(|_| EXPECTED),
        }
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Latest => serializer.serialize_str("latest"),
            Self::Kept(number) => serializer.serialize_u32(*number),
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
        let towns = BTreeMap::from([("herford".to_owned(), Pin::Latest), ("7".to_owned(), Pin::Kept(3))]);
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
