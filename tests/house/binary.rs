//! The real executable, started as an operator starts it.

use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{Output, Stdio},
    sync::OnceLock,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
};

use crate::{Answer, Database, Towns, root};

/// Longer than anything here takes; only a broken house ever waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Builds `portal` once and says where it is.
pub fn executable() -> &'static PathBuf {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| {
        // `tests/run` has built it already and says where
        if let Some(built) = std::env::var_os("PORTAL_BIN") {
            return built.into();
        }
        let built = std::process::Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "portal-cli"])
            .current_dir(root())
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the binary does not build");
        let suite = std::env::current_exe().expect("the suite is a file");
        suite.parent().and_then(|deps| deps.parent()).expect("target/debug/deps").join("portal")
    })
}

/// `portal` with these arguments, in the project's folder, without the operator's environment.
pub fn command<W: AsRef<OsStr>>(arguments: &[W]) -> Command {
    within(&[], arguments)
}

/// The same, started by another program, which becomes it.
pub fn within<W: AsRef<OsStr>>(starter: &[&str], arguments: &[W]) -> Command {
    let portal = executable().to_str().expect("a path in UTF-8");
    let mut words = starter.iter().chain([&portal]);
    let mut command = Command::new(words.next().expect("there is one at least"));
    command.args(words).args(arguments).current_dir(root()).kill_on_drop(true).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PORTAL_")) {
        command.env_remove(name);
    }
    command
}

/// For `portal.yaml`.
pub const NOBODY_IS_TOO_FAST: &str = "limits: {rates: {login: off, mail: off, forms: off, search: off}}\n";

/// The words after `portal` for a house with these towns. Nobody is too fast for it, unless the test has written a
/// `portal.yaml` beside the towns.
pub fn serving(towns: &Towns, arguments: &[&str]) -> Vec<String> {
    if !towns.path().join("portal.yaml").exists() {
        towns.write("portal.yaml", NOBODY_IS_TOO_FAST);
    }
    let folder = towns.path().to_str().expect("a path in UTF-8");
    let settings = format!("{folder}/portal.yaml");
    let first =
        ["serve", "--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0", "--tenants", folder, "--config", &settings];
    first.iter().chain(arguments).map(|word| (*word).to_owned()).collect()
}

/// Runs to the end.
pub async fn run(arguments: &[&str]) -> Output {
    tokio::time::timeout(PATIENCE, command(arguments).output()).await.expect("it ends").expect("it starts")
}

/// A serving house as a process.
pub struct Process {
    pub address: String,
    pub ops: String,
    /// What it printed on stdout until it was ready.
    pub greeting: Vec<String>,
    child: Child,
    stderr: ChildStderr,
    /// What it keeps, unless it was told to keep it elsewhere.
    _data: TempDir,
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// `portal serve` on free ports with these further arguments.
    pub async fn serve(arguments: &[&str]) -> Self {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0"];
        all.extend_from_slice(arguments);
        Self::start(command(&all)).await
    }

    /// A node with these towns and this database ([`serving`]); whatever else it keeps stays beside the database.
    pub async fn node(towns: &Towns, database: &Database, arguments: &[&str]) -> Self {
        let (room, data) = (database.arguments(), database.folder().to_str().expect("a path in UTF-8"));
        let mut all: Vec<&str> = room.iter().map(String::as_str).chain(["--data", data]).collect();
        all.extend_from_slice(arguments);
        Self::start(command(&serving(towns, &all))).await
    }

    pub async fn start(mut command: Command) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        command.env("PORTAL_DATA", data.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut stderr = child.stderr.take().expect("piped");
        let mut greeting = Vec::new();
        let ready = async {
            while let Some(line) = stdout.next_line().await.expect("text") {
                greeting.push(line.clone());
                if let Some(ops) = line.strip_prefix("health and metrics http://") {
                    return Some(ops.to_owned());
                }
            }
            None
        };
        let Some(ops) = tokio::time::timeout(PATIENCE, ready).await.expect("it gets ready") else {
            let mut told = String::new();
            let _ = stderr.read_to_string(&mut told).await;
            panic!("it ended before it was ready: {told}");
        };
        let address = greeting[0].strip_prefix("listening ").expect("the first line").to_owned();
        Self { address, ops, greeting, child, stderr, _data: data, _stdout: stdout }
    }

    /// Host and port of the front door.
    pub fn authority(&self) -> &str {
        self.address.split_once("://").expect("an address").1
    }

    pub async fn get(&self, host: &str, path: &str) -> Answer {
        Answer::fetch(self.authority(), path, &[("host", host)]).await
    }

    /// From the operator's side door.
    pub async fn ops(&self, path: &str) -> Answer {
        Answer::fetch(&self.ops, path, &[("host", "localhost")]).await
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Asks until the answer says what it should: reloads take their moment.
    pub async fn get_until(&self, host: &str, path: &str, accept: impl Fn(&Answer) -> bool) -> Answer {
        let asked = async {
            let mut pace = tokio::time::interval(Duration::from_millis(25));
            loop {
                pace.tick().await;
                let answer = self.get(host, path).await;
                if accept(&answer) {
                    return answer;
                }
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("it changes")
    }

    /// Ends it in the middle of whatever it does (SIGKILL); gives back what it had logged.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.expect("it runs");
        let mut log = String::new();
        let _ = self.stderr.read_to_string(&mut log).await;
        log
    }

    /// Sends SIGTERM; gives back the exit code and everything it logged.
    pub async fn stop(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let mut log = String::new();
        let ended = async {
            let _ = self.stderr.read_to_string(&mut log).await;
            self.child.wait().await.expect("it ends")
        };
        let status = tokio::time::timeout(PATIENCE, ended).await.expect("it ends in time");
        (status.code(), log)
    }
}
