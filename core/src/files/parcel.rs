//! What a browser sends with a form in which files can be chosen, still packed. It is opened by whoever knows that the
//! sender may hand something over here: until then nothing is read.

use std::{
    future::ready,
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use multer::Multipart;
use poem::{Body, Error as PoemError, FromRequest, Request, RequestBody, http::header};
use uuid::Uuid;

use super::{Files, NewFile, Refusal, place::NotKept};
use crate::{
    error::{Error, Result},
    tenant::TenantId,
    web::{
        Budget, MOST_FIELDS, Sent, Visit,
        front_door::{BodyWatch, Peer},
    },
};

/// A request whose body nobody has read yet.
pub struct Parcel {
    body: Body,
    content_type: String,
    watch: Option<BodyWatch>,
    from: Option<IpAddr>,
}

/// A file that came with a form.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The field it came in.
    pub input: String,
    /// As the browser calls it; for sentences about it.
    pub name: String,
    pub outcome: std::result::Result<NewFile, Refusal>,
}

/// Files of one request, however many fields there are.
pub(super) const MOST_FILES: usize = 20;
/// As much as a form without files may hold.
const MOST_WORDS: usize = 64 * 1024;

impl<'a> FromRequest<'a> for Parcel {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self {
            body: body.take()?,
            content_type: request.header(header::CONTENT_TYPE).unwrap_or_default().to_owned(),
            watch: request.data::<BodyWatch>().cloned(),
            from: request.data::<Peer>().map(|peer| peer.addr),
        })
    }
}

impl Parcel {
    /// The words of the form, and the files: each is judged and kept in the store while it comes in. Until
    /// [`keep`](super::keep) gives them rows they belong to nobody. What comes in other fields than `inputs` is not kept.
    pub async fn open(self, visit: &Visit, files: &Files, inputs: &[&str]) -> poem::Result<(Sent, Vec<Arrived>)> {
        self.open_if(visit, files, inputs, |_| ready(Ok(true))).await
    }

    /// The same where the form itself says who sends it: `knows` judges the words that stand before the first file. Where it
    /// says no, the rest is not read, and the words so far are all there is.
    pub async fn open_if<F: Future<Output = Result<bool>> + Send>(
        self,
        visit: &Visit,
        files: &Files,
        inputs: &[&str],
        knows: impl FnOnce(Sent) -> F + Send,
    ) -> poem::Result<(Sent, Vec<Arrived>)> {
        let Self { body, content_type, watch, from } = self;
        let Ok(boundary) = multer::parse_boundary(&content_type) else {
            return Ok((Sent::read(&content_type, body, watch.as_ref()).await?, Vec::new()));
        };
        let mut arrived = Vec::new();
        let tenant = &visit.tenant.id;
        let spend = || from.map_or(Ok(()), |from| visit.portal.throttle.spend(Budget::Uploads, tenant, from));
        let bound = Bound { boundary: &boundary, tenant, spend: &spend };
        let opened = unpack(files, body.into_bytes_stream(), bound, (inputs, &mut arrived), knows).await;
        if opened.is_err() {
            clear_up(visit, &arrived, &Ok(())).await;
        }
        opened.map(|sent| (sent, arrived)).map_err(|error| match watch.as_ref().and_then(BodyWatch::fault) {
            Some(fault) => PoemError::from_status(fault.status()),
            None => error.into(),
        })
    }
}

/// What came and got no row – there was no room, something else was wrong, the same form came twice – leaves the store at
/// once. Where that fails, or nobody knows whether there is a row (`outcome`), the hourly sweep finds it after a day.
pub async fn clear_up<T>(visit: &Visit, arrived: &[Arrived], outcome: &Result<T>) {
    if matches!(outcome, Err(Error::Unsure)) {
        return;
    }
    let kept: Vec<Uuid> = arrived.iter().filter_map(|one| one.outcome.as_ref().ok()).map(|file| file.id).collect();
    if kept.is_empty() {
        return;
    }
    let cleared = async {
        let (mut tx, mut unneeded) = (visit.store().read().await?, Vec::new());
        for id in kept {
            if super::by_id(&mut tx, id).await?.is_none() {
                unneeded.push(id);
            }
        }
        drop(tx);
        for id in unneeded {
            visit.portal.files.remove(&visit.tenant.id, id).await.map_err(Error::internal)?;
        }
        Ok::<_, Error>(())
    };
    if let Err(error) = cleared.await {
        tracing::warn!(tenant = %visit.tenant.id, %error, "files nobody needs stay for a day");
    }
}

/// How a parcel is bound, and whose it is.
pub(super) struct Bound<'a> {
    pub boundary: &'a str,
    pub tenant: &'a TenantId,
    /// Asked before each file that is kept.
    pub spend: &'a (dyn Fn() -> Result<()> + Sync),
}

