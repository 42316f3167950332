//! The virus scanner: clamd, asked over its socket while the file is read from the store. Nothing unsealed touches a disk
//! of ours.

use std::{fmt, io, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::{File, Scan, State, records};
use crate::{
    audit::{self, Actor, Entry},
    config::files::ScannerAt,
    jobs::{Failed, Job},
};

/// clamd, where the operator says that it listens.
#[derive(Debug, Clone)]
pub struct Scanner {
    at: ScannerAt,
}

/// What it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    /// With the name of what was found.
    Infected(String),
}

/// For each step: to connect, to take a piece, to answer. A large archive in a PDF takes its time.
const PATIENCE: Duration = Duration::from_secs(120);

impl Scanner {
    pub fn at(at: ScannerAt) -> Self {
        Self { at }
    }

    /// Whether it is there: the version of its signatures, for the operator.
    pub async fn version(&self) -> io::Result<String> {
        let mut line = self.connect().await?;
        line.write_all(b"zVERSION\0").await?;
        answer(&mut line).await
    }

    /// Whether it reads files of so many bytes (`StreamMaxLength`): it refuses a piece by its announced length.
    pub async fn takes(&self, bytes: u64) -> io::Result<bool> {
        const REFUSES_WITHIN: Duration = Duration::from_secs(1);
        let mut line = self.connect().await?;
        line.write_all(b"zINSTREAM\0").await?;
        line.write_all(&u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()).await?;
        line.flush().await?;
        Ok(timeout(REFUSES_WITHIN, answer(&mut line)).await.is_err())
    }

    /// # Errors
    /// If nothing can be said: it is away, slow, or the file is larger than it takes (`StreamMaxLength`).
    pub async fn scan(&self, mut content: impl Stream<Item = io::Result<Bytes>> + Unpin) -> io::Result<Verdict> {
        let mut line = self.connect().await?;
        line.write_all(b"zINSTREAM\0").await?;
        while let Some(piece) = content.next().await {
            let piece = piece?;
            for part in piece.chunks(u16::MAX.into()) {
                let length = u32::try_from(part.len()).expect("a part is short").to_be_bytes();
                let sent = async {
                    line.write_all(&length).await?;
                    line.write_all(part).await
                };
                if timeout(PATIENCE, sent).await?.is_err() {
                    // it hangs up on what is too large, and says so
                    return Err(io::Error::other(answer(&mut line).await?));
                }
            }
        }
        line.write_all(&[0; 4]).await?;
        line.flush().await?;
        let said = answer(&mut line).await?;
        match said.strip_prefix("stream: ") {
            Some("OK") => Ok(Verdict::Clean),
            Some(found) if found.ends_with(" FOUND") => Ok(Verdict::Infected(found.trim_end_matches(" FOUND").into())),
            _ => Err(io::Error::other(said)),
        }
    }

    async fn connect(&self) -> io::Result<Box<dyn Line>> {
        let line = async {
            Ok::<_, io::Error>(match &self.at {
                ScannerAt::Unix(path) => Box::new(UnixStream::connect(path).await?) as Box<dyn Line>,
                ScannerAt::Tcp(address) => Box::new(TcpStream::connect(address).await?),
            })
        };
        timeout(PATIENCE, line).await?
    }
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// One line, ended by a zero.
async fn answer(line: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut said = Vec::new();
    let read = async {
        let mut piece = [0; 512];
        while !said.contains(&0) && said.len() < 4096 {
            match line.read(&mut piece).await? {
                0 => break,
                read => said.extend_from_slice(&piece[..read]),
            }
        }
        Ok::<_, io::Error>(())
    };
    timeout(PATIENCE, read).await??;
    let end = said.iter().position(|byte| *byte == 0).unwrap_or(said.len());
    Ok(String::from_utf8_lossy(&said[..end]).trim().to_owned())
}

/// What became of the file a job was about.
pub struct Scanned {
    pub file: File,
    pub verdict: Verdict,
}

/// Scans the file of a job [`SCAN`](super::SCAN) and writes down what was found, in a transaction that whoever tells
/// others about it goes on with. `None`: the file is gone, or somebody else has judged it.
pub async fn scan(job: &Job) -> Result<Option<(Scanned, crate::store::Tx)>, Failed> {
    let for_now = |why: &dyn fmt::Display| Failed::ForNow(why.to_string());
    let Scan { file } = job.payload()?;
    let store = job.portal.store.for_tenant(&job.tenant);
    let mut tx = store.read().await.map_err(|why| for_now(&why))?;
    let found = super::by_id(&mut tx, file).await.map_err(|why| for_now(&why))?;
    drop(tx);
    let Some(file) = found.filter(|file| matches!(file.state, State::Waiting | State::Unscanned)) else {
        return Ok(None);
    };
    // an operator who has taken the scanner away says so by `unscanned`, never by silence
    let verdict = match job.portal.files.scanner() {
        None => None,
        Some(scanner) => {
            let content = job.portal.files.read(&job.tenant.id, &file).await.map_err(|why| for_now(&why))?;
            let said = scanner.scan(content).await;
            Some(said.map_err(|why| Failed::ForNow(format!("the virus scanner did not judge: {why}")))?)
        }
    };
    let state = match verdict {
        None => State::Unscanned,
        Some(Verdict::Clean) => State::Clean,
        Some(Verdict::Infected(_)) => State::Infected,
    };
    let now = job.portal.clock.now();
    let written = async {
        let mut tx = store.write().await?;
        if !records::judged(&mut tx, file.id, state).await? {
            return Ok(None);
        }
        if let Some(Verdict::Infected(found)) = &verdict {
            let entry = Entry::new(Actor::System, "file.infected").about(file.id);
            audit::record(&mut tx, now, entry.with(serde_json::json!({"found": found}))).await?;
        }
        Ok::<_, crate::store::Error>(Some(tx))
    };
    let tx = written.await.map_err(|why| for_now(&why))?;
    Ok(match (tx, verdict) {
        (Some(tx), Some(verdict)) => Some((Scanned { file, verdict }, tx)),
        (Some(tx), None) => {
            tx.commit().await.map_err(|why| for_now(&why))?;
            None
        }
        (None, _) => None,
    })
}
