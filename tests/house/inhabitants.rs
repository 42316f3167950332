//! People in a data room, a row of them in every table: what backup, deletion and rotation are tried on.

use jiff::SignedDuration;
use portal::{
    audit::{self, Actor, Entry},
    crypto::{Cell, Sealed},
    jobs::{self, Order},
    statements,
    store::{Sql, Store, TenantStore},
};
use uuid::Uuid;

use crate::{TODAY, moment};

statements! {
    ACCOUNT = "insert into accounts (tenant_id, id, provider, subject, guest, profile, created_at, logged_in_at)
        values ($1, $2, $3, $4, false, $5, '2026-11-01T12:00:00.123456Z', '2026-11-01T12:00:00Z')";
    SESSION = "insert into sessions (tenant_id, id, token, account_id, level, entered, method, device, created_at,
            authenticated_at, seen_at)
        values ($1, $2, $3, $4, 2, 2, 'elster', $5, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z',
            '2026-11-01T12:00:00Z')";
    LOGIN = "insert into pending_logins (tenant_id, handle, browser, provider, level, return_to, session_id, step_up,
            secrets, created_at, expires_at)
        values ($1, $2, $3, 'bundid', 3, $4, null, true, $5, '2026-11-01T12:00:00Z', '2026-11-01T12:15:00Z')";
    ANSWER = "insert into used_answers (tenant_id, provider, answer, expires_at)
        values ($1, 'bundid', $2, '2026-11-01T12:15:00Z')";
    SWITCH = "insert into provider_switches (for_tenant, provider, off_since, reason)
        values ($1, $2, '2026-11-01T12:00:00Z', 'Störung')";
    CLERK = "insert into staff (tenant_id, id, provider, login, profile, credentials, totp_step, failures, locked_until,
            disabled, created_at)
        values ($1, $2, 'local', $3, $4, $5, 0, 0, null, false, '2026-11-01T12:00:00Z')";
    AT_WORK = "insert into staff_sessions (tenant_id, id, token, staff_id, stage, secret, created_at, seen_at)
        values ($1, $2, $3, $4, 'in', null, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z')";
    DRAFT = "insert into drafts (tenant_id, id, service, form, locale, account_id, guest, browser, answers, revision,
            created_at, touched_at, expires_at, reminded, case_id)
        values ($1, $2, 'hund', 'hund', 'de', $2, null, $3, $4, 1, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z',
            '2026-12-01T12:00:00Z', false, null)";
    CASE = "insert into cases (tenant_id, id, number, service, form, department, account_id, person, state, channel,
            level, title, application, applicant, assignee, due_at, follow_up_at, revision, submitted_at, closed_at, keep_until, hold)
        values ($1, $2, $3, 'hund', null, null, $2, $4, 'received', 'online', 'basis', $7, $5, $6, null, '2026-12-01T12:00:00Z', null, 1,
            '2026-11-01T12:00:00Z', null, null, false)";
    CASE_EVENT = "insert into case_events (tenant_id, id, case_id, seq, at, kind, shown, actor, actor_id, details)
        values ($1, $2, $2, 1, '2026-11-01T12:00:00Z', 'submitted', true, 'citizen', null, $3)";
    THREAD = "insert into threads (tenant_id, id, account_id, case_id, department, subject, created_at, last_at, archived,
            unread_citizen, unread_staff)
        values ($1, $2, $2, $2, null, $3, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z', false, 1, 0)";
    MESSAGE = "insert into messages (tenant_id, id, thread_id, seq, sender, staff_id, kind, body, sent_at, read_at)
        values ($1, $2, $2, 1, 'staff', $2, 'decision', $3, '2026-11-01T12:00:00Z', null)";
    DECISION = "insert into decisions (tenant_id, message_id, case_id, regime, state, details, provided_at, retrieved_at,
            announced_at, posted_at, next_at)
        values ($1, $2, $2, 'ozg', 'provided', $3, '2026-11-01T12:00:00Z', null, null, null, null)";
    DELIVERY = "insert into deliveries (tenant_id, id, case_id, destination, state, attempts, last_error, receipt, created_at,
            tried_at)
        values ($1, $2, $2, 'fach', 'delivered', 1, null, $3, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z')";
    COPY = "insert into message_copies (tenant_id, message_id, provider, state, attempts, last_error, created_at, tried_at)
        values ($1, $2, 'bundid', 'delivered', 1, null, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z')";
    PROPOSAL = "insert into proposals (tenant_id, case_id, staff_id, words, returned, proposed_at)
        values ($1, $2, $2, $3, null, '2026-11-01T12:00:00Z')";
    LOOK = "insert into looks (tenant_id, id, thread_id, staff_id, reason, looked_at)
        values ($1, $2, $2, $2, $3, '2026-11-01T12:00:00Z')";
    SUBSTITUTE = "insert into substitutes (tenant_id, staff_id, substitute, starts_on, ends_on)
        values ($1, $2, $2, '2026-11-01', '2026-11-02')";
    DEPARTURE = "insert into departures (tenant_id, account_id, asked_at, due_at)
        values ($1, $2, '2026-11-01T12:00:00Z', '2026-11-04T12:00:00Z')";
    SENT_FORM = "insert into sent_forms (tenant_id, token, target, sent_at)
        values ($1, $2, $3, '2026-11-01T12:00:00Z')";
    ADDRESS = "insert into address_changes (tenant_id, id, account_id, confirmation, objection, addresses, asked_at,
            confirmed_at, login)
        values ($1, $2, $2, $3, $4, $5, '2026-11-01T12:00:00Z', null, $6)";
    MOVE_REQUEST = "insert into move_requests (tenant_id, token, session_id, old_account, expires_at)
        values ($1, $2, $3, $4, '2026-11-01T13:00:00Z')";
    MOVE = "insert into moves (tenant_id, id, old_account, new_account, moved, moved_at, undo_until, undone_at)
        values ($1, $2, $2, $2, $3, '2026-11-01T12:00:00Z', '2026-11-15T12:00:00Z', null)";
    FILE = "insert into files (tenant_id, id, draft_id, case_id, message_id, details, kind, size, state, created_at)
        values ($1, $2, null, $2, null, $3, 'application/pdf', 4711, 'clean', '2026-11-01T12:00:00Z')";
    LOCAL_LOGIN = "insert into local_logins (tenant_id, account_id, name, address, details, credentials, totp_step, failures,
            locked_until)
        values ($1, $2, $3, $4, $5, $6, 0, 0, null)";
    REGISTRATION = "insert into registrations (tenant_id, id, browser, link, provider, address, details, stage, tries,
            created_at, expires_at)
        values ($1, $2, $3, $4, 'konto', $5, $6, 'mailed', 0, '2026-11-01T12:00:00Z', '2026-11-02T12:00:00Z')";
    RESET = "insert into password_resets (tenant_id, link, account_id, created_at, expires_at)
        values ($1, $2, $3, '2026-11-01T12:00:00Z', '2026-11-01T13:00:00Z')";
    PROFILE = "select id, profile from accounts where tenant_id = $1 order by id";
}

