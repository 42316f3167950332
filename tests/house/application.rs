//! Applications: a form that a town offers, and somebody who fills it in and sends it.

use crate::{Answer, Browser, Towns};

/// A document that is taken wherever one is asked for.
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n";

impl Towns {
    /// Offers this form at `/dienstleistungen/antrag`; it lies in `forms/hund.yaml`.
    pub fn offers(&self, town: &str, form: impl AsRef<[u8]>) {
        self.write(&format!("{town}/forms/hund.yaml"), form);
        let service = "title: Hund\nshort: Kurz.\nonline: {kind: form, form: hund}\n";
        self.write(&format!("{town}/services/antrag.yaml"), service);
    }
}

impl Browser {
    /// The id of a new draft.
    pub async fn begins(&self, service: &str) -> String {
        let begun = self.post(&format!("/dienstleistungen/{service}/antrag"), &[]).await.is(303);
        begun.header("location").split('/').nth(2).expect("a draft has an address").to_owned()
    }

    /// Looks a draft over, confirms it and presses the last button.
    pub async fn sends(&self, draft: &str) -> Answer {
        let review = format!("/antraege/{draft}/pruefen");
        let seen = self.get(&review).await.is(200).field("seen");
        self.post(&review, &[("seen", &seen), ("confirm", "true")]).await
    }

    /// The same with an account, for a draft that has all it needs; gives back the number of its case.
    pub async fn submits(&self, draft: &str) -> String {
        self.sends(draft).await.is(303);
        self.get(&format!("/antraege/{draft}/gesendet")).await.is(200).case_number()
    }
}

impl Answer {
    /// The number of the first case to which the page leads.
    pub fn case_number(&self) -> String {
        let text = self.text();
        let (_, rest) = text.split_once("/vorgaenge/").expect("the page leads to a case");
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
    }

    /// The number and the code by which somebody without an account finds a case again.
    pub fn number_and_code(&self) -> (String, String) {
        let text = self.text();
        let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'));
        let of = |parts: &[usize]| {
            let found = words.clone().find(|word| word.split('-').map(str::len).eq(parts.iter().copied()));
            found.expect("the page tells a number and a code").to_owned()
        };
        (of(&[3, 4, 6, 1]), of(&[4, 4, 4]))
    }
}
