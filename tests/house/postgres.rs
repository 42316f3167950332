//! A PostgreSQL server that belongs to one test, so that the test may stop it.

use std::{path::PathBuf, process::Command};

use tempfile::TempDir;

use crate::root;

/// Dropping it takes the server and everything in it away.
pub struct Postgres {
    folder: TempDir,
    address: String,
}

impl Postgres {
    /// Starts one with [`tests/postgres`](../../tests/postgres); nothing if PostgreSQL is not installed, which
    /// `tests/run` says aloud.
    pub fn start() -> Option<Self> {
        let known = script().arg("find").output().expect("bash runs");
        if !known.status.success() {
            eprintln!("left out: PostgreSQL is not installed");
            return None;
        }
        let mut server = Self { folder: TempDir::new().expect("a temporary folder"), address: String::new() };
        server.address = server.tell("start");
        Some(server)
    }

    /// Where its superuser logs in.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        let after_user = self.address.split_once('@').expect("an address with a user").1;
        after_user.split('/').next().expect("an address with a host")
    }

    /// Where the server keeps everything.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// Where PostgreSQL's own programs lie.
    pub fn programs() -> PathBuf {
        let told = script().arg("find").output().expect("bash runs");
        String::from_utf8(told.stdout).expect("text").trim().into()
    }

    /// Stops it in order; everything is kept.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Stops it as a crash would; everything that was promised is kept.
    pub fn kill(&self) {
        self.tell("kill");
    }

    /// Starts it again on the same port.
    pub fn again(&self) {
        self.tell("again");
    }

    /// Its processes stand still: connections are taken, and nobody answers.
    pub fn pause(&self) {
        self.tell("pause");
    }

    pub fn go_on(&self) {
        self.tell("go-on");
    }

    fn tell(&self, verb: &str) -> String {
        let told = script().arg("--in").arg(self.folder()).arg(verb).output().expect("bash runs");
        assert!(told.status.success(), "tests/postgres {verb}: {}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).expect("text").trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.tell("remove");
    }
}

fn script() -> Command {
    Command::new(root().join("tests/postgres"))
}
