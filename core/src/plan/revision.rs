//! A revision of git as one side of a plan: its folders, taken out into a temporary one.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// Why the two sides cannot be looked at, and what to do about it.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub message: String,
    pub hint: String,
}

impl Refusal {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// Folders as they were at a revision.
#[derive(Debug)]
pub struct Revision {
    pub tenants: PathBuf,
    /// The folder `themes` beside that of the tenants, where the revision has one.
    pub themes: Option<PathBuf>,
    /// Where all of it lies, and how that is told: `HEAD~1:`.
    pub root: PathBuf,
    pub shown: String,
    _folder: TempDir,
}

/// Takes the folder `to` out of a revision of the repository that holds it, and the themes beside it.
pub fn take(revision: &str, to: &Path) -> Result<Revision, Refusal> {
    let inside = git(to, &["rev-parse", "--show-prefix"]).map_err(|error| no_repository(to, error))?;
    let commit = git(to, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
        .map_err(|_| {
            let message =
                format!("`{revision}` is neither a folder nor a revision of the repository of `{}`", to.display());
            Refusal::new(message, "`--from` names a folder with one folder per town, a branch, a tag or a commit")
        })?;
    let tenants = inside.trim_end_matches('/');
    let themes =
        Path::new(tenants).parent().map(|above| above.join("themes").display().to_string()).unwrap_or_default();
    let has = |path: &str| git(to, &["cat-file", "-e", &format!("{commit}:{path}")]).is_ok();
    if !has(tenants) {
        let message = format!("revision `{revision}` has no folder `{tenants}`");
        return Err(Refusal::new(message, format!("`git log --oneline -- {tenants}` names revisions that have it")));
    }
    let mut wanted: Vec<&str> = [tenants].into_iter().filter(|path| !path.is_empty()).collect();
    let has_themes = !tenants.is_empty() && has(&themes);
    wanted.extend(has_themes.then_some(themes.as_str()));
    let folder = TempDir::with_prefix("portal-plan-").map_err(|error| unpacked(revision, &error))?;
    unpack(to, &commit, &wanted, folder.path()).map_err(|error| unpacked(revision, &error))?;
    let root = folder.path().to_owned();
    Ok(Revision {
        tenants: root.join(tenants),
        themes: has_themes.then(|| root.join(&themes)),
        root,
        shown: format!("{revision}:"),
        _folder: folder,
    })
}

fn no_repository(to: &Path, error: std::io::Error) -> Refusal {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Refusal::new("`git` is not installed", "name a folder with `--from`, or install git");
    }
    let message = format!("`{}` lies in no git repository ({error})", to.display());
    Refusal::new(message, "name a folder with `--from`")
}

fn unpacked(revision: &str, error: &std::io::Error) -> Refusal {
    let message = format!("revision `{revision}` cannot be unpacked: {error}");
    Refusal::new(message, "is there room in the folder for temporary files?")
}

/// git for a folder, whatever repository a hook around us is about, and without programs that its settings name.
fn git_in(folder: &Path) -> Command {
    let mut git = Command::new("git");
    for surrounding in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(surrounding);
    }
    git.args(["-c", "core.fsmonitor=false", "-C"]).arg(folder);
    git
}

/// What git says, or why it does not.
fn git(folder: &Path, arguments: &[&str]) -> std::io::Result<String> {
    let output = said(git_in(folder).args(arguments).stdin(Stdio::null()).output()?)?;
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}

fn unpack(folder: &Path, commit: &str, paths: &[&str], target: &Path) -> std::io::Result<()> {
    let root = git(folder, &["rev-parse", "--show-toplevel"])?;
    let mut archive = git_in(Path::new(&root));
    archive.args(["archive", "--format=tar", commit, "--"]).args(paths);
    let mut child = archive.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().expect("it is piped");
    let result = tar::Archive::new(&mut stdout).unpack(target);
    // git waits for the padding after the end of the archive to be read
    std::io::copy(&mut stdout.by_ref(), &mut std::io::sink())?;
    said(child.wait_with_output()?)?;
    result
}

fn said(output: Output) -> std::io::Result<Vec<u8>> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let line = told.lines().next().unwrap_or("git gave no reason").trim_start_matches("fatal: ");
    Err(std::io::Error::other(line.to_owned()))
}
