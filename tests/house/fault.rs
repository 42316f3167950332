//! Errors of the disk, while a process is running: strace lets system calls fail.

use std::{path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::binary::PATIENCE;

/// Calls of a process fail until the fault is mended.
pub struct Fault(Child);

impl Fault {
    /// Whether this machine lets one program trace another; `tests/run` says aloud if it does not.
    pub fn can_be_made() -> bool {
        let tried = std::process::Command::new("strace").args(["-qq", "-e", "trace=none", "true"]).output();
        let can = tried.is_ok_and(|tried| tried.status.success());
        if !can {
            eprintln!("left out: no tracing here");
        }
        can
    }

    /// From now on these calls fail with this error (`ENOSPC`) wherever they touch one of the files.
    pub async fn in_process(id: u32, calls: &[&str], error: &str, files: &[&Path]) -> Self {
        let calls = calls.join(",");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-p", &id.to_string()]);
        strace.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:error={error}")]);
        for file in files {
            strace.arg("-P").arg(file);
        }
        let mut child = strace.kill_on_drop(true).stderr(Stdio::piped()).spawn().expect("strace starts");
        let mut told = BufReader::new(child.stderr.take().expect("piped")).lines();
        let attached = async {
            while let Some(line) = told.next_line().await.expect("text") {
                if line.contains("attached") {
                    return true;
                }
            }
            false
        };
        assert!(tokio::time::timeout(PATIENCE, attached).await.expect("it attaches"), "strace could not attach");
        // it goes on telling of new threads, and nobody has to read it
        tokio::spawn(async move { while let Ok(Some(_)) = told.next_line().await {} });
        Self(child)
    }

    /// The disk works again.
    pub async fn mend(mut self) {
        let id = self.0.id().expect("it runs").to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(told.success());
        self.0.wait().await.expect("it ends");
    }
}
