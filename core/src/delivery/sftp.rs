//! A folder on another machine, by the `sftp` of the system's OpenSSH: its cryptography stays out of this program.
//!
//! Invariant: it speaks to nobody but whom `host_keys` name, with no key but the destination's own; the package reaches no
//! disk of ours, and the key is read by `ssh` where it lies.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    process::{Output, Stdio},
    time::Duration,
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    process::{Pid, Signal, kill_process_group},
};
use tempfile::TempDir;
use tokio::{
    process::Command,
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{Receipt, package::Package};
use crate::{jobs::Failed, tenant::schema::SftpServer};

/// For one attempt: what is largest, over a slow line.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// To take half a package away that was not taken.
const TO_CLEAR: Duration = Duration::from_secs(60);
/// Servers that are slow must not keep every hand of this node.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// Until the other side has said who it is; a line on which nobody says anything is given up after three times that.
const TO_CONNECT: u64 = 10;
/// The name by which `ssh` looks the host keys up, whatever the server is called.
const ALIAS: &str = "destination";
/// What a name begins with while its package is being written; fetching programs pass it by.
const UNFINISHED: &str = ".unfinished-";

/// The turn of a package; `None`: others are on their way.
pub(super) fn turn() -> Option<SemaphorePermit<'static>> {
    AT_ONCE.try_acquire().ok()
}

/// Whole or not at all. A package that lies there already, or half of one, is replaced.
pub(super) async fn put(server: &SftpServer<'_>, package: Package) -> Result<Receipt, Failed> {
    let Package { name, bytes, sha256 } = package;
    let content =
        in_memory(&bytes).map_err(|why| Failed::ForNow(format!("no memory for the package: {}", why.kind())))?;
    drop(bytes);
    let folder = server.folder;
    // servers that rename over nothing that is there get it out of the way; what `-` stands before may fail
    let deed = format!(
        "cd \"{folder}\"\nput -f /proc/self/fd/0 \"{UNFINISHED}{name}\"\n-rm \"{name}\"\n\
         rename \"{UNFINISHED}{name}\" \"{name}\"\n"
    );
    match speak(server, &deed, content.into(), PATIENCE).await {
        Ok(()) => Ok(Receipt { sha256, at: name, said: String::new() }),
        Err(failed) => {
            // half of it may fill the disk there that another attempt needs
            if matches!(failed, Said::No { step: Step::Write, .. }) {
                let clear = format!("cd \"{folder}\"\n-rm \"{UNFINISHED}{name}\"\n");
                let _ = speak(server, &clear, Stdio::null(), TO_CLEAR).await;
            }
            Err(failed.into())
        }
    }
}

/// Whether a package could be handed over there: logs in, enters the folder, and leaves nothing behind.
pub async fn visit(server: &SftpServer<'_>) -> Result<(), Failed> {
    let deed = format!("cd \"{}\"\n", server.folder);
    speak(server, &deed, Stdio::null(), PATIENCE).await.map_err(Failed::from)
}

/// A file without a name that is gone with its last reader.
fn in_memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("package", MemfdFlags::CLOEXEC)?);
    // these are its permissions over there, too
    file.set_permissions(Permissions::from_mode(0o640))?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Lets `sftp` do a deed; `content` is what it finds at `/proc/self/fd/0`.
async fn speak(server: &SftpServer<'_>, deed: &str, content: Stdio, patience: Duration) -> Result<(), Said> {
    let folder = prepared(server, deed).map_err(|why| Said::NotAtAll(format!("nothing could be prepared: {why}")))?;
    let child = command(server, &folder).stdin(content).spawn().map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => Said::NotAtAll("`sftp` is not installed on this machine".into()),
        kind => Said::NotAtAll(format!("`sftp` does not start: {kind}")),
    })?;
    let group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
    let done = timeout(patience, child.wait_with_output()).await;
    match done {
        Ok(Ok(output)) => {
            group.let_go();
            heard(&output)
        }
        Ok(Err(why)) => Err(Said::NotAtAll(format!("`sftp` was lost: {}", why.kind()))),
        Err(_) => Err(Said::NotAtAll("it did not take the package in time".into())),
    }
}

/// What `sftp` reads: its commands, and whom to believe. Nothing in it is a secret, and nobody else may look.
fn prepared(server: &SftpServer<'_>, deed: &str) -> io::Result<TempDir> {
    let folder =
        tempfile::Builder::new().prefix("portal-sftp-").permissions(Permissions::from_mode(0o700)).tempdir()?;
    let known: String = server.host_keys.iter().map(|key| format!("{ALIAS} {key}\n")).collect();
    fs::write(folder.path().join("known_hosts"), known)?;
    fs::write(folder.path().join("deed"), deed)?;
    Ok(folder)
}

