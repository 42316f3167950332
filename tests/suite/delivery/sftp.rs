//! A folder on another machine: an OpenSSH server that nobody has told anything about the portal.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, pin::pin, time::Duration};

use portal_tests::{Detour, OSTRAU, Road, Sshd, WESTRAU, binary::command};

use super::*;

/// An entry of a town whose packages go to its own folder there, by this port.
fn entry(sshd: &Sshd, port: u16, host_key: &str) -> String {
    format!(
        "kind: sftp, host: 127.0.0.1, port: {port}, user: {}, folder: \"{{town}}\", login_key: \"file:{}\", \
         host_keys: [{host_key}]",
        sshd.user,
        sshd.login_key().display(),
    )
}

fn usual(sshd: &Sshd) -> String {
    entry(sshd, sshd.port, &sshd.host_key())
}

/// What lies there, hidden files as well.
fn lies_in(sshd: &Sshd, folder: &str) -> Vec<String> {
    files_in(&sshd.folder(folder))
}

/// What the last attempt of a package of Ostrau came to.
async fn last_error(scene: &Scene) -> String {
    let store = scene.house.portal.store.platform().remains_of("ostrau");
    let all = portal::delivery::not_delivered(&mut store.read().await.unwrap(), true, 9).await.unwrap();
    all.into_iter().filter_map(|delivery| delivery.last_error).collect()
}