pub(super) async fn unpack<F: Future<Output = Result<bool>> + Send>(
    files: &Files,
    body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    bound: Bound<'_>,
    (inputs, arrived): (&[&str], &mut Vec<Arrived>),
    knows: impl FnOnce(Sent) -> F + Send,
) -> Result<Sent> {
    let mut knows = Some(knows);
    let fed = Arc::new(AtomicUsize::new(0));
    let mut parts = Multipart::new(limited(unhurried(body), fed.clone()), bound.boundary);
    let (mut words, mut length, mut strange) = (Vec::new(), 0, 0);
    let broken = |_| Error::BadRequest("the form broke off");
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        fed.store(0, Ordering::Relaxed);
        let input = part.name().unwrap_or_default().to_owned();
        let Some(name) = part.file_name().map(str::to_owned) else {
            let mut value = Vec::new();
            while let Some(piece) = part.chunk().await.map_err(broken)? {
                fed.store(0, Ordering::Relaxed);
                length += piece.len();
                if length > MOST_WORDS {
                    return Err(Error::TooLarge);
                }
                value.extend_from_slice(&piece);
            }
            let value = String::from_utf8(value).map_err(|_| Error::BadRequest("the form is no text in UTF-8"))?;
            words.push((input, value));
            if words.len() > MOST_FIELDS {
                return Err(Error::TooLarge);
            }
            continue;
        };
        if let Some(knows) = knows.take()
            && !knows(sent(&words)?).await?
        {
            return sent(&words);
        }
        if arrived.len() + strange >= MOST_FILES {
            return Err(Error::TooLarge);
        }
        if !inputs.contains(&input.as_str()) {
            strange += 1;
            while part.chunk().await.map_err(broken)?.is_some() {
                fed.store(0, Ordering::Relaxed);
            }
            continue;
        }
        // browsers send a part without a name and without content where nobody chose a file
        let mut first = part.chunk().await.map_err(broken)?;
        while first.as_ref().is_some_and(Bytes::is_empty) {
            first = part.chunk().await.map_err(broken)?;
        }
        let Some(first) = first else {
            if !name.is_empty() {
                arrived.push(Arrived { input, name, outcome: Err(Refusal::Empty) });
            }
            continue;
        };
        let told = fed.clone();
        let rest = stream::try_unfold((part, told), |(mut part, told)| async move {
            let piece = part.chunk().await.map_err(io::Error::other)?;
            told.store(0, Ordering::Relaxed);
            Ok::<_, io::Error>(piece.map(|piece| (piece, (part, told))))
        });
        (bound.spend)()?;
        let pieces = Box::pin(stream::once(async { Ok(first) }).chain(rest));
        let outcome = match files.take(bound.tenant, &name, pieces).await {
            Ok(file) => Ok(file),
            Err(NotKept::Refused(refusal)) => Err(refusal),
            Err(NotKept::Line) => return Err(Error::BadRequest("a file broke off")),
        };
        arrived.push(Arrived { input, name, outcome });
    }
    sent(&words)
}

fn sent(words: &[(String, String)]) -> Result<Sent> {
    Sent::of(form_urlencoded::Serializer::new(String::new()).extend_pairs(words).finish().into_bytes())
}

/// The parser searches all it holds again with each piece that comes: what does not become a part, or a piece of one, within
/// this many bytes is refused.
const MOST_BETWEEN: usize = 1 << 20;

fn limited(
    stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    fed: Arc<AtomicUsize>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream.map(move |piece| {
        let piece = piece?;
        match fed.fetch_add(piece.len(), Ordering::Relaxed) + piece.len() {
            total if total > MOST_BETWEEN.max(2 * piece.len()) => Err(io::Error::other("a part without an end")),
            _ => Ok(piece),
        }
    })
}

/// The parser takes whatever is there, and over a fast line that is everything: after each piece it waits for a moment.
fn unhurried<T>(stream: impl Stream<Item = T> + Send + 'static) -> impl Stream<Item = T> + Send {
    let (mut stream, mut rests) = (Box::pin(stream), false);
    stream::poll_fn(move |cx| {
        if std::mem::take(&mut rests) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = stream.poll_next_unpin(cx);
        rests = next.is_ready();
        next
    })
}

/// What came in one field, by what became of it: kept, refused.
pub fn sorted<'a>(arrived: &'a [Arrived], input: &str) -> (Vec<&'a NewFile>, Vec<(&'a str, Refusal)>) {
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for one in arrived.iter().filter(|one| one.input == input) {
        match &one.outcome {
            Ok(file) => kept.push(file),
            Err(refusal) => refused.push((one.name.as_str(), *refusal)),
        }
    }
    (kept, refused)
}
