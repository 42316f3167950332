//! What an operator sees of the real executable: start, messages, exit codes, signals, figures, logs.

use portal_tests::{
    Towns,
    binary::{Process, command, run},
};

const HUND: &str = "/dienstleistungen/hund-anmelden";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn it_prints_where_it_listens_and_the_links_of_both_towns() {
    let portal = Process::serve(&[]).await;
    let port = portal.authority().rsplit(':').next().unwrap().to_owned();
    assert!(portal.greeting[0].starts_with("listening http://127.0.0.1:"), "{:?}", portal.greeting);
    let links = portal.greeting.join("\n");
    assert!(links.contains(&format!("http://herford.localhost:{port}/")), "{links}");
    assert!(links.contains(&format!("http://loehne.localhost:{port}/")), "{links}");
    portal.get("herford.localhost", HUND).await.is(200).says("Hansestadt Herford");
    portal.get("loehne.localhost", HUND).await.is(200).says("Stadt Löhne");
    let (code, log) = portal.stop().await;
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test]
async fn sighup_reloads_and_a_saved_file_reloads_by_itself() {
    let towns = Towns::fixture();
    let portal = Process::serve(&["--tenants", towns.path().to_str().unwrap()]).await;
    portal.get("ostrau.localhost", "/kontakt").await.is(200).says("Ostrauer Markt 1");
    towns.change("ostrau/tenant.yaml", "Ostrauer Markt 1", "Ostrauer Markt 22");
    portal.signal("HUP");
    portal.get_until("ostrau.localhost", "/kontakt", |page| page.text().contains("Ostrauer Markt 22")).await.is(200);
    towns.change("ostrau/tenant.yaml", "Ostrauer Markt 22", "Ostrauer Markt 33");
    portal.get_until("ostrau.localhost", "/kontakt", |page| page.text().contains("Ostrauer Markt 33")).await.is(200);
}

#[tokio::test]
async fn a_broken_reload_is_told_with_its_place_and_the_town_goes_on() {
    let towns = Towns::fixture();
    let portal = Process::serve(&["--tenants", towns.path().to_str().unwrap(), "--log", "json"]).await;
    towns.write("ostrau/services/marktstand.yaml", "title: Marktstand\nshrot: falsch\n");
    towns.change("westrau/tenant.yaml", "Westrauer Kai 2", "Westrauer Kai 3");
    portal.signal("HUP");
    portal.get_until("westrau.localhost", "/kontakt", |page| page.text().contains("Westrauer Kai 3")).await;
    portal.get("ostrau.localhost", "/dienstleistungen/marktstand").await.is(200).says("Marktstand in Ostrau");
    portal.ops("/health/ready").await.is(200);
    portal
        .ops("/metrics")
        .await
        .says("portal_tenants{state=\"broken\"} 1")
        .says("portal_reloads_total{result=\"kept\"}");
    let (_, log) = portal.stop().await;
    assert!(log.contains("ostrau/services/marktstand.yaml:2:1") && log.contains("did you mean `short`?"), "{log}");
}

