//! A mail server that keeps every letter it says to have taken, word for word.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A letter as it came over the wire, with its header.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: Vec<String>,
    pub text: String,
}

/// What it says to every recipient; nothing is friendly.
type Mood = Arc<Mutex<Option<&'static str>>>;

/// Dropping it closes it; letters are lost then.
pub struct Letterbox {
    pub addr: SocketAddr,
    letters: Arc<Mutex<Vec<Letter>>>,
    mood: Mood,
    keeper: JoinHandle<()>,
}

impl Letterbox {
    pub async fn open() -> Self {
        let door = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = door.local_addr().expect("it listens");
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let mood = Mood::default();
        let (kept, moods) = (letters.clone(), mood.clone());
        let keeper = tokio::spawn(async move {
            while let Ok((guest, _)) = door.accept().await {
                let (kept, mood) = (kept.clone(), moods.clone());
                tokio::spawn(async move {
                    // whoever hangs up in the middle has delivered nothing
                    let _ = take(guest, &kept, &mood).await;
                });
            }
        });
        Self { addr, letters, mood, keeper }
    }

    /// Answers every recipient so from now on: `450 4.2.0 later\r\n`.
    pub fn answer(&self, with: Option<&'static str>) {
        *self.mood.lock().expect("nobody panics in a mood") = with;
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().expect("nobody panics with letters in hand").clone()
    }
}

impl Drop for Letterbox {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// One conversation in SMTP (RFC 5321), as much of it as a sender needs.
async fn take(guest: TcpStream, kept: &Mutex<Vec<Letter>>, mood: &Mutex<Option<&'static str>>) -> std::io::Result<()> {
    let (hears, mut says) = guest.into_split();
    let mut lines = BufReader::new(hears).lines();
    let mut to = Vec::new();
    says.write_all(b"220 letterbox.example\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let no = *mood.lock().expect("nobody panics in a mood");
        let answer = match line.to_ascii_uppercase().split([' ', ':']).next().unwrap_or_default() {
            "EHLO" | "HELO" => "250-letterbox.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "RCPT" if no.is_some() => no.unwrap_or_default(),
            "RCPT" => {
                to.push(line.split(['<', '>']).nth(1).unwrap_or_default().to_owned());
                "250 ok\r\n"
            }
            "RSET" => {
                to.clear();
                "250 ok\r\n"
            }
            "DATA" => {
                says.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                loop {
                    let Some(line) = lines.next_line().await? else { return Ok(()) };
                    if line == "." {
                        break;
                    }
                    // a line that begins with a dot was given one more on its way (RFC 5321, 4.5.2)
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                let letter = Letter { to: std::mem::take(&mut to), text };
                kept.lock().expect("nobody panics with letters in hand").push(letter);
                "250 taken\r\n"
            }
            "QUIT" => {
                says.write_all(b"221 goodbye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok\r\n",
        };
        says.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
