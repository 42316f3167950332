//! Files that were confirmed stay, whatever happens to the portal; and what a file costs it while it comes in.

use std::{fs, path::Path};

use portal_tests::{
    Browser, Database, OSTRAU, WESTRAU,
    binary::{NOBODY_IS_TOO_FAST, Process, serving, within},
};
use tempfile::TempDir;
use tokio::{sync::mpsc::channel, task::JoinSet};

use super::{files_on, house, jpeg, pdf, towns};

async fn drafts(authority: &str) -> (Browser, String) {
    let guest = Browser::at(authority, OSTRAU);
    let draft = guest.begins("abholung").await;
    (guest, format!("/antraege/{draft}/was"))
}

#[tokio::test]
async fn killed_while_files_come_in_the_portal_has_every_file_that_it_confirmed() {
    const AT_ONCE: usize = 3;
    let kills = std::env::var("KILLS").map_or(4, |kills| kills.parse().expect("KILLS is a number"));
    let (database, towns) = (Database::fresh().await, towns());
    let mut kept = Vec::new();
    for kill in 0..kills {
        let portal = Process::node(&towns, &database, &[]).await;
        let (tell, mut told) = channel(AT_ONCE);
        let mut people = JoinSet::new();
        for person in 0..AT_ONCE {
            let (authority, tell) = (portal.authority().to_owned(), tell.clone());
            let content = [&jpeg(100, 100)[..], &vec![(kill * AT_ONCE + person) as u8; 400_000]].concat();
            // one draft after the other, one file in each, until no answer comes
            people.spawn(async move {
                loop {
                    let guest = Browser::at(&authority, OSTRAU);
                    let Ok(begun) = guest.try_post("/dienstleistungen/abholung/antrag", &[]).await else { break };
                    let step = begun.is(303).header("location").to_owned();
                    let file = [("foto", "IMG.jpg", &content[..])];
                    let Ok(answer) = guest.try_post_files(&step, &[("do", "upload")], &file).await else { break };
                    let link = files_on(&answer.is(200)).pop().expect("a file");
                    tell.send((guest, link, content.clone()))
                        .await
                        .unwrap_or_else(|_| panic!("somebody writes it down"));
                }
            });
        }
        drop(tell);
        for _ in 0..=2 + kill {
            kept.push(told.recv().await.expect("files are taken"));
        }
        portal.signal("KILL");
        while let Some(confirmed) = told.recv().await {
            kept.push(confirmed);
        }
        while let Some(person) = people.join_next().await {
            person.expect("people do not panic");
        }
    }
    let portal = Process::node(&towns, &database, &[]).await;
    for (guest, link, content) in &mut kept {
        guest.authority = portal.authority().to_owned();
        let answer = guest.get(link).await.is(200);
        assert!(answer.bytes == *content, "{link} came back otherwise");
    }
    println!("{kills} kills, {} files confirmed, all of them kept", kept.len());
}

#[tokio::test]
async fn on_a_full_disk_a_file_is_refused_and_nothing_else_is_lost() {
    let (towns, data, files) = (towns(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let place = files.path().to_str().unwrap();
    let script = format!("mount -t tmpfs -o size=3m none {place} && exec \"$@\"");
    let disk = ["unshare", "--mount", "--map-root-user", "sh", "-c", &script, "sh"];
    if !std::process::Command::new(disk[0]).args(&disk[1..]).arg("true").status().is_ok_and(|tried| tried.success()) {
        eprintln!("left out: no disks of one's own here");
        return;
    }
    towns.write("portal.yaml", format!("{NOBODY_IS_TOO_FAST}files: {{folder: {place}}}\n"));
    let portal = Process::start(within(&disk, &serving(&towns, &["--data", data.path().to_str().unwrap()]))).await;
    let disk =
        Path::new("/proc").join(portal.id().to_string()).join("root").join(files.path().strip_prefix("/").unwrap());
    let erika = Browser::at(portal.authority(), OSTRAU);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    let step = format!("/antraege/{}/hund", erika.begins("antrag").await);
    let (large, small) = (pdf(5_000_000), pdf(500_000));
    let words = [("rufname", "Waldi")];
    let page = erika.post_files(&step, &words, &[("schein", "Schein.pdf", &large)]).await.is(507);
    page.says("gerade nicht speichern").says("value=\"Waldi\"");
    // nothing of it is in the way of what fits
    let page =
        erika.post_files(&step, &[words[0], ("do", "upload")], &[("schein", "Schein.pdf", &small)]).await.is(200);
    assert!(erika.get(&files_on(&page)[0]).await.is(200).bytes == small);
    let left: Vec<_> = fs::read_dir(disk.join("ostrau")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn a_file_of_a_hundred_megabytes_costs_no_more_memory_than_a_small_one() {
    const MIB: usize = 1024 * 1024;
    let (database, towns) = (Database::fresh().await, towns());
    towns.write("portal.yaml", "limits: {upload: 104857600, rates: {login: off, mail: off, search: off}}\n");
    let portal = Process::node(&towns, &database, &[]).await;
    let peak = || {
        let status = fs::read_to_string(format!("/proc/{}/status", portal.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux counts it");
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    };
    let mut peaks = vec![peak()];
    // what it takes to hold parts and to hand them on it takes for the first; whatever is larger costs nothing more
    for size in [10, 10, 50, 100] {
        let photo = [&jpeg(8000, 6000)[..], &vec![7; size * MIB - 10_000]].concat();
        let (guest, step) = drafts(portal.authority()).await;
        let page = guest.post_files(&step, &[("do", "upload")], &[("foto", "gross.jpg", &photo)]).await.is(200);
        let link = files_on(&page).pop().expect("a file");
        assert!(guest.get(&link).await.is(200).bytes == photo);
        peaks.push(peak());
    }
    println!("MiB at the start, after 10, 10, 50 and 100: {:?}", peaks.iter().map(|it| it / MIB).collect::<Vec<_>>());
    assert!(peaks[4] - peaks[2] < 25 * MIB, "{} MiB more", (peaks[4] - peaks[2]) / MIB);
}

#[tokio::test]
async fn files_stand_in_the_order_in_which_they_were_chosen() {
    let house = house().await;
    for host in [OSTRAU, WESTRAU] {
        let erika = house.citizen(host, "erika", "basis").await;
        let names = ["fünf.pdf", "vier.pdf", "drei.pdf", "zwei.pdf", "eins.pdf"];
        let content = pdf(100);
        let files: Vec<(&str, &str, &[u8])> = names.iter().map(|name| ("files", *name, &content[..])).collect();
        let fields = [("about", "amt:steueramt"), ("subject", "Unterlagen"), ("message", "Hier sind sie.")];
        let sent = erika.post_files("/postkorb/neu", &fields, &files).await.is(303);
        let thread = sent.header("location").split('?').next().expect("an address").to_owned();
        let page = erika.get(&thread).await.is(200).text();
        let places: Vec<_> = names.iter().map(|name| page.find(name).expect("it is there")).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}
