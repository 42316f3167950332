//! Taking over what lies in an old account.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use serde_json::json;

use super::{open_into, records};
use crate::{
    audit::{self, Actor, Entry},
    cases,
    clock::{last_day_before, local_zone},
    error::Result,
    forms::drafts,
    identity::{
        self, CitizenVisit,
        person::{Field, Profile, folded},
    },
    mail::{
        self,
        pages::{MovedMail, write},
    },
    store::Tx,
    tenant::schema::Level,
    web::Visit,
};

/// So many days a clerk can undo a move at least, also after the last day of the window.
const UNDO_DAYS: i64 = 14;

/// Why nothing was taken over. For the log; from outside all look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTakenOver {
    /// Never sent, used, of another session or too old.
    NoLink,
    /// Nothing moves into accounts of this provider now.
    Closed,
    /// The old account is gone, of another provider, or has moved meanwhile.
    NoAccount,
    /// Name or date of birth are not the same, or one side does not know them.
    SomebodyElse,
    /// The old account needs a higher login.
    TooLow,
}

pub type Outcome = std::result::Result<(), NotTakenOver>;

/// Gives everything of the old account to whoever visits. The link is used up, whatever becomes of it: the caller commits
/// in any case.
pub async fn take_over(tx: &mut Tx, visit: &CitizenVisit, link: &str) -> Result<Outcome> {
    let (session, now) = (&visit.session, visit.portal.clock.now());
    let Some((old, expires)) = records::take(tx, link, session.id).await? else { return Ok(Err(NotTakenOver::NoLink)) };
    if session.guest || expires <= now {
        return Ok(Err(NotTakenOver::NoLink));
    }
    let open = open_into(tx, &visit.tenant, &session.provider, now).await?;
    let Some((moving, _)) = open else { return Ok(Err(NotTakenOver::Closed)) };
    let is_of_old = identity::provider_of(tx, old).await?.is_some_and(|provider| provider == moving.from.id);
    if !is_of_old || old == session.account || records::has_moved(tx, old).await? {
        return Ok(Err(NotTakenOver::NoAccount));
    }
    // the older first, as whoever undoes it: two at once do not wait for each other
    for account in [old.min(session.account), old.max(session.account)] {
        identity::hold(tx, account).await?;
    }
    let profiles = (identity::profile(tx, old).await?, identity::profile(tx, session.account).await?);
    let (Some(theirs), Some(mut own)) = profiles else { return Ok(Err(NotTakenOver::NoAccount)) };
    if !is_same_person(&theirs, &own) {
        return Ok(Err(NotTakenOver::SomebodyElse));
    }
    // accounts made before the highest level was kept show it by what they were told
    let told = theirs.details.values().map(|known| known.trust).max().unwrap_or_default();
    let mut needed = theirs.highest.max(told).max(cases::highest_level_of(tx, old).await?);
    for draft in drafts::of_account(tx, old, now).await? {
        needed = needed.max(visit.tenant.online_forms.get(&draft.form).map_or(Level::None, |form| form.login));
    }
    if needed >= Level::Substantiell && session.level() < Level::Substantiell {
        return Ok(Err(NotTakenOver::TooLow));
    }
    let mut moved = records::hand_over(tx, old, session.account).await?;
    moved.contact_before = own.contact.clone();
    moved.notify_before = identity::is_notified(tx, session.account).await?;
    // what somebody has already written down in the new account stays
    let contact = &mut own.contact;
    contact.email = contact.email.take().or_else(|| theirs.contact.email.clone());
    contact.phone = contact.phone.take().or_else(|| theirs.contact.phone.clone());
    contact.locale = contact.locale.take().or_else(|| theirs.contact.locale.clone());
    // whoever has shown an ID once shows it again, wherever their data lie
    own.highest = own.highest.max(if theirs.has_shown_id() { Level::Hoch } else { theirs.highest });
    identity::save_profile(tx, session.account, &own).await?;
    let notify = identity::is_notified(tx, old).await?;
    identity::set_notified(tx, session.account, notify && moved.notify_before).await?;
    let undo_until = moving.end.max(in_days(now, UNDO_DAYS));
    let Some(id) = records::add(tx, old, session.account, &moved, now, undo_until).await? else {
        return Err(crate::error::Error::Unsure);
    };
    records::drop_requests(tx, old).await?;
    identity::end_all(tx, old).await?;
    if let Some(address) = theirs.address() {
        let speaks = Visit { locale: theirs.locale(&visit.tenant), person: None, ..visit.visit.clone() };
        let url = speaks.whole_url("/kontakt");
        let page = MovedMail::of(&moving.from.name, &moving.to.name, speaks.date(last_day_before(undo_until)), url);
        mail::send_to_person(tx, now, old, write(&page, &speaks)?, address, None).await?;
    }
    let by = Actor::Citizen(session.account);
    let counts = json!({"cases": moved.cases.len(), "drafts": moved.drafts.len(), "threads": moved.threads.len()});
    let went = json!({"move": id, "to": session.account, "level": session.level().word(), "moved": counts});
    audit::record(tx, now, Entry::new(by, "account.moved").about(old).concerns([old]).with(went)).await?;
    let came = json!({"move": id, "from": old, "moved": counts});
    let entry = Entry::new(by, "account.taken_over").about(session.account).concerns([session.account]);
    audit::record(tx, now, entry.with(came)).await?;
    Ok(Ok(()))
}

