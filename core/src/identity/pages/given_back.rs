//! A deed came after the login was over: the words of its form, to be sent again.

use serde::Serialize;

use super::private;
use crate::web::{Head, Page, Upload, Visit};

/// Fields in which people write at length.
pub const WORDS: [&str; 5] = ["message", "text", "note", "reason", "why"];

/// Posts everything as it came to `action`, once somebody is logged in again in another window.
#[derive(Serialize)]
pub struct GivenBackPage {
    pub action: String,
    /// Where the login begins.
    pub way_in: String,
    /// What was written.
    pub words: Vec<Words>,
    /// The other fields of the form.
    pub hidden: Vec<Words>,
    /// Files have to be chosen again; `None`: the form had none.
    pub upload: Option<Upload>,
}

#[derive(Serialize)]
pub struct Words {
    pub name: String,
    pub value: String,
}

impl Page for GivenBackPage {
    const TEMPLATE: &'static str = "given_back.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, "given_back.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let field = |name: &str, value: &str| Words { name: name.into(), value: value.into() };
        let page = |upload| Self {
            action: visit.url("/postkorb/neu"),
            way_in: visit.url("/anmelden"),
            words: vec![field("message", &visit.specimen("Eine lange Nachricht.", "A long message.").text)],
            hidden: vec![field("subject", "x")],
            upload,
        };
        vec![page(None), page(Some(Upload::specimen(5)))]
    }
}
