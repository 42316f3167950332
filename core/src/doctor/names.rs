//! Whether the name servers know the hosts of live towns.

use std::{
    collections::BTreeMap,
    io,
    net::ToSocketAddrs,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use super::{Finding, House, count, note, ok, some, warning};

/// For all hosts together; whoever looks at a machine does not wait for its name servers.
const PATIENCE: Duration = Duration::from_secs(2);
const HANDS: usize = 16;

pub(super) fn names(house: &House) -> Vec<Finding> {
    let hosts: Vec<String> = house.live().map(|town| town.canonical_host().to_string()).collect();
    if hosts.is_empty() {
        return Vec::new();
    }
    let known = resolve(hosts.clone());
    let unknown: Vec<&String> = hosts.iter().filter(|host| matches!(known.get(*host), Some(Answer::Unknown))).collect();
    let silent = hosts.iter().filter(|host| !matches!(known.get(*host), Some(Answer::Known | Answer::Unknown))).count();
    let mut found = Vec::new();
    if !unknown.is_empty() {
        let hint = "an A or AAAA record that leads to the portal or its proxy";
        found.push(warning(format!("the name servers do not know {}", some(&unknown))).hint(hint));
    }
    if silent > 0 {
        found.push(note(format!("{} not looked up: no name server answered in time", count(silent, "host"))));
    }
    if found.is_empty() { vec![ok(format!("the name servers know {}", count(hosts.len(), "host")))] } else { found }
}

enum Answer {
    Known,
    Unknown,
    /// No name server could be asked.
    Silence,
}

fn resolve(hosts: Vec<String>) -> BTreeMap<String, Answer> {
    let (tell, told) = mpsc::channel();
    let waiting = Arc::new(Mutex::new(hosts));
    for _ in 0..HANDS {
        let (tell, waiting) = (tell.clone(), waiting.clone());
        // the system's resolver knows no deadline: a hand that hangs is left behind
        std::thread::spawn(move || {
            let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
            while let Some(host) = next() {
                let answer = look_up(&host);
                if tell.send((host, answer)).is_err() {
                    break;
                }
            }
        });
    }
    drop(tell);
    let (begin, mut known) = (Instant::now(), BTreeMap::new());
    loop {
        match told.recv_timeout(PATIENCE.saturating_sub(begin.elapsed())) {
            Ok((host, answer)) => _ = known.insert(host, answer),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return known,
        }
    }
}

fn look_up(host: &str) -> Answer {
    let outcome = (host.trim_start_matches('[').trim_end_matches(']'), 443).to_socket_addrs();
    match outcome.map(|mut addresses| addresses.next().is_some()) {
        Ok(true) => Answer::Known,
        Ok(false) => Answer::Unknown,
        Err(error) if is_silence(&error) => Answer::Silence,
        Err(_) => Answer::Unknown,
    }
}

/// The system has no kind of error for it: glibc says "Temporary failure", musl "Try again".
fn is_silence(error: &io::Error) -> bool {
    let told = error.to_string();
    told.contains("emporary failure") || told.contains("ry again")
}
