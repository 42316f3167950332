//! The machine: time, limits of the kernel, memory, cores, and who runs the portal.

use std::{fs, thread::available_parallelism};

use jiff::{SignedDuration, Timestamp, tz::Offset};
use rustix::process::{Resource, geteuid, getrlimit};

use super::{Finding, House, count, error, note, ok, shown, size, warning};
use crate::{
    clock::local_zone,
    web::front_door::{Limits, OTHER_FILES},
};

/// The year in which this was written: no clock can be right that shows an earlier one.
const YEAR: i16 = 2026;

pub(super) fn clock(house: &House) -> Vec<Finding> {
    let local = house.wall.to_zoned(local_zone());
    let mut found = vec![if local.year() < YEAR {
        error(format!("this machine believes it is {}", local.strftime("%F %R"))).hint("set its clock, best by NTP")
    } else {
        ok(format!("{} in Europe/Berlin ({})", local.strftime("%F %R"), utc_offset(local.offset())))
    }];
    let newest = house.tree.newest.as_ref().and_then(|(time, path)| Some((Timestamp::try_from(*time).ok()?, path)));
    if let Some((changed, path)) = newest.filter(|(changed, _)| *changed > house.wall + SignedDuration::from_mins(5)) {
        let message = format!("was changed on {}, which is still to come", changed.strftime("%F %R UTC"));
        found.push(
            warning(message).at(shown(path)).hint("the clock of this machine is late, or that of another was early"),
        );
    }
    found
}

fn utc_offset(offset: Offset) -> String {
    format!("UTC+{}", offset.seconds() / 3600)
}

pub(super) fn open_files(house: &House) -> Vec<Finding> {
    let connections = house.settings.limits.connections.unwrap_or(Limits::default().connections);
    let wanted = connections as u64 + OTHER_FILES;
    vec![match getrlimit(Resource::Nofile).maximum {
        Some(maximum) if maximum < wanted => warning(format!(
            "needs {wanted} open files for {}, and {maximum} are allowed",
            count(connections, "connection")
        ))
        .at("limits.connections")
        .hint(format!("`LimitNOFILE={wanted}` in the unit of the service, or fewer connections")),
        _ => ok(format!("enough may be open for {}", count(connections, "connection"))),
    }]
}

pub(super) fn watches(house: &House) -> Vec<Finding> {
    let hint = "changes are not noticed by themselves otherwise; SIGHUP reloads";
    if let Err(cause) = notify::recommended_watcher(|_| {}) {
        let message = format!("the kernel gives no watch of files: {cause}");
        return vec![warning(message).at("fs.inotify.max_user_instances").hint(format!("raise it: {hint}"))];
    }
    let place = "fs.inotify.max_user_watches";
    let folders = count(house.tree.folders, "folder");
    vec![match number("/proc/sys/fs/inotify/max_user_watches") {
        None => note("cannot be read").at(place),
        Some(allowed) if allowed < house.tree.folders as u64 => {
            warning(format!("allows {allowed}, and there are {folders} to watch"))
                .at(place)
                .hint(format!("raise it: {hint}"))
        }
        Some(_) => ok(format!("{folders} can be watched")),
    }]
}

/// Measured, see docs/performance.md: the portal with one town, and each further one with its start page.
const ONE_TOWN: u64 = 55_000_000;
const EACH_TOWN: u64 = 58_600;
const CACHE: u64 = 64 * 1024 * 1024;

pub(super) fn machine(house: &House) -> Vec<Finding> {
    let cache = house.settings.limits.cache_bytes.unwrap_or(CACHE);
    let needed = ONE_TOWN + EACH_TOWN * house.towns.len() as u64 + cache;
    let towns = count(house.towns.len(), "town");
    let memory = match available_memory() {
        None => note("how much memory there is cannot be found out"),
        Some(free) if free < needed => warning(format!(
            "is large: with {towns} the portal needs about {}, and {} are free",
            size(needed),
            size(free)
        ))
        .at("limits.cache_bytes")
        .hint("more memory, or a smaller page cache"),
        Some(free) => {
            ok(format!("{} of memory free, {towns} and the page cache need about {}", size(free), size(needed)))
        }
    };
    let cores = match available_parallelism().map_or(1, usize::from) {
        1 => note("one core: one slow request makes the others wait"),
        cores => ok(count(cores, "core")),
    };
    let user = if geteuid().is_root() {
        warning("runs as root").hint("a user of its own, with `CAP_NET_BIND_SERVICE` for port 443")
    } else {
        ok("does not run as root")
    };
    vec![memory, cores, user]
}

/// What the machine has left, or the container, whichever is less.
fn available_memory() -> Option<u64> {
    let told = fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let machine = line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024;
    let limit = number("/sys/fs/cgroup/memory.max");
    let used = number("/sys/fs/cgroup/memory.current").unwrap_or(0);
    Some(limit.map_or(machine, |limit| machine.min(limit.saturating_sub(used))))
}

fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}
