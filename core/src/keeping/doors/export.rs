//! `/meine-daten/export`

use std::io::{self, BufWriter, Write};

use bytes::Bytes;
use futures_util::stream;
use poem::{Body, Response, handler, http::header};
use tokio::sync::mpsc;

use super::{
    super::{everything_as_zip, everything_of, pages::export::ExportPage},
    level_of,
};
use crate::{
    audit::{self, Actor, Entry},
    cases,
    error::{Error, Result},
    identity::{
        CitizenVisit,
        doors::{private, see_other},
    },
    web::Sandboxed,
};

/// What is written at once, and how many such pieces wait for a slow line.
const PIECE: usize = 64 * 1024;
const WAITING: usize = 4;

#[handler]
pub async fn offer(visit: CitizenVisit) -> Result<Response> {
    let again = way(&visit).await?;
    private(&visit, &ExportPage { guest: visit.session.guest, again })
}

/// The login that the data asks for; `None`: the one at hand is enough.
async fn way(visit: &CitizenVisit) -> Result<Option<String>> {
    let mut tx = visit.store().read().await?;
    let level = level_of(visit, cases::highest_level_of(&mut tx, visit.session.account).await?);
    Ok(if visit.session.level() >= level { None } else { visit.is_stale(level) })
}

/// The file, written while it is read by whoever asked for it.
#[handler]
pub async fn hand_out(visit: CitizenVisit) -> Result<Response> {
    visit.takes_deeds()?;
    if visit.session.guest || way(&visit).await?.is_some() {
        return see_other(&visit.url("/meine-daten/export"));
    }
    let (account, now) = (visit.session.account, visit.portal.clock.now());
    let mut tx = visit.store().write().await?;
    let entry = Entry::new(Actor::Citizen(account), "person.exported").about(account);
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    let mut tx = visit.store().read().await?;
    let everything =
        everything_of(&mut tx, &visit.tenant, Some(&visit.locale), account, now).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let (sender, receiver) = mpsc::channel(WAITING);
    let (files, tenant, request) = (visit.portal.files.clone(), visit.tenant.id.clone(), visit.request_id.clone());
    tokio::task::spawn_blocking(move || {
        let out = BufWriter::with_capacity(PIECE, Line(sender.clone()));
        if let Err(error) = everything_as_zip(everything, &files, &tenant, out) {
            tracing::warn!(%tenant, %request, %error, "everything of a person could not be given out whole");
            // who is still there learns that something is missing
            let _ = sender.blocking_send(Err(error));
        }
    });
    let body = stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
    let name = format!("attachment; filename=\"meine-daten-{}.zip\"", visit.portal.clock.local().date());
    let mut response = Response::builder()
        .content_type("application/zip")
        .header(header::CONTENT_DISPOSITION, name)
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_bytes_stream(body));
    response.extensions_mut().insert(Sandboxed);
    Ok(response)
}

/// The way to whoever reads; whoever has gone away ends it.
struct Line(mpsc::Sender<io::Result<Bytes>>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
