//! Headers and bodies that are too large, too slow, or lie about their length.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use poem::http::Method;
use portal::web::front_door::{Limits, Room, Transport};
use tokio::{io::AsyncWriteExt, time::interval};

use super::house::{Door, SHORT, assert_status, http2, patient, received, request, until_closed};

#[tokio::test]
async fn a_header_block_that_is_too_large_is_refused() {
    let door = Door::open(patient()).await;
    let large = format!("GET / HTTP/1.1\r\nhost: a\r\nx-large: {}\r\n\r\n", "x".repeat(100_000));
    assert_status(&door.hears(large).await, 431);
    let fits = format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-large: {}\r\n\r\n", "x".repeat(30_000));
    assert_status(&door.hears(fits).await, 200);
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x-many: 1\r\n".repeat(10_000));
    assert_status(&door.hears(many).await, 431);
    let path = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(40_000));
    assert_status(&door.hears(path).await, 431);
    assert_eq!(door.signals.seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn http2_headers_have_the_same_limits() {
    let door = Door::open(patient()).await;
    let mut requests = http2(door.peer().await).await;
    let mut large = request("/");
    large.headers_mut().insert("x-large", "x".repeat(33_000).parse().unwrap());
    let mut many = request("/");
    for number in 0..65 {
        many.headers_mut().insert(http::HeaderName::try_from(format!("x-{number}")).unwrap(), "1".parse().unwrap());
    }
    let (large, _) = requests.send_request(large, true).unwrap();
    let (many, _) = requests.send_request(many, true).unwrap();
    assert_eq!((received(large).await.0, received(many).await.0), (431, 431));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let door = Door::open(patient()).await;
    let heard = door.hears("POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 65537\r\n\r\n").await;
    assert_status(&heard, 413);
    assert!(heard.contains("nosniff") && heard.contains("no-store"), "{heard}");
    assert_eq!(door.signals.seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_refusal_arrives_although_the_peer_goes_on_sending() {
    let door = Door::open(patient()).await;
    let (mut read, mut write) = door.peer().await.into_split();
    let sending = tokio::spawn(async move {
        let _ = write.write_all(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 10485760\r\n\r\n").await;
        let _ = write.write_all(&vec![b'x'; 10 * 1024 * 1024]).await;
        write
    });
    assert_status(&until_closed(&mut read).await, 413);
    sending.await.unwrap();
}

#[tokio::test]
async fn a_chunked_body_is_counted_while_it_streams() {
    let door = Door::open(patient()).await;
    let chunked = |path: &str, bytes: usize| {
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
        head + &chunk.repeat(bytes / 1024) + "0\r\n\r\n"
    };
    let fits = door.hears(chunked("/length", 64 * 1024)).await;
    assert!(fits.ends_with("\r\n\r\n65536"), "{fits}");
    assert_status(&door.hears(chunked("/length", 65 * 1024)).await, 413);
    assert_status(&door.hears(chunked("/extracted", 65 * 1024)).await, 413);
    assert_status(&door.hears(chunked("/extracted", 10 * 1024 * 1024)).await, 413);
}

#[tokio::test]
async fn an_http2_body_is_counted_while_it_streams() {
    let door = Door::open(patient()).await;
    let mut requests = http2(door.peer().await).await;
    let post = http::Request::post("http://ostrau.example/length").body(()).unwrap();
    let (response, mut body) = requests.send_request(post, false).unwrap();
    body.send_data(vec![b'x'; 100_000].into(), true).unwrap();
    assert_eq!(received(response).await.0, 413);
}

#[tokio::test]
async fn a_route_may_have_more_room() {
    let more = |method: &Method, path: &str| {
        (*method == "POST" && path == "/length").then_some(Room { bytes: 1_000_000, total: Duration::from_secs(60) })
    };
    let door = Door::with(patient(), Transport::Plain, |door| door.with_room(Arc::new(more))).await;
    let post = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 100000\r\n\r\n{}",
            "x".repeat(100_000)
        )
    };
    assert_status(&door.hears(post("/length")).await, 200);
    assert_status(&door.hears(post("/extracted")).await, 413);
}

#[tokio::test]
async fn a_body_that_stops_is_not_waited_for() {
    let door = Door::open(Limits { body_read_idle: SHORT, ..patient() }).await;
    assert_status(&door.hears("POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc").await, 408);
    assert_status(
        &door.hears("POST /extracted HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc").await,
        408,
    );
}

#[tokio::test]
async fn a_body_that_trickles_in_is_not_waited_for() {
    let door = Door::open(Limits { request_total: SHORT, ..patient() }).await;
    let (mut read, mut write) = door.peer().await.into_split();
    let trickle = tokio::spawn(async move {
        let mut pace = interval(SHORT / 8);
        write.write_all(b"POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        while write.write_all(b"x").await.is_ok() {
            pace.tick().await;
        }
    });
    assert_status(&until_closed(&mut read).await, 408);
    trickle.abort();
}

#[tokio::test]
async fn contradictory_framing_smuggles_nothing() {
    let door = Door::open(patient()).await;
    let hears = async |head: &str, rest: &str| {
        door.hears(format!("POST /length HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n{rest}")).await
    };
    assert_status(&hears("content-length: 1\r\ncontent-length: 2", "xx").await, 400);
    assert_status(&hears("content-length: -1", "").await, 400);
    assert_status(&hears("content-length: 1, 1", "x").await, 400);
    assert_status(&hears("transfer-encoding: gzip", "").await, 400);
    assert_status(&hears("transfer-encoding: chunked, identity", "0\r\n\r\n").await, 400);
    assert_status(&door.hears("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n").await, 400);

    // Both: chunked counts, and the connection ends with the answer, so that nothing behind it is taken for a request.
    let behind = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    for both in ["content-length: 5\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 5"] {
        let seen = door.signals.seen.load(Ordering::SeqCst);
        let heard = hears(both, behind).await;
        assert_eq!(
            (heard.matches("HTTP/1.1").count(), door.signals.seen.load(Ordering::SeqCst)),
            (1, seen + 1),
            "{heard}"
        );
    }
}

#[tokio::test]
async fn the_house_is_no_proxy_and_no_echo() {
    let door = Door::open(patient()).await;
    assert_status(&door.hears("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\nconnection: close\r\n\r\n").await, 405);
    assert_status(&door.hears("TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await, 405);
    assert_eq!(door.signals.seen.load(Ordering::SeqCst), 0);
}
