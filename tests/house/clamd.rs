//! A clamd of the suite's own, with one signature: the test file that every scanner knows (EICAR), wherever in a file it
//! stands.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use portal::{config::files::ScannerAt, files::scanner::Scanner};
use tempfile::TempDir;

/// Dropping it ends it.
pub struct Clamd {
    process: Child,
    folder: TempDir,
}

const PROGRAM: &str = "/usr/sbin/clamd";
/// The first letters of the test file; the whole of it would make scanners find something in this one.
const EICAR: &str = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR";

impl Clamd {
    pub fn is_installed() -> bool {
        PathBuf::from(PROGRAM).exists()
    }

    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let letters: String = EICAR.bytes().map(|byte| format!("{byte:02x}")).collect();
        let signature = format!("Portal.Test.Eicar:0:*:{letters}\n");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("signatures")).expect("a folder");
        std::fs::write(path("signatures/portal.ndb"), signature).expect("a file");
        let settings = format!(
            "Foreground yes\nLocalSocket {}\nDatabaseDirectory {}\nTemporaryDirectory {}\nStreamMaxLength 200M\n\
             MaxFileSize 200M\nMaxScanSize 200M\n",
            path("socket").display(),
            path("signatures").display(),
            folder.path().display()
        );
        std::fs::write(path("clamd.conf"), settings).expect("a file");
        let mut command = Command::new(PROGRAM);
        let command = command.arg("--config-file").arg(path("clamd.conf"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let clamd = Self { process: process.expect("Debian's `clamav-daemon` is installed"), folder };
        let scanner = Scanner::at(clamd.at());
        for _ in 0..600 {
            if scanner.version().await.is_ok() {
                return clamd;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("clamd does not answer");
    }

    pub fn at(&self) -> ScannerAt {
        ScannerAt::Unix(self.folder.path().join("socket"))
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