#[tokio::test]
async fn what_cannot_run_says_what_where_and_what_next_and_exits_with_2() {
    let towns = Towns::fixture();
    let folder = towns.path().to_str().unwrap();
    towns.write("portal.yaml", "listen: 127.0.0.1:0\nlisen: 127.0.0.1:1\n");
    let settings = format!("{folder}/portal.yaml");
    let cases = [
        (vec!["serve", "--tenants", "/gibt/es/nicht"], "/gibt/es/nicht", "--tenants"),
        (vec!["serve", "--now", "gestern"], "`--now gestern` is no moment", "2024-05-15"),
        (
            vec!["serve", "--config", &settings],
            "portal.yaml:2:1` has the unknown field `lisen`",
            "did you mean `listen`?",
        ),
        (vec!["serve", "--config", "/gibt/es/nicht.yaml"], "cannot be read", ""),
        (vec!["serve", "--themes", "/gibt/es/nicht"], "is no folder", "--themes"),
        (vec!["serve", "--tenants", folder, "--now", "2024-05-15"], "is live", "status: preview"),
        (vec!["schema", "servcie"], "no kind of file called `servcie`", "`service`"),
        (vec!["tenant", "show", "herfrod"], "no tenant `herfrod`", "`herford`"),
        (vec!["serve", "--listne", "x"], "--listne", "--listen"),
    ];
    for (arguments, message, hint) in cases {
        let output = run(&arguments).await;
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.starts_with("error: ") && told.contains(message) && told.contains(hint), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_taken_port_is_told_with_a_way_out() {
    let portal = Process::serve(&[]).await;
    let output = run(&["serve", "--listen", portal.authority(), "--ops", "127.0.0.1:0"]).await;
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains(portal.authority()) && told.contains("--listen"), "{told}");
}

#[tokio::test]
async fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let towns = Towns::fixture();
    let folder = towns.path().to_str().unwrap();
    towns.write("portal.yaml", format!("tenants: {folder}\nlisten: 127.0.0.1:0\nops: 127.0.0.1:0\nlog: {{format: json}}\npublic: {{scheme: http, port: 8080}}\n"));
    let settings = format!("{folder}/portal.yaml");
    let from_file = Process::start(command(&["serve", "--config", &settings])).await;
    from_file.get("ostrau.localhost", "/").await.is(200);
    let alias = from_file.get("service.ostrau.example", "/faq?x=1").await.is(308);
    alias.leads_to("http://portal.ostrau.example:8080/faq?x=1");
    let mut environment = command(&["serve", "--config", &settings]);
    environment.env("PORTAL_TENANTS", "tenants");
    Process::start(environment).await.get("loehne.localhost", "/").await.is(200);
    let mut both = command(&["serve", "--config", &settings, "--tenants", folder]);
    both.env("PORTAL_TENANTS", "tenants");
    Process::start(both).await.get("ostrau.localhost", "/").await.is(200);
}

#[tokio::test]
async fn the_change_of_the_login_provider_is_rehearsed_with_three_commands() {
    let phases = [
        ("2024-05-14T12:00", "Anmelden mit Servicekonto.NRW", "15. Mai 2024"),
        ("2024-05-15", "Anmelden mit BundID", "30. Juni 2024"),
        ("2024-07-01", "Anmelden mit BundID", "1. Juli 2024"),
    ];
    for (now, button, date) in phases {
        let portal = Process::serve(&["--now", now]).await;
        let page = portal.get("loehne.localhost", "/anmelden").await.is(200);
        let words = page.text().replace("<span class=\"wide\">", "").replace("</span>", "");
        assert!(words.contains(button), "{now}: `{button}` is missing");
        assert!(words.contains(date), "{now}: `{date}` is missing");
        let herford = portal.get("herford.localhost", "/anmelden").await.is(200).text();
        assert!(herford.contains("BundID") && !herford.contains("Servicekonto"), "{now}");
    }
}

#[tokio::test]
async fn the_side_door_tells_health_and_figures_and_the_front_door_does_not() {
    let portal = Process::serve(&[]).await;
    portal.ops("/health/live").await.is(200);
    portal.ops("/health/ready").await.is(200);
    portal.ops("/").await.is(404);
    portal.get("herford.localhost", HUND).await.is(200);
    portal.get("herford.localhost", "/gibt-es-nicht-geheim").await.is(404);
    portal.get("unbekannt.example", "/").await.is(421);
    let figures = portal.ops("/metrics").await.is(200);
    let figures = figures.says(
        "portal_requests_total{tenant=\"herford\",route=\"/dienstleistungen/:slug\",method=\"GET\",status=\"200\"} 1",
    );
    let figures =
        figures.says("portal_request_seconds").says("portal_tenants{state=\"serving\"} 2").says("portal_cache_entries");
    portal.get("herford.localhost", "/dienstleistungen/nicht-geheim").await.is(404);
    let later = portal.ops("/metrics").await;
    later.says("route=\"/dienstleistungen/:slug\",method=\"GET\",status=\"404\"} 1");
    figures.is_silent_about("geheim").is_silent_about("unbekannt");
    portal.get("herford.localhost", "/metrics").await.is(404);
    portal.get("herford.localhost", "/health/live").await.is(404);
}

