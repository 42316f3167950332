//! A database of a test's own: SQLite, or PostgreSQL when `PORTAL_TEST_DATABASE` names a server ([`tests/postgres`]).
//!
//! [`tests/postgres`]: ../../tests/postgres

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use portal::{
    config::secret::SecretRef,
    crypto::MasterKeys,
    store::{self, Place, Settings, Store},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::root;

/// Roles that `tests/postgres` makes.
const OWNER: &str = "portal_owner";
const APPLICATION: &str = "portal";

/// With all tables and nothing in them. Dropping it takes it away.
pub struct Database {
    /// How a house opens it.
    pub settings: Settings,
    folder: TempDir,
    postgres: Option<Foreign>,
}

/// A database on a server of PostgreSQL.
struct Foreign {
    superuser: String,
    name: String,
    /// The road by which a portal goes to it, if it is not the straight one.
    by: Option<SocketAddr>,
}

impl Database {
    /// Of the kind with which the suite runs.
    pub async fn fresh() -> Self {
        match std::env::var("PORTAL_TEST_DATABASE") {
            Ok(superuser) => Self::on_postgres(&superuser).await,
            Err(_) => Self::on_sqlite().await,
        }
    }

    pub async fn on_sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let settings = Settings::in_data(folder.path().to_owned());
        store::migrate(&settings.place, None).await.expect("an empty file takes all tables");
        Self { settings, folder, postgres: None }
    }

    /// A file of SQLite that is there already.
    pub fn at(file: &Path) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let settings =
            Settings { place: Place::Sqlite(file.to_owned()), ..Settings::in_data(folder.path().to_owned()) };
        Self { settings, folder, postgres: None }
    }

    /// On a server at which its superuser logs in so.
    pub async fn on_postgres(superuser: &str) -> Self {
        let name = format!("t_{}", Uuid::new_v4().simple());
        let mut server = PgConnection::connect(superuser).await.expect("PORTAL_TEST_DATABASE names a server");
        let template = template(&mut server, superuser).await;
        run(&mut server, format!("create database {name} template {template} owner {OWNER}")).await;
        let folder = TempDir::new().expect("a temporary folder");
        let place = address_of(superuser, APPLICATION, &name).parse().expect("an address of our own");
        let settings = Settings { place, ..Settings::in_data(folder.path().to_owned()) };
        Self { settings, folder, postgres: Some(Foreign { superuser: superuser.to_owned(), name, by: None }) }
    }

    /// The portal goes to it by this road.
    pub fn by(mut self, road: SocketAddr) -> Self {
        self.postgres.as_mut().expect("only servers are far away").by = Some(road);
        self.settings.place = self.address().parse().expect("an address of our own");
        self
    }

    /// The connections of one more node.
    pub async fn open(&self) -> Store {
        let settings = Settings { master_key: Some(self.masters()), ..self.settings.clone() };
        let opened = settings.open().await.expect("a data room of our own opens");
        assert!(opened.waits_for.is_none(), "{:?}", opened.waits_for);
        opened.store
    }

    /// What a node gets on its command line to work with this database.
    pub fn arguments(&self) -> Vec<String> {
        let (address, key) = (self.address(), self.masters().to_string());
        vec!["--database".to_owned(), address, "--master-key".to_owned(), key]
    }

    /// For `--database`, in the role of the application.
    pub fn address(&self) -> String {
        self.address_as(APPLICATION)
    }

    /// The same for `portal migrate`.
    pub fn owners_address(&self) -> String {
        self.address_as(OWNER)
    }

    /// The same for somebody whom no wall stops.
    pub fn superusers_address(&self) -> String {
        self.address_as("postgres")
    }

    fn address_as(&self, role: &str) -> String {
        match &self.postgres {
            Some(Foreign { superuser, name, by }) => {
                let straight = address_of(superuser, role, name);
                by.filter(|_| role != "postgres").map_or(straight, |by| format!("postgres://{role}@{by}/{name}"))
            }
            None => self.settings.place.to_string(),
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// Where a house with this database keeps everything else, and SQLite its file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The first file in that folder in which one of these traces stands.
    pub fn finds(&self, traces: &[Vec<u8>]) -> Option<String> {
        let paths = fs::read_dir(self.folder()).expect("our own folder").map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.is_file()).find_map(|path| {
            let bytes = fs::read(&path).expect("a readable file");
            let found = traces.iter().any(|trace| memchr::memmem::find(&bytes, trace).is_some());
            found.then(|| path.display().to_string())
        })
    }

    /// Made when it is asked for the first time.
    fn masters(&self) -> SecretRef {
        let path = self.folder.path().join("master.key");
        MasterKeys::load_or_new(&path).expect("the temporary folder can be written");
        SecretRef::File(path)
    }

    /// Changes rows behind the portal's back; says how many.
    pub async fn tamper(&self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match &self.postgres {
            Some(_) => {
                let mut link = PgConnection::connect(&self.superusers_address()).await.expect("it is open");
                sqlx::raw_sql(sql).execute(&mut link).await.map(|done| done.rows_affected())
            }
            None => {
                let mut link = SqliteConnection::connect(&self.address()).await.expect("it is open");
                sqlx::raw_sql(sql).execute(&mut link).await.map(|done| done.rows_affected())
            }
        };
        done.expect("a test writes SQL that works")
    }

    /// What PostgreSQL says to the role of the portal about some SQL.
    pub async fn tries(&self, sql: &str) -> Result<(), String> {
        let mut link = PgConnection::connect(&self.address()).await.expect("it is open");
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut link).await;
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// The number that a question gives, asked behind the portal's back.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let found = match &self.postgres {
            Some(_) => {
                let mut link = PgConnection::connect(&self.superusers_address()).await.expect("it is open");
                sqlx::query_scalar(sql).fetch_one(&mut link).await
            }
            None => {
                let mut link = SqliteConnection::connect(&self.address()).await.expect("it is open");
                sqlx::query_scalar(sql).fetch_one(&mut link).await
            }
        };
        found.expect("a test asks for a number")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(Foreign { superuser, name, .. }) = self.postgres.take() else { return };
        let gone = async move {
            if let Ok(mut server) = PgConnection::connect(&superuser).await {
                let drop = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
                let _ = sqlx::raw_sql(drop).execute(&mut server).await;
            }
        };
        // a test may end inside its runtime, and this must not be left to it
        let thread = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a small runtime").block_on(gone);
        });
        let _ = thread.join();
    }
}

