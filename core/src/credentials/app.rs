//! The app on the telephone that shows a code every half minute (RFC 6238), and how it gets to know an account.

use jiff::Timestamp;
use qrcode::{Color, QrCode};
use serde::Serialize;
use totp_rs::{Builder, Totp};

use crate::error::{Error, Result};

/// 160 bits for an app (RFC 4226).
pub fn new_secret() -> Vec<u8> {
    let mut secret = vec![0; 20];
    aws_lc_rs::rand::fill(&mut secret).expect("the system has random numbers");
    secret
}

/// What a page shows so that an app gets to know an account.
#[derive(Serialize)]
pub struct App {
    pub qr: Qr,
    /// The secret for typing, in groups of four.
    pub secret: String,
    /// `otpauth://totp/…`: opens the app on the device that shows the page.
    pub otpauth: String,
}

impl App {
    /// `issuer` is whose account it is for, `account` its name there. Fails for names that no app or picture holds.
    pub fn of(secret: &[u8], issuer: &str, account: &str) -> Result<Self> {
        let app = totp(secret, issuer, account).ok_or_else(|| Error::internal("a name that no app can show"))?;
        let otpauth = app.to_url().map_err(Error::internal)?;
        let letters: Vec<char> = app.secret().to_base32().chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        let qr = Qr::of(&otpauth).ok_or_else(|| Error::internal("an address that no picture holds"))?;
        Ok(Self { qr, secret: groups.join(" "), otpauth })
    }
}

/// A QR code as an SVG path of unit squares, because the policy allows neither `data:` nor inline styles.
#[derive(Serialize)]
pub struct Qr {
    /// Modules on each side, without the quiet zone.
    size: usize,
    path: String,
}

impl Qr {
    /// `None`: the text is longer than such a picture holds (2953 bytes).
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::new(text).ok()?;
        let is_dark = |(i, color): (usize, Color)| (color == Color::Dark).then_some(i);
        let dark = code.to_colors().into_iter().enumerate().filter_map(is_dark);
        let path = dark.map(|i| format!("M{} {}h1v1h-1z", i % code.width(), i / code.width())).collect();
        Some(Self { size: code.width(), path })
    }
}
/// The app's side of a secret: six digits every 30 seconds, by SHA-1 because most apps know nothing else.
fn totp(secret: &[u8], issuer: &str, account: &str) -> Option<Totp> {
    let plain = |text: &str| text.replace(':', " ");
    let builder = Builder::new().with_secret(secret.to_vec()).with_issuer(Some(plain(issuer)));
    builder.with_account_name(plain(account)).build().ok()
}

/// The step of a code that is right now, or was half a minute ago; a step counts once.
pub fn step_of(secret: &[u8], code: &str, last: i64, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = totp(secret, "portal", "account")?;
    let time = u64::try_from(now.as_second()).ok()?;
    let step = i64::try_from(totp.check(&code, time)?).ok()?;
    (step > last).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_once_and_for_a_minute_at_most() {
        let secret = new_secret();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let code = totp(&secret, "portal", "account").unwrap().generate(1_800_000_000).to_string();
        let step = step_of(&secret, &code, 0, now).expect("it is right");
        assert_eq!(step_of(&secret, &code, step, now), None, "used before");
        assert_eq!(step_of(&secret, &code, 0, now + jiff::SignedDuration::from_secs(90)), None, "too late");
        assert_eq!(step_of(&secret, "12345", 0, now), None);
    }
}