#[tokio::test]
async fn a_rehearsal_takes_no_live_town_in() {
    let towns = Towns::fixture();
    for town in ["ostrau", "westrau"] {
        towns.change(&format!("{town}/tenant.yaml"), "status: live", "status: preview");
    }
    let portal = Process::serve(&["--tenants", towns.path().to_str().unwrap(), "--now", "2027-05-01"]).await;
    towns.change("ostrau/tenant.yaml", "status: preview", "status: live");
    towns.change("westrau/tenant.yaml", "Westrauer Kai 2", "Westrauer Kai 3");
    portal.signal("HUP");
    portal.get_until("westrau.localhost", "/kontakt", |page| page.text().contains("Westrauer Kai 3")).await;
    portal.get("ostrau.localhost", "/robots.txt").await.is(200).says("Disallow: /\n");
    let ready = portal.ops("/health/ready").await.is(200);
    ready.says("`ostrau` is broken");
    let (_, log) = portal.stop().await;
    assert!(log.contains("rehearses another time"), "{log}");
}

#[tokio::test]
async fn a_missing_certificate_is_told_with_its_file() {
    let towns = Towns::fixture();
    let folder = towns.path().to_str().unwrap();
    towns.write("portal.yaml", "tls: {certificate: /gibt/es/nicht.pem, key: /gibt/es/nicht.key}\n");
    let output = run(&["serve", "--config", &format!("{folder}/portal.yaml"), "--listen", "127.0.0.1:0"]).await;
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("/gibt/es/nicht.pem") && told.contains("`tls:`") && !told.contains("--listen"), "{told}");
}

#[tokio::test]
async fn a_house_without_a_town_is_not_ready() {
    let towns = Towns::empty();
    let portal = Process::serve(&["--tenants", towns.path().to_str().unwrap()]).await;
    portal.ops("/health/live").await.is(200);
    portal.ops("/health/ready").await.is(503).says("no tenant");
    portal.get("herford.localhost", "/").await.is(421);
}

#[tokio::test]
async fn the_log_is_json_with_a_request_id_and_nothing_personal() {
    let portal = Process::serve(&["--log", "json", "--log-level", "debug"]).await;
    let headers = [
        ("host", "herford.localhost"),
        ("user-agent", "canary-agent"),
        ("cookie", "a=canary-cookie"),
        ("referer", "https://canary-referer.example/"),
    ];
    portal_tests::Answer::fetch(portal.authority(), "/suche?q=canary-query", &headers).await.is(200);
    portal_tests::Answer::fetch(portal.authority(), "/canary-path", &headers).await.is(404);
    let (_, log) = portal.stop().await;
    assert!(!log.contains("canary"), "{log}");
    assert!(!log.contains("127.0.0.1:") || !log.contains("peer"), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["route"] == "/suche").collect();
    assert_eq!(answered.len(), 1, "{log}");
    assert_eq!((answered[0]["tenant"].as_str(), answered[0]["status"].as_u64()), (Some("herford"), Some(200)));
    assert_eq!(answered[0]["request"].as_str().map(str::len), Some(32));
}

#[tokio::test]
async fn every_schema_is_json_and_knows_the_fields() {
    let all: serde_json::Value = serde_json::from_slice(&run(&["schema"]).await.stdout).unwrap();
    let kinds = all["$defs"].as_object().unwrap();
    assert!(kinds.len() >= 10, "{kinds:?}");
    for (kind, schema) in kinds {
        let output = run(&["schema", kind]).await;
        assert!(output.status.success(), "{kind}");
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&output.stdout).expect(kind), *schema);
    }
    let service: serde_json::Value = serde_json::from_slice(&run(&["schema", "service"]).await.stdout).unwrap();
    for field in ["title", "leika", "online", "login", "remedy", "example"] {
        assert!(service["properties"].get(field).is_some(), "{field}");
    }
}

