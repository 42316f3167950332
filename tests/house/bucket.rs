//! An S3 server of the suite's own (`s3s-fs`, which knows nothing of the portal): one bucket, one key, and it looks at every
//! signature.

use std::{
    convert::Infallible,
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{Body, auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// On a free port. Dropping it closes it.
pub struct Bucket {
    pub addr: SocketAddr,
    root: TempDir,
    stumbles: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
    keeper: JoinHandle<()>,
}

const NAME: &str = "portal";
const KEY: &str = "AKPORTAL";
const SECRET: &str = "das Geheimnis des Buckets";

impl Bucket {
    pub async fn open() -> Self {
        let root = TempDir::new().expect("a folder");
        fs::create_dir(root.path().join(NAME)).expect("a bucket");
        fs::write(root.path().join("secret"), SECRET).expect("a secret");
        let mut service = S3ServiceBuilder::new(FileSystem::new(root.path()).expect("a folder"));
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let door = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = door.local_addr().expect("it listens");
        let (stumbles, asked) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counts = (stumbles.clone(), asked.clone());
        let keeper = tokio::spawn(async move {
            while let Ok((stream, _)) = door.accept().await {
                let (service, counts) = (service.clone(), counts.clone());
                let answer = service_fn(move |request: Request<Incoming>| {
                    let (service, (stumbles, asked)) = (service.clone(), counts.clone());
                    async move {
                        asked.fetch_add(1, Ordering::Relaxed);
                        let less = |left: usize| left.checked_sub(1);
                        if stumbles.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
                            return Ok::<_, Infallible>(failed());
                        }
                        Ok(service.call(request.map(Body::from)).await.unwrap_or_else(|_| failed()))
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        Self { addr, root, stumbles, asked, keeper }
    }

    /// `files` in `portal.yaml`, for a bucket that is reached at this address, with a secret that may be wrong.
    pub fn settings(&self, addr: SocketAddr, secret: &str) -> String {
        let place = self.root.path().join(secret).display().to_string();
        format!(
            "files: {{s3: {{bucket: {NAME}, endpoint: \"http://{addr}\", access_key: {KEY}, secret_key: \"file:{place}\"}}}}\n"
        )
    }

    /// A secret that the server does not know, for [`Bucket::settings`].
    pub fn wrong_secret(&self) -> &'static str {
        fs::write(self.root.path().join("wrong"), "geraten").expect("a secret");
        "wrong"
    }

    /// So many requests from now on are answered with 500.
    pub fn stumbles(&self, times: usize) {
        self.stumbles.store(times, Ordering::Relaxed);
    }

    /// How many requests came.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Where the objects of a town lie.
    pub fn town(&self, town: &str) -> PathBuf {
        self.root.path().join(NAME).join(town)
    }

    /// What lies in the bucket of a town.
    pub fn objects(&self, town: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.town(town)).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
    }

    /// Uploads that have begun and were neither finished nor given up.
    pub fn unfinished(&self) -> usize {
        let entries = fs::read_dir(self.root.path()).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().contains("upload_id")).count()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

fn failed() -> Response<Body> {
    let mut answer = Response::new(Body::from("<Error><Code>InternalError</Code></Error>".to_owned()));
    *answer.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    answer
}
