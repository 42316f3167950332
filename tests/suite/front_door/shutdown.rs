//! The house closes: requests in flight are finished, nobody else is waited for.

use portal::web::front_door::{DrainReport, Limits};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use super::house::{Door, PATIENCE, SHORT, answer, assert_status, http2, patient, received, request, until_closed};

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let mut door = Door::open(patient()).await;
    let mut silent = door.peer().await;
    let mut idle = door.peer().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_status(&answer(&mut idle).await, 200);
    let mut busy = door.peer().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    door.signals.waiting.notified().await;

    door.ask_to_close();
    assert_eq!((until_closed(&mut silent).await, until_closed(&mut idle).await), (String::new(), String::new()));
    assert!(TcpStream::connect(door.addr).await.is_err());
    door.signals.go_on.notify_one();
    let heard = until_closed(&mut busy).await;
    assert_status(&heard, 200);
    assert!(heard.ends_with("waited") && heard.contains("connection: close"), "{heard}");
    drop((silent, idle, busy));
    assert_eq!(door.closed().await, DrainReport { drained: 3, gave_up: 0 });
}

#[tokio::test]
async fn an_http2_stream_in_flight_is_finished() {
    let mut door = Door::open(patient()).await;
    let mut requests = http2(door.peer().await).await;
    let (response, _) = requests.send_request(request("/wait"), true).unwrap();
    door.signals.waiting.notified().await;
    door.ask_to_close();
    // The door says goodbye: new requests find no way, the one in flight does.
    let refused = async {
        while let Ok(ready) = requests.clone().ready().await {
            let mut ready = ready;
            if ready.send_request(request("/"), true).is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.expect("new requests are refused");
    door.signals.go_on.notify_one();
    assert_eq!(received(response).await, (200, "waited".to_owned()));
    drop(requests);
    assert_eq!(door.closed().await.gave_up, 0);
}

#[tokio::test]
async fn patience_ends() {
    let mut door = Door::open(Limits { drain: SHORT, ..patient() }).await;
    let mut busy = door.peer().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    door.signals.waiting.notified().await;
    door.ask_to_close();
    assert_eq!(door.closed().await, DrainReport { drained: 0, gave_up: 1 });
    assert_eq!(until_closed(&mut busy).await, "");
}
