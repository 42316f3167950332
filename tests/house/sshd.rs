//! An OpenSSH server of the suite's own: the user that runs it may log in with one key, and do nothing but SFTP.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

/// Dropping it ends it.
pub struct Sshd {
    pub port: u16,
    /// Who may log in.
    pub user: String,
    process: Child,
    /// What it has, its own.
    folder: TempDir,
    /// What the portal has.
    keys: TempDir,
}

const PROGRAM: &str = "/usr/sbin/sshd";
/// Root would be let in everywhere, and wants a folder of the system's; this user has nothing.
const NOBODY: (&str, u32) = ("nobody", 65534);

impl Sshd {
    /// Whether Debian's `openssh-server` is installed; `tests/run` says aloud if it is not.
    pub fn is_installed() -> bool {
        let is_there = Path::new(PROGRAM).exists();
        if !is_there {
            eprintln!("left out: no sshd here");
        }
        is_there
    }

    pub async fn start() -> Self {
        let (folder, keys) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        for key in [folder.path().join("host"), keys.path().join("login"), keys.path().join("other")] {
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key).status();
            assert!(made.expect("ssh-keygen is there").success());
        }
        let place = folder.path().display();
        fs::copy(keys.path().join("login.pub"), folder.path().join("authorized")).expect("a key");
        let port =
            TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address").port();
        let settings = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/authorized\n\
             PidFile none\nUsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\n\
             Subsystem sftp internal-sftp\nForceCommand internal-sftp -d {place}\n"
        );
        fs::write(folder.path().join("sshd_config"), settings).expect("a file");
        let user = if is_root() { NOBODY.0.to_owned() } else { said("id", &["-un"]) };
        own(folder.path());
        for file in ["host", "authorized", "sshd_config"] {
            own(&folder.path().join(file));
        }
        let process = serve(folder.path(), port, "unlimited").await;
        Self { port, user, process, folder, keys }
    }

    /// From now on no file grows beyond a few hundred bytes, or again as much as it likes.
    pub async fn is_full(&mut self, full: bool) {
        self.process.kill().and_then(|()| self.process.wait()).expect("it runs");
        self.process = serve(self.folder.path(), self.port, if full { "1" } else { "unlimited" }).await;
    }

    /// A folder into which it writes: a name below the one in which a login begins.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        if !folder.exists() {
            fs::create_dir(&folder).expect("a folder");
            own(&folder);
        }
        folder
    }

    pub fn let_write(&self, name: &str, mode: u32) {
        fs::set_permissions(self.folder(name), fs::Permissions::from_mode(mode)).expect("our folder");
    }

    /// `ssh-ed25519 AAAA…`
    pub fn host_key(&self) -> String {
        public(&self.folder.path().join("host.pub"))
    }

    /// The private key that is let in.
    pub fn login_key(&self) -> PathBuf {
        self.keys.path().join("login")
    }

    /// A private key that is not, and its public half.
    pub fn other_key(&self) -> (PathBuf, String) {
        (self.keys.path().join("other"), public(&self.keys.path().join("other.pub")))
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A disk that is full says so in a write, and kills nobody.
async fn serve(folder: &Path, port: u16, blocks: &str) -> Child {
    let place = folder.display();
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {PROGRAM} -D -e -f {place}/sshd_config");
    let mut command = as_its_user();
    command.args(["sh", "-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let process = command.spawn().expect("sshd starts");
    answers(port).await;
    process
}

async fn answers(port: u16) {
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("sshd does not answer");
}

fn is_root() -> bool {
    said("id", &["-u"]) == "0"
}

/// A command of the user that runs the server.
fn as_its_user() -> Command {
    let mut command = Command::new(if is_root() { "setpriv" } else { "env" });
    if is_root() {
        command.args(["--reuid", NOBODY.0, "--regid", "nogroup", "--clear-groups"]);
    }
    command
}

/// Gives something to the user that runs the server.
fn own(path: &Path) {
    // who is not root owns it already
    let _ = chown(path, Some(NOBODY.1), Some(NOBODY.1));
}

fn public(path: &Path) -> String {
    let line = fs::read_to_string(path).expect("a public key");
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("it runs");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}
