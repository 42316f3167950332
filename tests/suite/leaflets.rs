//! Pages that the front door hands out by itself are, byte for byte, those of the long way through the app, and nothing
//! gets past the gate that would not get past it there.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use portal::web::{
    App,
    front_door::{FrontDoor, Leaflets, Limits, Transport},
    refusal,
};
use portal_tests::{House, Line};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

/// Two doors of one house: one hands out what is ready, the other asks the app each time.
struct Doors {
    house: House,
    short: SocketAddr,
    long: SocketAddr,
    handed_out: Arc<AtomicUsize>,
}

impl Doors {
    async fn open() -> Self {
        Self::of(House::with_fixture_towns().await, Limits::default()).await
    }

    async fn of(house: House, limits: Limits) -> Self {
        let app = Arc::new(App::new(house.portal.clone()));
        let (leaflets, handed_out) = (app.leaflets(), Arc::new(AtomicUsize::new(0)));
        let count = handed_out.clone();
        let counted: Leaflets = Arc::new(move |envelope| {
            let leaflet = leaflets(envelope)?;
            count.fetch_add(1, Ordering::Relaxed);
            Some(leaflet)
        });
        let mut addrs = Vec::new();
        for hands_out in [true, false] {
            let localhost = SocketAddr::from(([127, 0, 0, 1], 0));
            let door = FrontDoor::bind(localhost, Transport::Plain, limits.clone()).await.unwrap();
            let door = door.with_refusals(Arc::new(refusal));
            addrs.push(door.local_addr());
            let counted = counted.clone();
            let door = if hands_out { door.with_leaflets(counted) } else { door };
            tokio::spawn(door.serve(app.clone(), std::future::pending()));
        }
        Self { house, short: addrs[0], long: addrs[1], handed_out }
    }

    /// Makes the pages that are asked for later, so that they are ready.
    async fn fill(&self, paths: &[&str]) {
        for host in [OSTRAU, WESTRAU] {
            for path in paths {
                self.house.get(host, path).await;
            }
        }
    }

    /// What both doors answer to the same bytes, and whether the first of them handed something out.
    async fn agree_on(&self, request: &str) -> (String, bool) {
        let before = self.handed_out.load(Ordering::Relaxed);
        let (short, long) = tokio::join!(hear(self.short, request), hear(self.long, request));
        assert_eq!(short, long, "the doors disagree about {request:?}");
        (short, self.handed_out.load(Ordering::Relaxed) > before)
    }
}

/// The whole answer without the time of day and the number of the request.
async fn hear(addr: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let (head, body) = (String::from_utf8_lossy(&bytes[..end]), &bytes[end..]);
    let is_page = head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 304");
    // compressed, the number makes the body of an error a few bytes longer or shorter
    let differs = |line: &&str| line.starts_with("date:") || (!is_page && line.starts_with("content-length:"));
    let told: Vec<_> = head.lines().filter(|line| !differs(line)).collect();
    match is_page {
        true => format!("{}\n{body:?}", told.join("\n")),
        false => told.join("\n"),
    }
}

fn get(host: &str, target: &str, further: &str) -> String {
    request("GET", host, target, further)
}

fn request(method: &str, host: &str, target: &str, further: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{further}Connection: close\r\n\r\n")
}

const PATHS: [&str; 12] = [
    "/",
    "/faq",
    "/faq?",
    "/faq?utm_source=brief",
    "/en/faq",
    "/dienstleistungen?kategorie=tiere",
    "/dienstleistungen?%6Bategorie=tiere",
    "/dienstleistungen/hund-anmelden",
    "/faq/",
    "/suche?q=hund",
    "/nicht/da",
    "/alt/hund",
];

#[tokio::test]
async fn what_is_handed_out_is_what_the_app_would_answer() {
    let doors = Doors::open().await;
    doors.fill(&PATHS).await;
    let etag = doors.house.get(OSTRAU, "/faq").await.header("etag").to_owned();
    let further = [
        String::new(),
        "Accept-Encoding: gzip\r\n".to_owned(),
        "Accept-Encoding: gzip, deflate, br, zstd\r\n".to_owned(),
        "Accept-Encoding: br;q=0, identity\r\n".to_owned(),
        format!("If-None-Match: {etag}\r\n"),
        "If-None-Match: *\r\nAccept-Encoding: br\r\n".to_owned(),
        "If-None-Match: \"other\"\r\n".to_owned(),
        "Cookie: theme=dark; x__Host-session=1\r\n".to_owned(),
        "Cookie: a=b; __Host-session=1\r\n".to_owned(),
        "Cookie: __Host-session=1; town=Löhne\r\n".to_owned(),
        "X-Forwarded-Host: portal.westrau.example\r\nX-Forwarded-For: 192.0.2.1\r\n".to_owned(),
        "Content-Length: 3\r\n".to_owned(),
    ];
    let mut handed_out = 0;
    for host in [OSTRAU, WESTRAU] {
        for path in PATHS {
            for method in ["GET", "HEAD"] {
                for further in &further {
                    let body = if further.starts_with("Content-Length") { "abc" } else { "" };
                    let request = request(method, host, path, further) + body;
                    let (_, was) = doors.agree_on(&request).await;
                    assert!(!was || (body.is_empty() && !further.contains(" __Host-session")), "{request:?}");
                    handed_out += usize::from(was);
                }
            }
            for method in ["POST", "OPTIONS", "get"] {
                let (_, was) = doors.agree_on(&request(method, host, path, "")).await;
                assert!(!was, "{method} {path}");
            }
        }
    }
    // towns, methods, pages that are kept, further headers without a session or a body
    assert_eq!(handed_out, 2 * 2 * 6 * 9, "the short way is not taken where it could be");
}

