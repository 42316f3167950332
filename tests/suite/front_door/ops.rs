//! The operator's side door.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use portal::web::{
    front_door::FrontDoor,
    metrics,
    ops::{Readiness, SideDoor},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::oneshot};

use super::house::{Door, assert_status, patient, until_closed};

async fn get(addr: std::net::SocketAddr, method: &str, path: &str) -> String {
    let mut peer = TcpStream::connect(addr).await.unwrap();
    peer.write_all(format!("{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
        .await
        .unwrap();
    until_closed(&mut peer).await
}

#[tokio::test]
async fn the_operator_sees_how_the_house_is_doing() {
    let ready = Arc::new(AtomicBool::new(false));
    let asked = ready.clone();
    let readiness = Arc::new(move || {
        if asked.load(Ordering::SeqCst) {
            Readiness::yes()
        } else {
            Readiness::no(["ostrau: tenant.yaml:3:1".to_owned()])
        }
    });
    let side = SideDoor::bind(([127, 0, 0, 1], 0).into(), metrics::install(), readiness).await.unwrap();
    let addr = side.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(side.serve(async {
        let _ = stopped.await;
    }));

    assert_status(&get(addr, "GET", "/health/live").await, 200);
    let unready = get(addr, "GET", "/health/ready").await;
    assert_status(&unready, 503);
    assert!(unready.ends_with("{\"ready\":false,\"reasons\":[\"ostrau: tenant.yaml:3:1\"]}\n"), "{unready}");
    ready.store(true, Ordering::SeqCst);
    assert_status(&get(addr, "GET", "/health/ready").await, 200);
    assert_status(&get(addr, "GET", "/").await, 404);
    assert_status(&get(addr, "POST", "/metrics").await, 405);

    let door = Door::open(patient()).await;
    for path in ["/secret-path?name=anna", "/other"] {
        assert_status(&get(door.addr, "GET", path).await, 200);
    }
    assert_status(&get(door.addr, "INVENTED", "/").await, 200);
    let figures = get(addr, "GET", "/metrics").await;
    assert_status(&figures, 200);
    assert!(
        figures.contains(r#"portal_requests_total{tenant="ostrau",route="/stub",method="GET",status="200"}"#),
        "{figures}"
    );
    assert!(figures.contains(r#"method="other""#) && figures.contains("portal_request_seconds_bucket"), "{figures}");
    assert!(figures.contains("portal_connections "), "{figures}");
    for secret in ["secret-path", "anna", "INVENTED", "127.0.0.1", "/health"] {
        assert!(!figures.contains(secret), "{secret} in {figures}");
    }
    stop.send(()).unwrap();
    assert_eq!(served.await.unwrap().gave_up, 0);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let door = Door::open(patient()).await;
    let twice = FrontDoor::bind(door.addr, portal::web::front_door::Transport::Plain, patient()).await;
    let told = twice.err().unwrap().to_string();
    assert!(told.contains(&door.addr.to_string()), "{told}");
}
