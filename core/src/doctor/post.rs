//! Whether mails of live towns reach anybody.

use super::{Finding, House, error, idp::open_to_all, note, ok};

pub(super) fn mail(house: &House) -> Vec<Finding> {
    let settings = &house.settings.mail;
    let Some(relay) = &settings.smtp else {
        let folder = house.settings.data.join("mail");
        return vec![if house.has_live() {
            error(format!("mails of live towns stay in `{}` and reach nobody", folder.display()))
                .at("mail.smtp")
                .hint("name the mail server in `portal.yaml`: `smtps://USER@HOST:465`")
        } else {
            note(format!("no town is live, and mails stay in `{}`", folder.display())).at("mail.smtp")
        }];
    };
    let server = format!("{}:{}", relay.host, relay.port);
    let mut found = Vec::new();
    match (&relay.user, &settings.password) {
        (Some(_), None) => found.push(
            error("names a user and no password").at("mail.password").hint("`file:/run/secrets/smtp` or `env:NAME`"),
        ),
        (_, Some(place)) => {
            found.extend(open_to_all(place));
            found.extend(place.read().err().map(|why| error(why.to_string()).at("mail.password").hint(why.hint)));
        }
        (None, None) => {}
    }
    if let Some(Err(why)) = settings.ca.as_ref().map(std::fs::metadata) {
        found.push(error(format!("cannot be read: {why}")).at("mail.ca"));
    }
    if found.is_empty() {
        found.push(ok(format!("mails of live towns go to `{server}`")).at("mail.smtp"));
    }
    found
}
