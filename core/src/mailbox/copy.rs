//! A conversation as PDF, to keep or to print.

use poem::{Response, http::header};

use super::{Message, Sender, Thread};
use crate::{
    clock::local_zone,
    error::Result,
    paper::{self, Letterhead, thread},
    web::Visit,
};

/// The messages of a thread on the town's paper. `from`: who has sent each; `number`: of the case.
pub async fn copy(
    visit: &Visit,
    about: &Thread,
    number: Option<String>,
    messages: &[Message],
    from: impl Fn(Sender) -> String,
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let closed = visit.text("paper.thread.closed");
    let printed = messages.iter().map(|message| thread::Message {
        from: from(message.sender),
        at: visit.moment(message.sent),
        text: if message.body.is_empty() { closed.clone() } else { message.body.clone() },
        files: Vec::new(),
    });
    let copy = thread::Thread {
        subject: about.subject.clone(),
        lang: visit.locale.lang().to_owned(),
        printed: now.to_zoned(local_zone()),
        printed_shown: visit.moment(now),
        number: number.clone(),
        messages: printed.collect(),
    };
    let document = thread::of(&copy, &|name| visit.text(name));
    let bytes = paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?;
    let name = format!("attachment; filename=\"{}.pdf\"", number.unwrap_or_else(|| about.id.to_string()));
    let response = Response::builder().content_type("application/pdf").header(header::CONTENT_DISPOSITION, name);
    Ok(response.header(header::CACHE_CONTROL, "no-store").body(bytes))
}
