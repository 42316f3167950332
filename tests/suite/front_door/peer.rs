//! Who is asking: believed from the connection, from others only where they are configured.

use portal::web::front_door::Limits;

use super::house::{Door, assert_status, http2, patient, received, request};

const FORWARDED: &str = "x-forwarded-for: 198.51.100.7\r\nx-forwarded-proto: https\r\nx-forwarded-host: ostrau.example\r\n\
                         x-request-id: mine\r\n";

async fn who(door: &Door, headers: &str) -> String {
    let heard = door.hears(format!("GET /who HTTP/1.1\r\nhost: inside\r\nconnection: close\r\n{headers}\r\n")).await;
    assert_status(&heard, 200);
    heard.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_stranger_forwards_nothing() {
    let door = Door::open(patient()).await;
    let heard = who(&door, FORWARDED).await;
    assert!(heard.starts_with("addr=127.0.0.1 scheme=http forwarded=- conflict=false hosts=inside left=0 "), "{heard}");
}

#[tokio::test]
async fn a_configured_proxy_is_believed() {
    let door = Door::open(Limits { proxies: ["127.0.0.0/8".parse().unwrap()].into(), ..patient() }).await;
    let heard = who(&door, FORWARDED).await;
    assert!(
        heard
            .starts_with("addr=198.51.100.7 scheme=https forwarded=ostrau.example conflict=false hosts=inside left=0 "),
        "{heard}"
    );
    let heard = who(&door, "x-forwarded-host: a\r\nx-forwarded-host: b\r\n").await;
    assert!(heard.contains("forwarded=- conflict=true"), "{heard}");
}

#[tokio::test]
async fn two_hosts_are_seen_as_two() {
    let door = Door::open(patient()).await;
    let heard = who(&door, "host: ostrau.example\r\n").await;
    assert!(heard.contains("hosts=inside+ostrau.example "), "{heard}");
}

#[tokio::test]
async fn every_request_has_a_number_made_here() {
    let door = Door::open(patient()).await;
    let mut requests = http2(door.peer().await).await;
    let mut numbers = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let (response, _) = requests.send_request(request("/who"), true).unwrap();
        let (status, text) = received(response).await;
        assert_eq!(status, 200);
        numbers.insert(text.rsplit_once("id=").unwrap().1.to_owned());
    }
    numbers.insert(who(&door, FORWARDED).await.rsplit_once("id=").unwrap().1.to_owned());
    assert_eq!(numbers.len(), 4);
    assert!(numbers.iter().all(|number| number.len() == 32 && number.bytes().all(|byte| byte.is_ascii_hexdigit())));
}