fn in_days(now: Timestamp, days: i64) -> Timestamp {
    now.to_zoned(local_zone()).checked_add(days.days()).map_or(Timestamp::MAX, |then| then.timestamp())
}

/// Family name and date of birth are the same, and the given names of one are all among those of the other: an ID has all of
/// them, an account often the one that somebody goes by. Who has not told one of the three is nobody.
fn is_same_person(one: &Profile, other: &Profile) -> bool {
    let surname = |profile: &Profile| profile.value(Field::Surname).map(folded);
    let names = |profile: &Profile| -> BTreeSet<String> {
        let given = profile.value(Field::GivenName).map(folded).unwrap_or_default();
        given.split([' ', '-']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let (a, b) = (names(one), names(other));
    let same = |get: fn(&Profile) -> Option<String>| get(one).is_some_and(|known| get(other) == Some(known));
    let born: fn(&Profile) -> Option<String> = |profile| profile.value(Field::Birthdate).map(str::to_owned);
    let named = surname(one).is_some_and(|known| !known.is_empty() && surname(other) == Some(known));
    named && same(born) && !a.is_empty() && !b.is_empty() && (a.is_subset(&b) || b.is_subset(&a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::person::{Detail, Source};

    fn person(given: &str, surname: &str, born: &str) -> Profile {
        let mut profile = Profile::default();
        let told = [(Field::GivenName, given), (Field::Surname, surname), (Field::Birthdate, born)];
        let detail = |(field, value): (Field, &str)| Detail {
            field,
            value: value.into(),
            trust: Level::Basis,
            source: Source::Stated,
        };
        profile.refresh(told.map(detail).into());
        profile
    }

    #[test]
    fn the_same_person_has_the_same_family_name_and_birthday_and_goes_by_one_of_their_names() {
        let erika = person("Erika Maria", "Mustermann", "1983-08-12");
        for (given, surname, born, is_same) in [
            ("Erika", "Mustermann", "1983-08-12", true),
            ("ERIKA  MARIA", "mustermann ", "1983-08-12", true),
            ("Maria", "Mustermann", "1983-08-12", true),
            ("Erik", "Mustermann", "1983-08-12", false),
            ("Erika Anna", "Mustermann", "1983-08-12", false),
            ("Erika", "Muster", "1983-08-12", false),
            ("Erika", "Mustermann", "1983-08-13", false),
            ("Erika", "Mustermann", "", false),
            ("", "Mustermann", "1983-08-12", false),
            ("Erika", "", "1983-08-12", false),
        ] {
            let other = person(given, surname, born);
            assert_eq!(is_same_person(&erika, &other), is_same, "{given} {surname} {born}");
            assert_eq!(is_same_person(&other, &erika), is_same, "{given} {surname} {born}");
        }
        let nobody = Profile::default();
        assert!(!is_same_person(&nobody, &nobody));
    }
}