/// What stands in clear columns and in sealed values of a town, and nowhere else.
pub fn canary(town: &str) -> String {
    format!("kanarie-{town}-zwitschert")
}

/// The data of a town, whether it has a folder or not.
pub fn room(store: &Store, town: &str) -> TenantStore {
    store.platform().remains_of(town)
}

/// Lets people move in, each with rows in the tables of towns; gives back their ids.
pub async fn move_in(store: &Store, town: &str, people: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..people {
        ids.push(moves_in(store, town).await);
    }
    let mut tx = room(store, town).write().await.unwrap();
    tx.query(SWITCH).bind(format!("bundid-{}", Uuid::new_v4())).run().await.unwrap();
    tx.commit().await.unwrap();
    ids
}

/// One person: all of their rows, or none.
pub async fn moves_in(store: &Store, town: &str) -> Uuid {
    let (id, random) = (Uuid::new_v4(), || Uuid::new_v4().into_bytes().to_vec());
    let mut tx = room(store, town).write().await.unwrap();
    let sealer = tx.sealer().await.unwrap();
    let (row, letter) = (id.to_string(), serde_json::json!({"name": canary(town), "letter": "ä".repeat(200)}));
    let profile = sealer.seal_json(Cell { table: "accounts", row: &row, column: "profile" }, &letter);
    let account = tx.query(ACCOUNT).bind(id).bind("bundid".to_owned()).bind(random());
    account.bind(profile).run().await.unwrap();
    let running = Uuid::new_v4();
    let session = tx.query(SESSION).bind(running).bind(random()).bind(id);
    session.bind(canary(town)).run().await.unwrap();
    let handle = random();
    let row = Uuid::from_slice(&handle).unwrap().to_string();
    let secrets = sealer.seal(Cell { table: "pending_logins", row: &row, column: "secrets" }, canary(town).as_bytes());
    let login = tx.query(LOGIN).bind(handle).bind(random()).bind(format!("/{}", canary(town)));
    login.bind(secrets).run().await.unwrap();
    tx.query(ANSWER).bind(random()).run().await.unwrap();
    let person = id.to_string();
    let place = |column| Cell { table: "staff", row: &person, column };
    let (named, proven) = (sealer.seal_json(place("profile"), &letter), sealer.seal(place("credentials"), b"argon2id"));
    tx.query(CLERK).bind(id).bind(random()).bind(named).bind(proven).run().await.unwrap();
    tx.query(AT_WORK).bind(Uuid::new_v4()).bind(random()).bind(id).run().await.unwrap();
    let sealed = |table: &'static str, column: &'static str| {
        sealer.seal(Cell { table, row: &person, column }, canary(town).as_bytes())
    };
    tx.query(DRAFT).bind(id).bind(random()).bind(sealed("drafts", "answers")).run().await.unwrap();
    let case = tx.query(CASE).bind(id).bind(person.clone()).bind(random());
    let case = case.bind(sealed("cases", "application")).bind(sealed("cases", "applicant"));
    case.bind(sealed("cases", "title")).run().await.unwrap();
    tx.query(CASE_EVENT).bind(id).bind(sealed("case_events", "details")).run().await.unwrap();
    tx.query(THREAD).bind(id).bind(sealed("threads", "subject")).run().await.unwrap();
    tx.query(MESSAGE).bind(id).bind(sealed("messages", "body")).run().await.unwrap();
    tx.query(DECISION).bind(id).bind(sealed("decisions", "details")).run().await.unwrap();
    tx.query(COPY).bind(id).run().await.unwrap();
    tx.query(DELIVERY).bind(id).bind(sealed("deliveries", "receipt")).run().await.unwrap();
    tx.query(PROPOSAL).bind(id).bind(sealed("proposals", "words")).run().await.unwrap();
    tx.query(LOOK).bind(id).bind(sealed("looks", "reason")).run().await.unwrap();
    tx.query(SUBSTITUTE).bind(id).run().await.unwrap();
    tx.query(DEPARTURE).bind(id).run().await.unwrap();
    tx.query(SENT_FORM).bind(id).bind(canary(town)).run().await.unwrap();
    let address = tx.query(ADDRESS).bind(id).bind(random()).bind(random());
    address.bind(sealed("address_changes", "addresses")).bind(random()).run().await.unwrap();
    tx.query(MOVE_REQUEST).bind(random()).bind(running).bind(id).run().await.unwrap();
    tx.query(MOVE).bind(id).bind(sealed("moves", "moved")).run().await.unwrap();
    tx.query(FILE).bind(id).bind(sealed("files", "details")).run().await.unwrap();
    let (named, proven) = (sealed("local_logins", "details"), sealed("local_logins", "credentials"));
    let login = tx.query(LOCAL_LOGIN).bind(id).bind(random()).bind(random()).bind(named);
    login.bind(proven).run().await.unwrap();
    let registration = tx.query(REGISTRATION).bind(id).bind(random()).bind(random()).bind(random());
    registration.bind(sealed("registrations", "details")).run().await.unwrap();
    tx.query(RESET).bind(random()).bind(id).run().await.unwrap();
    let now = moment(TODAY);
    let entry = Entry::new(Actor::Citizen(id), "account.made").about(id).with(serde_json::json!({"by": canary(town)}));
    audit::record(&mut tx, now, entry).await.unwrap();
    let (payload, key) = (serde_json::json!({"to": canary(town)}), random());
    let once = Some((&key[..], SignedDuration::from_hours(1)));
    jobs::enqueue(&mut tx, now, Order { kind: "letter", payload: &payload, run_at: now, once }).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// What a statement with one column of bytes finds in a town, as it lies there.
pub async fn sealed(store: &Store, town: &str, sql: Sql) -> Vec<Vec<u8>> {
    let mut tx = room(store, town).read().await.unwrap();
    tx.query(sql).all::<(Vec<u8>,)>().await.unwrap().into_iter().map(|(bytes,)| bytes).collect()
}

/// Opens every profile of a town and follows its chain; fails if something does not open or hold.
pub async fn read_all(store: &Store, town: &str) -> usize {
    let mut tx = room(store, town).read().await.unwrap();
    let rows: Vec<(Uuid, Sealed)> = tx.query(PROFILE).all().await.unwrap();
    let sealer = tx.sealer().await.unwrap();
    for (id, profile) in &rows {
        let cell = Cell { table: "accounts", row: &id.to_string(), column: "profile" };
        let profile: serde_json::Value = sealer.open_json(cell, profile).unwrap();
        assert_eq!(profile["name"], *canary(town));
    }
    audit::verify(&mut tx).await.unwrap().unwrap_or_else(|broken| panic!("{town}: {broken}"));
    rows.len()
}