#[tokio::test]
async fn every_value_of_a_town_says_where_it_comes_from() {
    let output = run(&["tenant", "show", "herford", "--origins"]).await;
    let shown = text(&output.stdout);
    assert!(output.status.success());
    for place in
        ["tenants/herford/tenant.yaml:", "tenants/_nrw/services/hund-abmelden.yaml:", "themes/herford/theme.yaml:"]
    {
        assert!(shown.contains(place), "{place} is missing");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["tenant", "show", "herford", "--format", "json"]).await.stdout).unwrap();
    let values = json["values"].as_array().unwrap();
    assert!(values.iter().all(|value| value["line"].as_u64() > Some(0) && value["column"].as_u64() > Some(0)));
    assert!(values.len() > 1000);
}

#[tokio::test]
async fn a_list_with_a_broken_town_exits_with_1() {
    let towns = Towns::fixture();
    towns.write("ostrau/identity.yaml", "providers: nein\n");
    let folder = towns.path().to_str().unwrap();
    let output = run(&["tenant", "list", "--tenants", folder, "--format", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed["broken"], serde_json::json!(["ostrau"]));
    assert!(text(&output.stderr).contains("ostrau/identity.yaml:1:12"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn invented_towns_are_written_the_same_each_time_and_can_be_served() {
    let (towns, again) = (Towns::empty(), Towns::empty());
    for folder in [&towns, &again] {
        let written =
            run(&["synthetic-towns", folder.path().to_str().unwrap(), "--towns", "3", "--services", "40"]).await;
        assert!(written.status.success(), "{}", text(&written.stderr));
    }
    for file in ["t00002/tenant.yaml", "t00002/offices.yaml", "_district/tenant.yaml", "_nrw/tenant.yaml"] {
        assert_eq!(towns.read(file), again.read(file));
    }
    let portal = Process::serve(&["--tenants", towns.path().to_str().unwrap()]).await;
    for (host, name) in [("t00000.example.test", "Stadt Balbinbach"), ("t00001.example.test", "Stadt Kalpelfurt")] {
        portal.get(host, "/").await.is(200).says(name);
    }
    portal.get("t00003.example.test", "/").await.is(421);
    let (code, log) = portal.stop().await;
    // the first start of a house makes its master key and says so, and that nobody looks for viruses
    let expected = ["a new master key was made", "nobody scans them for viruses"];
    let warnings =
        log.lines().filter(|line| line.contains("WARN") && !expected.iter().any(|known| line.contains(known)));
    assert!(code == Some(0) && warnings.count() == 0, "{log}");
    let refused = run(&["synthetic-towns", towns.path().to_str().unwrap(), "--towns", "3"]).await;
    assert!(refused.status.code() == Some(2) && text(&refused.stderr).contains("is not empty"));
    assert!(!text(&run(&["--help"]).await.stdout).contains("synthetic"));
}

#[tokio::test]
async fn what_cannot_be_written_is_told_and_who_stops_reading_has_heard_enough() {
    let towns = Towns::fixture();
    let list = ["tenant", "list", "--quick", "--tenants", towns.path().to_str().unwrap()];
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    // `output` would put a pipe of its own in the place of stdout
    let piped = std::process::Stdio::piped;
    let outcome = command(&list).stdout(full).stderr(piped()).spawn().unwrap().wait_with_output().await.unwrap();
    let told = text(&outcome.stderr);
    assert_eq!(outcome.status.code(), Some(2), "{told}");
    assert!(told.starts_with("error: nothing can be written to stdout: No space left"), "{told}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let outcome = command(&list).stdout(writer).stderr(piped()).spawn().unwrap().wait_with_output().await.unwrap();
    assert_eq!((outcome.status.code(), text(&outcome.stderr)), (Some(0), String::new()));
}