/// Nothing of the user that runs the portal plays a part: no settings, no agent, no known hosts, no environment.
fn command(server: &SftpServer<'_>, folder: &TempDir) -> Command {
    let known_hosts = format!("UserKnownHostsFile=\"{}\"", folder.path().join("known_hosts").display());
    let options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        &known_hosts,
        "GlobalKnownHostsFile=/dev/null",
        &format!("HostKeyAlias={ALIAS}"),
        "UpdateHostKeys=no",
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "PreferredAuthentications=publickey",
        &format!("HostName={}", server.host),
        &format!("Port={}", server.port),
        &format!("User={}", server.user),
        &format!("ConnectTimeout={TO_CONNECT}"),
        &format!("ServerAliveInterval={TO_CONNECT}"),
        "ServerAliveCountMax=3",
        "LogLevel=ERROR",
    ];
    let mut command = Command::new("sftp");
    command.env_clear().env("LC_ALL", "C").envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.args(["-F", "none", "-b"]).arg(folder.path().join("deed"));
    // ssh reads `%` in the name of a file as the beginning of something else
    command.arg("-i").arg(server.login_key.display().to_string().replace('%', "%%"));
    command.args(options.iter().flat_map(|option| ["-o", option])).args(["--", ALIAS]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
    command
}

/// `sftp` and the `ssh` it starts: whoever does not wait for them any more ends both.
struct Group(Option<Pid>);

impl Group {
    fn let_go(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Why a deed was not done.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// The other side was not asked, or did not answer.
    NotAtAll(String),
    No {
        step: Step,
        why: &'static str,
    },
    /// Somebody else answered.
    Stranger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    LogIn,
    Enter,
    Write,
}

impl From<Said> for Failed {
    fn from(said: Said) -> Self {
        match said {
            Said::NotAtAll(why) => Self::ForNow(why),
            Said::No { step: Step::LogIn, why } => Self::ForNow(why.into()),
            Said::No { why, .. } => Self::ForNow(format!("the folder there: {why}")),
            // nothing that waiting mends: the key was changed, and somebody has to ask whether that was meant
            Said::Stranger => {
                Self::ForGood("it has another host key than `host_keys` name, and nothing was sent".into())
            }
        }
    }
}

/// What became of it, by the words of OpenSSH; none of them are handed on, they name files and with them cases.
fn heard(output: &Output) -> Result<(), Said> {
    if output.status.success() {
        return Ok(());
    }
    let (done, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(judged(&done, &said))
}

/// `done` repeats the commands up to the one that failed, each on a line after `sftp> `.
fn judged(done: &str, said: &str) -> Said {
    let begun = done.lines().filter_map(|line| line.strip_prefix("sftp> ")).next_back();
    let step = match begun {
        None => Step::LogIn,
        Some(command) if command.starts_with("cd ") => Step::Enter,
        Some(_) => Step::Write,
    };
    let reasons: &[(&str, &str)] = match step {
        Step::LogIn if said.contains("Host key verification failed") || said.contains("no matching host key") => {
            return Said::Stranger;
        }
        Step::LogIn => &[
            ("are too open", "its `login_key` may be read by others, and ssh takes no such key"),
            ("Load key", "its `login_key` is no private key that ssh can read"),
            ("not accessible", "its `login_key` is not there"),
            ("Permission denied (", "it refuses the login"),
            ("No user exists", "the user that runs the portal has no name on this machine"),
            ("Could not resolve", "nobody knows its name"),
            ("timed out", "it did not answer in time"),
            ("connect to host", "no connection"),
        ],
        Step::Enter | Step::Write => &[
            ("No such file", "not there"),
            ("Permission denied", "permission denied"),
            ("Connection", "the connection broke"),
            ("Failure", "it cannot write, is its disk full?"),
        ],
    };
    // what went before a `-` may have failed as well
    let said = if step == Step::LogIn { said } else { said.lines().last().unwrap_or_default() };
    let found = reasons.iter().find(|(word, _)| said.contains(word)).map(|(_, why)| *why);
    Said::No { step, why: found.unwrap_or("the connection broke") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openssh_says_becomes_a_reason_without_names() {
        let put = "sftp> cd \"in\"\nsftp> put -f /proc/self/fd/0 \".unfinished-LOE-1.zip\"\n";
        for (done, said, step, why) in [
            (
                "",
                "portal@host: Permission denied (publickey).\nConnection closed\n",
                Step::LogIn,
                "it refuses the login",
            ),
            (
                "",
                "ssh: connect to host a port 22: Connection refused\nConnection closed\n",
                Step::LogIn,
                "no connection",
            ),
            ("", "ssh: connect to host a port 22: Connection timed out\n", Step::LogIn, "it did not answer in time"),
            ("", "kex_exchange_identification: read: Connection reset by peer\n", Step::LogIn, "the connection broke"),
            ("sftp> cd \"in\"\n", "stat remote: No such file or directory\n", Step::Enter, "not there"),
            (put, "dest open \"/in/.unfinished-LOE-1.zip\": Permission denied\n", Step::Write, "permission denied"),
            (
                put,
                "remote delete /in/x: No such file or directory\nremote rename: Failure\n",
                Step::Write,
                "it cannot write, is its disk full?",
            ),
            (put, "write remote \"/in/x\": Failure\n", Step::Write, "it cannot write, is its disk full?"),
            (put, "Connection closed\n", Step::Write, "the connection broke"),
        ] {
            assert_eq!(judged(done, said), Said::No { step, why }, "{said}");
        }
        let changed = judged("", "Host key for destination has changed\nHost key verification failed.\n");
        assert!(matches!(Failed::from(changed), Failed::ForGood(_)));
    }
}