/// The name of the database with all tables from which the others are copied; whoever comes first makes it.
async fn template(server: &mut PgConnection, superuser: &str) -> String {
    let name = format!("portal_{:016x}", tables());
    // held until the connection is closed, so that the others find the whole of it
    run(server, "select pg_advisory_lock(7047)".to_owned()).await;
    let known: Vec<(i32,)> = sqlx::query_as("select 1 from pg_database where datname = $1")
        .bind(&name)
        .fetch_all(&mut *server)
        .await
        .expect("the catalogue can be read");
    if known.is_empty() {
        run(server, format!("drop database if exists {name}_new with (force)")).await;
        run(server, format!("create database {name}_new owner {OWNER}")).await;
        let place = address_of(superuser, OWNER, &format!("{name}_new")).parse().expect("an address of our own");
        store::migrate(&place, Some(APPLICATION)).await.expect("an empty database takes all tables");
        run(server, format!("alter database {name}_new rename to {name}")).await;
    }
    run(server, "select pg_advisory_unlock(7047)".to_owned()).await;
    name
}

async fn run(server: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(server).await.expect("the superuser may");
}

/// `postgres://superuser@host:port/postgres` for another role and database.
fn address_of(superuser: &str, role: &str, name: &str) -> String {
    let (head, _) = superuser.rsplit_once('/').expect("an address with a database");
    let (_, authority) = head.split_once('@').expect("an address with a user");
    format!("postgres://{role}@{authority}/{name}")
}

/// Tells one state of `migrations/` from another.
fn tables() -> u64 {
    let mut hash = DefaultHasher::new();
    for folder in ["migrations", "migrations/postgres"] {
        let entries = fs::read_dir(root().join(folder)).expect("a folder of the project");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            fs::read(file).expect("a readable file").hash(&mut hash);
        }
    }
    hash.finish()
}
