//! Where files of citizens lie, and whether anybody looks into them.

use std::{io, path::Path, time::Duration};

use rustix::fs::{Access, access};

use super::{Finding, House, asked, error, note, ok, shown, warning};
use crate::{
    config::files::{LARGEST, Settings},
    files::{FILES_FOLDER, Files, scanner::Scanner},
};

pub(super) fn place(house: &House) -> Vec<Finding> {
    let settings = &house.settings.files;
    if let Some(s3) = &settings.s3 {
        if let Err(why) = s3.secret_key.read() {
            return vec![error(why.to_string()).at("files.s3.secret_key").hint(why.hint)];
        }
        return vec![bucket(settings, &format!("s3://{}", s3.bucket), &house.settings.data)];
    }
    let folder = settings.folder.clone().unwrap_or_else(|| house.settings.data.join(FILES_FOLDER));
    vec![match (folder.is_dir(), access(&folder, Access::WRITE_OK | Access::EXEC_OK)) {
        (false, _) => note("does not exist yet; the first start makes it").at(shown(&folder)),
        (true, Ok(())) => ok("files lie here, sealed").at(shown(&folder)),
        (true, Err(cause)) => error(format!("cannot be written: {}", io::Error::from(cause)))
            .at(shown(&folder))
            .hint("give it to the user that runs the portal"),
    }]
}

/// Lists a little: whoever may not do that may not do the rest either.
fn bucket(settings: &Settings, place: &str, data: &Path) -> Finding {
    let answer = asked(async {
        let files = Files::open(settings, None, data).map_err(io::Error::other)?;
        tokio::time::timeout(PATIENCE, files.answers()).await?.map_err(io::Error::other)
    });
    match answer {
        Ok(()) => ok("files lie in a bucket that answers").at(place),
        Err(why) => error(format!("files lie in a bucket that cannot be used: {why}"))
            .at(place)
            .hint("is `files.s3` in `portal.yaml` what its operator says: endpoint, region, bucket, keys?"),
    }
}

/// Longer than a scanner on this machine takes to say hello.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn scanner(house: &House) -> Vec<Finding> {
    let Some(at) = &house.settings.files.scanner else {
        let told = "nobody scans files for viruses; clerks are told so at each of them";
        let hint = "`files: {scanner: unix:/run/clamav/clamd.ctl}` in `portal.yaml`";
        return vec![if house.has_live() { warning(told) } else { note(told) }.at("files.scanner").hint(hint)];
    };
    let largest = house.settings.limits.upload.unwrap_or(LARGEST);
    let scanner = Scanner::at(at.clone());
    let answer = asked(async {
        let version = tokio::time::timeout(PATIENCE, scanner.version()).await??;
        Ok((version, tokio::time::timeout(PATIENCE, scanner.takes(largest)).await??))
    });
    vec![match answer {
        Ok((_, false)) => warning("refuses the largest files that the portal takes; those are never opened")
            .at(at)
            .hint("set `StreamMaxLength` in `clamd.conf` to `limits.upload` at least"),
        Ok((version, true)) => ok(format!("answers: {version}")).at(at),
        Err(why) => error(format!("does not answer: {why}"))
            .at(at)
            .hint("files wait for it; is clamd running, and may the user of the portal use its socket?"),
    }]
}
