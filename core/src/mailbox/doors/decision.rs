//! A decision in the Postkorb: how it stands, and opening it.

use jiff::Timestamp;
use poem::Response;
use serde_json::json;

use crate::{
    audit::{self, Actor, Entry},
    cases::Who,
    error::{Error, Result},
    identity::{CitizenVisit, doors::see_other},
    mailbox::{
        Thread,
        decisions::{self, Decision, Fate, Opening, day_of},
        pages::decision::{DecisionState, DecisionView},
    },
    store::Tx,
    tenant::Said,
    theme::markdown,
    web::{Sent, Visit},
};

/// The person opens a decision of the thread, and agrees to have it here if they say so. The moment is evidence.
pub(super) async fn open(mut tx: Tx, visit: &CitizenVisit, thread: &Thread, sent: &Sent) -> Result<Response> {
    let (now, account) = (visit.portal.clock.now(), visit.session.account);
    let consents = sent.value("do").as_deref() == Some("consent");
    let message =
        sent.value("message").and_then(|id| id.parse().ok()).ok_or(Error::BadRequest("`message` is no id"))?;
    let case = thread.case.ok_or(Error::NotFound)?;
    let all = decisions::of_case(&mut tx, case).await?;
    let decision = all.iter().find(|decision| decision.message == message).ok_or(Error::NotFound)?;
    let who = Who::Citizen(Some(account));
    if sent.value("do").as_deref() == Some("decline") {
        if decisions::decline(&mut tx, decision, who, now).await? {
            let entry = Entry::new(Actor::Citizen(account), "decision.declined").about(message);
            audit::record(&mut tx, now, entry.with(json!({"case": case, "thread": thread.id}))).await?;
        }
        tx.commit().await?;
        return see_other(&visit.url(&format!("/postkorb/{}#nachricht-{message}", thread.id)));
    }
    let opening = decisions::open(&mut tx, decision, consents, who, now).await?;
    if opening == Opening::Opened {
        crate::mailbox::read_one(&mut tx, thread.id, message, now).await?;
        let consent = decision.asks().then_some(consents);
        let entry = Entry::new(Actor::Citizen(account), "decision.retrieved").about(message);
        let details =
            json!({"case": case, "thread": thread.id, "consent": consent, "level": visit.session.level().word()});
        audit::record(&mut tx, now, entry.with(details)).await?;
    }
    tx.commit().await?;
    see_other(&visit.url(&format!("/postkorb/{}#nachricht-{message}", thread.id)))
}

pub(super) fn view(visit: &Visit, thread: &Thread, decision: &Decision) -> DecisionView {
    let german = (visit.locale.lang() != "de").then_some("de");
    let date = |at: Timestamp| visit.date(day_of(at));
    let rule = decision.told.rule;
    let provided = day_of(decision.provided);
    let next = decision.next.map(date);
    let state = match decision.fate {
        Fate::Provided => {
            let until = rule.and_then(|rule| rule.open_until(provided)).map(|day| visit.date(day));
            DecisionState::Provided { asks: decision.asks(), counts: next.filter(|_| until.is_none()), until }
        }
        Fate::Retrieved => {
            DecisionState::Retrieved { at: visit.moment(decision.retrieved.unwrap_or(decision.provided)), counts: next }
        }
        Fate::Announced => DecisionState::Announced { on: date(decision.announced.unwrap_or(decision.provided)) },
        Fate::NotAnnounced => {
            let last = rule.and_then(|rule| rule.open_until(provided)).unwrap_or(provided);
            DecisionState::NotAnnounced { since: visit.date(last) }
        }
        Fate::ByPost => DecisionState::ByPost { on: decision.posted.map(date) },
    };
    DecisionView {
        id: decision.message.to_string(),
        state,
        provided: visit.moment(decision.provided),
        basis: decision.told.basis.as_ref().map(|text| Said { text: text.clone(), html: String::new(), lang: german }),
        remedy: decision.told.remedy.as_ref().map(|text| Said {
            text: text.clone(),
            html: markdown::to_html_below(text, 3),
            lang: german,
        }),
        pdf: decision.is_open().then(|| visit.url(&format!("/postkorb/{}/bescheide/{}", thread.id, decision.message))),
    }
}