#[tokio::test]
async fn no_spelling_of_a_host_gets_past_the_gate() {
    let doors = Doors::open().await;
    doors.fill(&["/faq"]).await;
    let hosts = [
        "PORTAL.Ostrau.Example",
        "portal.ostrau.example.",
        "portal.ostrau.example:8080",
        "portal.ostrau.example:",
        "portal.ostrau.example:x",
        "ostrau.localhost",
        "service.ostrau.example",
        "bürger.westrau.example",
        "xn--brger-kva.westrau.example",
        "unbekannt.example",
        "ostrau.example",
        "portal.ostrau.example, portal.westrau.example",
        "portal.ostrau.example\r\nHost: portal.westrau.example",
        "portal.ostrau.example\r\nHost: portal.ostrau.example",
        "user@portal.ostrau.example",
        "portal.ostrau.example/faq",
        "",
        "127.0.0.1",
        "[::1]",
    ];
    let targets = [
        "/faq",
        "http://portal.ostrau.example/faq",
        "http://portal.westrau.example/faq",
        "http://user@portal.ostrau.example/faq",
        "*",
        "//faq",
        "/x/../faq",
        "/faq#",
        "/%66aq",
    ];
    for host in hosts.into_iter().chain([OSTRAU, WESTRAU]) {
        for target in targets {
            let (answer, _) = doors.agree_on(&get(host, target, "")).await;
            assert!(answer.starts_with("HTTP/1.1 "), "{host} {target}: {answer}");
        }
    }
    doors.agree_on("GET /faq HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    doors.agree_on("GET /faq HTTP/1.0\r\n\r\n").await;
    doors.agree_on(&format!("GET /faq HTTP/1.0\r\nHost: {OSTRAU}\r\n\r\n")).await;
    let long = format!("/faq?{}", "x".repeat(9000));
    let (answer, handed_out) = doors.agree_on(&get(OSTRAU, &long, "")).await;
    assert!(answer.starts_with("HTTP/1.1 414") && !handed_out, "{answer}");
}

#[tokio::test]
async fn behind_a_proxy_the_forwarded_host_decides_at_both_doors() {
    let proxies = ["127.0.0.1/32".parse().unwrap()];
    let limits = Limits { proxies: Arc::new(proxies), ..Limits::default() };
    let doors = Doors::of(House::with_fixture_towns().await, limits).await;
    doors.fill(&["/faq"]).await;
    for (forwarded, status, handed_out) in [
        ("X-Forwarded-Host: portal.westrau.example\r\n", "200", true),
        ("X-Forwarded-Host: unbekannt.example\r\n", "421", false),
        ("X-Forwarded-Host: portal.westrau.example, portal.ostrau.example\r\n", "400", false),
        ("X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", "400", false),
    ] {
        let (answer, was) = doors.agree_on(&get(OSTRAU, "/faq", forwarded)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{forwarded}: {answer}");
        assert_eq!(was, handed_out, "{forwarded}");
    }
}

#[tokio::test]
async fn over_http2_both_doors_answer_the_same() {
    let doors = Doors::open().await;
    doors.fill(&["/", "/faq"]).await;
    let (mut short, mut long) = (Line::http2(doors.short).await, Line::http2(doors.long).await);
    for host in [OSTRAU, WESTRAU, "ostrau.localhost", "service.ostrau.example", "unbekannt.example"] {
        for path in ["/", "/faq", "/nicht/da", "/faq/"] {
            let (mut one, mut other) = (short.get(host, path).await, long.get(host, path).await);
            for answer in [&mut one, &mut other] {
                answer.headers.remove("date");
            }
            assert_eq!((one.status, &one.headers), (other.status, &other.headers), "{host} {path}");
            assert!(one.bytes == other.bytes || one.status == 404, "{host} {path}");
        }
    }
    // two towns and a preview host, two pages
    assert_eq!(doors.handed_out.load(Ordering::Relaxed), 6);
}

#[tokio::test]
async fn a_page_that_everybody_wants_at_once_is_made_once() {
    let doors = Doors::open().await;
    let asked = (0..12).map(|_| async { hear(doors.long, &get(OSTRAU, "/faq", "")).await });
    let answers = futures_util::future::join_all(asked).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.starts_with("HTTP/1.1 200")));
    assert_eq!(doors.house.portal.cache.entries(), 1);
}
