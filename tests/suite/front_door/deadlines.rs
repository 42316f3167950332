//! Peers that are silent, slow or many.

use std::time::Instant;

use portal::web::front_door::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    time::{Duration, interval, timeout},
};

use super::house::{
    BIG, Door, LONG, PATIENCE, SHORT, answer, assert_status, http2, patient, received, request, until_closed,
};

#[tokio::test]
async fn a_silent_peer_is_sent_away() {
    let door = Door::open(Limits { first_byte: SHORT, ..patient() }).await;
    let began = Instant::now();
    assert_eq!(door.hears("").await, "");
    assert!(began.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_half_sent_header_block_is_not_waited_for() {
    let door = Door::open(Limits { header_read: SHORT, ..patient() }).await;
    assert_eq!(door.hears("GET / HTTP/1.1\r\nhost: ostrau.example\r\nx-slow:").await, "");
}

#[tokio::test]
async fn a_header_block_that_trickles_in_is_not_waited_for() {
    let door = Door::open(Limits { header_read: SHORT, ..patient() }).await;
    let (mut read, mut write) = door.peer().await.into_split();
    let trickle = tokio::spawn(async move {
        let mut pace = interval(SHORT / 8);
        write.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        while write.write_all(b"x-slow: 1\r\n").await.is_ok() {
            pace.tick().await;
        }
    });
    assert_eq!(until_closed(&mut read).await, "");
    trickle.abort();
}

#[tokio::test]
async fn half_a_preface_is_not_waited_for() {
    let door = Door::open(Limits { header_read: SHORT, ..patient() }).await;
    assert_eq!(door.hears("PRI * HTTP/2.0\r\n\r\n").await, "");
}

#[tokio::test]
async fn what_only_looks_like_a_preface_is_a_bad_request() {
    let door = Door::open(patient()).await;
    assert_status(&door.hears("PRI * HTTP/1.1\r\nconnection: close\r\n\r\n").await, 200);
    assert_status(&door.hears("PRI * HTTP/2.0\r\n\r\nGET / HTTP/1.1\r\n\r\n").await, 400);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let door = Door::open(Limits { idle_keep_alive: SHORT, ..patient() }).await;
    let mut peer = door.peer().await;
    for _ in 0..2 {
        peer.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        assert_status(&answer(&mut peer).await, 200);
    }
    assert_eq!(until_closed(&mut peer).await, "");
}

#[tokio::test]
async fn the_second_header_block_has_a_deadline_of_its_own() {
    let door = Door::open(Limits { header_read: SHORT, ..patient() }).await;
    let mut peer = door.peer().await;
    peer.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_status(&answer(&mut peer).await, 200);
    peer.write_all(b"GET / HT").await.unwrap();
    assert_eq!(until_closed(&mut peer).await, "");
}

#[tokio::test]
async fn an_http2_peer_without_a_request_is_sent_away() {
    let door = Door::open(Limits { idle_streams: SHORT, ..patient() }).await;
    let (requests, connection) = h2::client::handshake(door.peer().await).await.unwrap();
    timeout(PATIENCE, connection).await.expect("the door closes the connection").unwrap();
    drop(requests);
}

#[tokio::test]
async fn half_an_http2_header_block_is_not_waited_for() {
    let door = Door::open(Limits { idle_streams: SHORT, first_byte: SHORT, ..patient() }).await;
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // HEADERS of stream 1 without END_HEADERS, with one indexed field (`:method: GET`)
    let half = [0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
    let opening = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings.as_slice(), half.as_slice()].concat();
    door.hears(opening).await;
}

#[tokio::test]
async fn who_does_not_read_the_answer_is_cut_off() {
    let door = Door::open(Limits { write_stall: SHORT, ..patient() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut peer = socket.connect(door.addr).await.unwrap();
    peer.write_all(b"GET /big HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    timeout(PATIENCE, door.signals.big_dropped.notified()).await.expect("the answer is given up");
    assert!(until_closed(&mut peer).await.len() < BIG);
}

#[tokio::test]
async fn who_does_not_read_what_the_handler_is_long_done_with_is_cut_off() {
    let mut door = Door::open(Limits { write_stall: SHORT, ..patient() }).await;
    let mut peer = door.peer().await;
    peer.write_all(b"GET /whole HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_eq!(peer.read_u8().await.unwrap(), b'H');
    door.ask_to_close();
    assert_eq!(door.closed().await.gave_up, 0);
}

#[tokio::test]
async fn who_keeps_an_http2_window_shut_is_cut_off() {
    let door = Door::open(Limits { write_stall: SHORT, ..patient() }).await;
    let (mut requests, connection) = h2::client::handshake(door.peer().await).await.unwrap();
    let connection = tokio::spawn(connection);
    let (response, _) = requests.send_request(request("/big"), true).unwrap();
    let response = response.await.unwrap(); // the head; of the body nothing is released
    timeout(PATIENCE, door.signals.big_dropped.notified()).await.expect("the answer is given up");
    drop(response);
    let _ = timeout(PATIENCE, connection).await.expect("the door closes the connection");
}

#[tokio::test]
async fn who_reads_slowly_but_steadily_gets_everything() {
    let door = Door::open(Limits { write_stall: SHORT, ..patient() }).await;
    let mut peer = door.peer().await;
    peer.write_all(b"GET /big HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut pace = interval(Duration::from_millis(20));
    let mut piece = vec![0; 512 * 1024];
    let mut length = 0;
    while let count @ 1.. = timeout(PATIENCE, peer.read(&mut piece)).await.unwrap().unwrap() {
        length += count;
        pace.tick().await;
    }
    assert!(length > BIG, "{length}");
}

#[tokio::test]
async fn a_handler_that_never_answers_is_answered_for() {
    let door = Door::open(Limits { request_total: SHORT, ..patient() }).await;
    assert_status(&door.get("/wait").await, 503);
}

#[tokio::test]
async fn a_full_house_closes_at_once_and_opens_again() {
    let door = Door::open(Limits { connections: 2, ..patient() }).await;
    let mut first = door.peer().await;
    first.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_status(&answer(&mut first).await, 200);
    let mut second = door.peer().await;
    second.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_status(&answer(&mut second).await, 200);
    assert_eq!(until_closed(&mut door.peer().await).await, "");

    drop(first);
    // The door learns of it when it learns of it; until then it says no at once.
    let again = async {
        loop {
            let mut peer = door.peer().await;
            let _ = peer.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
            let heard = until_closed(&mut peer).await;
            if !heard.is_empty() {
                return heard;
            }
        }
    };
    assert_status(&timeout(PATIENCE, again).await.expect("a seat is free again"), 200);
}

#[tokio::test]
async fn one_address_cannot_take_all_seats() {
    let door = Door::open(Limits { connections_per_peer: 1, ..patient() }).await;
    let mut first = door.peer().await;
    first.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_status(&answer(&mut first).await, 200);
    assert_eq!(until_closed(&mut door.peer().await).await, "");

    let proxied = Limits { connections_per_peer: 1, proxies: ["127.0.0.0/8".parse().unwrap()].into(), ..patient() };
    let door = Door::open(proxied).await;
    let _first = door.peer().await;
    assert_status(&door.get("/").await, 200);
}

#[tokio::test]
async fn two_thousand_idle_connections_starve_nobody() {
    let door = Door::open(Limits { connections: 6000, connections_per_peer: 6000, ..patient() }).await;
    let mut idle = Vec::new();
    for number in 0..2000 {
        let mut peer = door.peer().await;
        match number % 3 {
            0 => {}
            1 => peer.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap(),
            _ => peer.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap(),
        }
        idle.push(peer);
    }
    let began = Instant::now();
    assert_status(&door.get("/").await, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let mut requests = http2(door.peer().await).await;
    let (response, _) = requests.send_request(request("/"), true).unwrap();
    assert_eq!(received(response).await.0, 200);
}

#[tokio::test]
async fn a_panic_costs_one_answer_and_nothing_else() {
    let door = Door::open(patient()).await;
    let mut peer = door.peer().await;
    peer.write_all(b"GET /panic HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let heard = answer(&mut peer).await;
    assert_status(&heard, 500);
    assert!(heard.contains("content-security-policy") && !heard.contains("on purpose"), "{heard}");
    peer.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_status(&answer(&mut peer).await, 200);
    assert_status(&door.get("/").await, 200);

    let mut requests = http2(door.peer().await).await;
    let (panicking, _) = requests.send_request(request("/panic"), true).unwrap();
    let (other, _) = requests.send_request(request("/"), true).unwrap();
    assert_eq!((received(panicking).await.0, received(other).await.0), (500, 200));
}

#[test]
fn the_defaults_keep_the_promise_of_thirty_seconds() {
    let limits = Limits::default();
    let promise = Duration::from_secs(30);
    for sum in [
        limits.handshake + limits.first_byte + limits.header_read,
        limits.idle_keep_alive + limits.header_read,
        limits.idle_streams + limits.first_byte,
        limits.body_read_idle,
        limits.request_total + Duration::from_secs(1),
        limits.write_stall,
    ] {
        assert!(sum <= promise, "{sum:?}");
    }
    assert!(limits.connections > 2000 && LONG > PATIENCE);
}
