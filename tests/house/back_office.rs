//! A program of the town hall that is called with packages: it answers as a test says, and remembers what came.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How it answers.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// A status with a short sentence.
    Status(u16),
    /// To another address of its own.
    Elsewhere,
    /// After a while.
    Late(Duration),
    /// Nothing: it reads everything and hangs up.
    Nothing,
    /// It hangs up in the middle of a yes.
    Half,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Call {
    /// Request line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next();
        found.unwrap_or_else(|| panic!("no `{name}` in {}", self.head))
    }
}

/// On a free port. Dropping it closes it.
pub struct BackOffice {
    pub addr: SocketAddr,
    answers: Arc<Mutex<VecDeque<Says>>>,
    calls: Arc<Mutex<Vec<Call>>>,
    keeper: JoinHandle<()>,
}

impl BackOffice {
    /// It answers 200 unless [`BackOffice::will`] says something else.
    pub async fn open() -> Self {
        let door = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = door.local_addr().expect("it listens");
        let (answers, calls) = (Arc::<Mutex<VecDeque<Says>>>::default(), Arc::<Mutex<Vec<Call>>>::default());
        let (script, book) = (answers.clone(), calls.clone());
        let keeper = tokio::spawn(async move {
            while let Ok((stream, _)) = door.accept().await {
                tokio::spawn(answer(stream, script.clone(), book.clone()));
            }
        });
        Self { addr, answers, calls, keeper }
    }

    /// The next answers, one for each call.
    pub fn will(&self, answers: &[Says]) {
        self.answers.lock().expect("nobody panics with it in hand").extend(answers);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("nobody panics with it in hand").clone()
    }
}

impl Drop for BackOffice {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn answer(mut stream: TcpStream, answers: Arc<Mutex<VecDeque<Says>>>, calls: Arc<Mutex<Vec<Call>>>) {
    let Some(call) = read(&mut stream).await else { return };
    calls.lock().expect("nobody panics with it in hand").push(call);
    let says = answers.lock().expect("nobody panics with it in hand").pop_front().unwrap_or(Says::Status(200));
    let answer = match says {
        Says::Status(status) => format!("HTTP/1.1 {status} So\r\ncontent-length: 10\r\n\r\nAngekommen"),
        Says::Elsewhere => "HTTP/1.1 307 Da\r\nlocation: /woanders\r\ncontent-length: 0\r\n\r\n".to_owned(),
        Says::Late(pause) => {
            tokio::time::sleep(pause).await;
            "HTTP/1.1 202 So\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        Says::Nothing => return,
        Says::Half => "HTTP/1.1 200 So\r\ncontent-length: 1000\r\n\r\nAnge".to_owned(),
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Call> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes.split_off(end + 4);
    let mut call = Call { head, body: Vec::new() };
    let length: usize = call.header("content-length").parse().ok()?;
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    call.body = body;
    Some(call)
}