#[tokio::test]
async fn a_package_lies_whole_in_its_folder_and_twice_is_once() {
    if !Sshd::is_installed() {
        return;
    }
    let sshd = Sshd::start().await;
    let scene = scene(&usual(&sshd)).await;
    for (host, town, own) in [(OSTRAU, "ostrau", 0), (WESTRAU, "westrau", 1)] {
        let folder = sshd.folder(town);
        let (erika, number) = scene.submits(host).await;
        let name = format!("{number}.zip");
        // a half one of an attempt that was lost is in nobody's way
        fs::write(folder.join(format!(".unfinished-{name}")), vec![7; 3_000_000]).unwrap();
        fs::set_permissions(folder.join(format!(".unfinished-{name}")), fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(scene.house.work_off().await, 1);
        erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("An das Fachverfahren übergeben");
        assert_eq!(lies_in(&sshd, town), [name.as_str()]);
        let package = fs::read(folder.join(&name)).unwrap();
        assert!(is_sound(&package, &scene.keys[own]));

        // the other side has it, and nobody here knows
        let database = &scene.house.database;
        let lost = "update deliveries set state = 'failed', receipt = null where tenant_id = ";
        database.tamper(&format!("{lost}'{town}'")).await;
        let store = scene.house.portal.store.platform().remains_of(town);
        let mut tx = store.write().await.unwrap();
        let delivery = portal::delivery::not_delivered(&mut tx, false, 1).await.unwrap().remove(0);
        let again = portal::delivery::retry(
            &mut tx,
            delivery.id,
            portal::audit::Actor::Operator,
            scene.house.portal.clock.now(),
        );
        assert!(again.await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(scene.house.work_off().await, 1);
        assert_eq!(lies_in(&sshd, town), [name.as_str()]);
        assert!(fs::read(folder.join(&name)).unwrap() == package, "the same bytes");
    }
    assert_eq!(scene.states("delivered").await, 2);
}

#[tokio::test]
async fn a_server_with_another_host_key_gets_nothing_and_the_desk_hears_it_at_once() {
    if !Sshd::is_installed() {
        return;
    }
    let sshd = Sshd::start().await;
    let scene = scene(&entry(&sshd, sshd.port, &sshd.other_key().1)).await;
    sshd.folder("ostrau");
    let (erika, number) = scene.submits(OSTRAU).await;
    assert_eq!(scene.house.work_off().await, 1);
    assert_eq!((scene.states("failed").await, lies_in(&sshd, "ostrau")), (1, Vec::new()));
    assert!(last_error(&scene).await.contains("another host key"));
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("wir kümmern uns darum");
    let petra = scene.house.clerk(OSTRAU, "petra", "Petra Amt").await;
    petra.get("/verwaltung/uebergaben").await.is(200).says(&number).says("another host key");
}

#[tokio::test]
async fn what_is_mended_on_either_side_lets_the_package_arrive_later() {
    if !Sshd::is_installed() {
        return;
    }
    let mut sshd = Sshd::start().await;
    let scene = scene(&usual(&sshd)).await;
    let inbox = {
        scene.submits(OSTRAU).await;
        sshd.folder("ostrau").with_file_name("ostrau")
    };
    let right = fs::read(sshd.login_key()).unwrap();
    let wrong = fs::read(sshd.other_key().0).unwrap();
    let login_key = sshd.login_key();
    let give = |key: &[u8], mode: u32| {
        fs::write(&login_key, key).unwrap();
        fs::set_permissions(&login_key, fs::Permissions::from_mode(mode)).unwrap();
    };
    let moments = ["12:00", "12:02", "12:06", "12:14", "12:40", "14:00", "17:00"];
    for (attempt, (time, said)) in moments
        .into_iter()
        .zip([
            "it refuses the login",
            "no private key that ssh can read",
            "may be read by others",
            "the folder there: not there",
            "the folder there: permission denied",
            "is its disk full?",
            "",
        ])
        .enumerate()
    {
        give(&right, 0o600);
        match attempt {
            0 => give(&wrong, 0o600),
            1 => give(b"kein Schluessel\n", 0o600),
            2 => give(&right, 0o644),
            3 => fs::remove_dir(&inbox).unwrap(),
            4 => sshd.let_write("ostrau", 0o555),
            5 => {
                sshd.let_write("ostrau", 0o755);
                sshd.is_full(true).await;
            }
            _ => sshd.is_full(false).await,
        }
        scene.house.set_time(&format!("2026-11-01T{time}"));
        assert_eq!(scene.house.work_off().await, 1, "{time}");
        if !said.is_empty() {
            let told = last_error(&scene).await;
            assert!(told.contains(said), "{said}: {told}");
            assert_eq!((scene.states("waiting").await, lies_in(&sshd, "ostrau")), (1, Vec::new()), "{said}");
        }
    }
    assert_eq!((scene.states("delivered").await, lies_in(&sshd, "ostrau").len()), (1, 1));
}

#[tokio::test]
async fn a_line_that_is_slow_tears_or_falls_silent_leaves_nothing_half() {
    if !Sshd::is_installed() {
        return;
    }
    let sshd = Sshd::start().await;
    let detour = Detour::to(&format!("127.0.0.1:{}", sshd.port)).await;
    let form = format!("{FORM}      - {{id: schein, kind: file, label: Schein}}\n");
    let scene = scene_of(&form, &entry(&sshd, detour.addr.port(), &sshd.host_key())).await;
    let folder = sshd.folder("ostrau");
    // nothing that a line could make smaller
    let mut noise = vec![0; 2_000_000];
    aws_lc_rs::rand::fill(&mut noise).unwrap();
    let content = [b"%PDF-1.7\n", &noise[..], b"\ntrailer << >>\n%%EOF\n"].concat();
    let (_, number) = scene.attaches(OSTRAU, &[("schein", "Schein.pdf", &content)]).await;

    detour.is(Road::Slow(Duration::from_millis(20)));
    let unfinished = folder.join(format!(".unfinished-{number}.zip"));
    let arrives = async {
        while !fs::metadata(&unfinished).is_ok_and(|half| half.len() > 100_000) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let mut work = pin!(scene.house.work_off());
    tokio::select! {
        () = arrives => detour.is(Road::Broken),
        _ = &mut work => panic!("{:?} {}", files_in(&folder), last_error(&scene).await),
    }
    work.await;
    assert_eq!(last_error(&scene).await, "the folder there: the connection broke");
    assert!(lies_in(&sshd, "ostrau").iter().all(|name| name.starts_with('.')), "nothing looks as if it were whole");

    detour.is(Road::Blocked);
    scene.house.set_time("2026-11-01T12:05");
    assert_eq!(scene.house.work_off().await, 1);
    assert_eq!(last_error(&scene).await, "it did not answer in time");

    detour.is(Road::Slow(Duration::from_millis(5)));
    scene.house.set_time("2026-11-01T12:20");
    assert_eq!(scene.house.work_off().await, 1);
    assert_eq!(lies_in(&sshd, "ostrau"), [format!("{number}.zip")]);
    let package = fs::read(folder.join(format!("{number}.zip"))).unwrap();
    assert!(is_sound(&package, &scene.keys[0]) && package.len() > 1_500_000, "{} bytes", package.len());
}

#[tokio::test]
async fn the_doctor_says_whether_it_answers_and_whether_the_program_is_there() {
    if !Sshd::is_installed() {
        return;
    }
    let sshd = Sshd::start().await;
    let towns = Towns::fixture();
    let known = towns.read("ostrau/tenant.yaml");
    let entry = usual(&sshd).replace("{town}", "eingang");
    towns.write(
        "ostrau/tenant.yaml",
        format!("{known}destinations:\n  - {{id: fach, name: Fach, key: \"file:/nirgends\", {entry}}}\n"),
    );
    let data = tempfile::tempdir().unwrap();
    let asks = async |path: Option<PathBuf>| {
        let arguments = ["doctor", "--format", "json", "--tenants", towns.path().to_str().unwrap(), "--data"];
        let mut doctor = command(&[&arguments[..], &[data.path().to_str().unwrap()]].concat());
        doctor.envs(path.map(|path| ("PATH", path)));
        let told: Value = serde_json::from_slice(&doctor.output().await.unwrap().stdout).expect("JSON");
        let findings = told["findings"].as_array().unwrap().clone();
        let found = findings.into_iter().find(|one| one["rule"] == "back offices").expect("it is asked");
        format!("{} {}", found["level"].as_str().unwrap(), found["message"].as_str().unwrap())
    };
    assert!(asks(None).await.contains("error `fach` of `ostrau`: the folder there: not there"));
    sshd.folder("eingang");
    assert!(asks(None).await.contains("ok `fach` of `ostrau` answers"));
    assert_eq!(lies_in(&sshd, "eingang"), Vec::<String>::new());
    assert!(asks(Some(data.path().to_owned())).await.contains("`sftp` is not installed on this machine"));
}
