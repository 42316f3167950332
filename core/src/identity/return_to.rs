//! Where somebody comes back to after a login (promise P14): pages of this portal, and nothing else.

use serde::{Deserialize, Serialize};

/// A way inside the portal. Nothing that a browser could read as another host gets in: an open redirect behind a login
/// has cost three hundred towns their BundID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

/// Longer ways were not made by our pages.
const MAX: usize = 1024;

/// Where a login itself lives: to come back there would be a circle.
const OF_LOGIN: [&str; 4] = ["/anmelden", "/abmelden", "/saml/", "/oidc/"];

impl ReturnTo {
    /// `None` for what is no plain path of this portal.
    pub fn parse(text: &str) -> Option<Self> {
        let is_path = text.starts_with('/') && !text.starts_with("//") && text.len() <= MAX;
        let is_plain =
            text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`'));
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let is_hidden = |part: &str| {
            let decoded = percent_encoding::percent_decode_str(part).collect::<Vec<u8>>();
            decoded == b".." || decoded.iter().any(|byte| matches!(byte, b'/' | b'\\' | 0..=0x1f | 0x7f))
        };
        let is_straight = !path.split('/').any(is_hidden) && !path.contains("//");
        let is_of_login = |path: &str| OF_LOGIN.iter().any(|way| path.starts_with(way));
        let without_locale = path.get(3..).filter(|_| path.as_bytes().get(3) == Some(&b'/')).unwrap_or(path);
        let leads_on = !is_of_login(path) && !is_of_login(without_locale);
        (is_path && is_plain && is_straight && leads_on).then(|| Self(text.to_owned()))
    }

    /// The page of the person, where somebody goes who came from nowhere.
    pub fn or_my_data(text: Option<&str>, my_data: &str) -> Self {
        text.and_then(Self::parse).unwrap_or_else(|| Self(my_data.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ReturnTo;

    #[test]
    fn only_ways_inside_the_portal_lead_back() {
        for way in
            ["/", "/dienstleistungen/hund-anmelden", "/en/faq?x=1#y", "/dienstleistungen?q=%C3%A4", "/meine-daten"]
        {
            assert!(ReturnTo::parse(way).is_some(), "{way}");
        }
        for way in [
            "",
            "faq",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/%2f/evil.example",
            "/%5cevil",
            "/a//b",
            "/a/../b",
            "/%2e%2e/b",
            "/a\nb",
            "/a b",
            "/\u{e4}",
            "javascript:alert(1)",
            "/anmelden/bundid",
            "/en/anmelden",
            "/saml/bundid/acs",
            "/abmelden",
            "/%0d%0aSet-Cookie:x",
        ] {
            assert_eq!(ReturnTo::parse(way), None, "{way}");
        }
        assert_eq!(ReturnTo::parse(&format!("/{}", "a".repeat(2000))), None);
    }
}
