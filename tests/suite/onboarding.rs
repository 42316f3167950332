//! A town joins: written, ready, live, under another address – told by the real binary.

mod address;
mod join;
mod look;
mod ready;
mod schema;

use std::process::Output;

use portal_tests::{Towns, binary::run};

/// What a command said and how it ended.
struct Told {
    code: Option<i32>,
    said: String,
    complained: String,
}

impl Told {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), said: text(&output.stdout), complained: text(&output.stderr) }
    }

    #[track_caller]
    fn is(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.said, self.complained);
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.said.contains(text), "`{text}` is missing in:\n{}", self.said);
        self
    }

    #[track_caller]
    fn omits(self, text: &str) -> Self {
        assert!(!self.said.contains(text), "`{text}` stands in:\n{}", self.said);
        self
    }

    #[track_caller]
    fn complains(self, text: &str) -> Self {
        assert!(self.complained.contains(text), "`{text}` is missing in:\n{}", self.complained);
        self
    }
}

/// `portal tenant …` in a folder of towns.
async fn tenant(towns: &Towns, arguments: &[&str]) -> Told {
    let mut all = vec!["tenant"];
    all.extend_from_slice(arguments);
    all.extend(["--tenants", towns.path().to_str().unwrap()]);
    Told::of(&run(&all).await)
}

const NEW: [&str; 8] =
    ["new", "bad-musterau", "--name", "Bad Musterau", "--host", "portal.bad-musterau.de", "--extends", "_land"];

/// The fixture towns, and a new one beside them.
async fn with_bad_musterau() -> Towns {
    let towns = Towns::fixture();
    tenant(&towns, &NEW).await.is(0);
    towns
}

/// Everything that `ready` asked for.
fn fill_in(towns: &Towns) {
    let provider = "- {id: rathaus, kind: oidc, name: Stadtkonto, issuer: https://konto.bad-musterau.example, \
                    client_id: portal, client_secret: env:STADTKONTO}\n";
    towns.write("bad-musterau/identity.yaml", provider);
    let text = towns.read("bad-musterau/tenant.yaml");
    let facts = "address: {street: Kurpark 1, zip: \"99995\", city: Bad Musterau}\nphone: \"+49 30 23125-500\"\n\
                 email: rathaus@bad-musterau.example\n";
    towns.write("bad-musterau/tenant.yaml", text + facts);
    towns.change("bad-musterau/offices.yaml", "  # phone: \"+49 …\"", "  phone: \"+49 30 23125-501\"");
}
