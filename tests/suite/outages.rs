//! What goes on while a partner is away (promises c1 and c3).

use std::time::{Duration, Instant};

use portal::store::Error;
use portal::store::{PlatformSql, Store};
use portal_tests::{Browser, Database, Detour, House, Postgres, Road, Towns, binary::Process};

/// Longer than a request may wait for the database.
const AT_MOST: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_question_to_a_database_that_is_away_ends_in_time() {
    let Some(server) = Postgres::start() else { return };
    let database = Database::on_postgres(server.address()).await;
    let store = database.open().await;
    for (away, back) in [
        (Postgres::pause as fn(&Postgres), Postgres::go_on as fn(&Postgres)),
        (Postgres::stop, Postgres::again),
        (Postgres::kill, Postgres::again),
    ] {
        ask(&store).await.expect("it is there");
        let mut begun = store.platform().read().await.expect("it is there");
        away(&server);
        let start = Instant::now();
        let in_between = begun.query(ONE).optional::<(i32,)>().await;
        assert!(matches!(in_between, Err(Error::Unavailable(_))), "{in_between:?}");
        assert!(matches!(ask(&store).await, Err(Error::Unavailable(_))));
        assert!(start.elapsed() < 2 * AT_MOST, "{:?}", start.elapsed());
        back(&server);
        let start = Instant::now();
        while ask(&store).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(5), "it does not find back");
        }
    }
}

const ONE: PlatformSql = PlatformSql::new("select 1");

async fn ask(store: &Store) -> Result<Option<(i32,)>, Error> {
    store.platform().read().await?.query(ONE).optional().await
}
