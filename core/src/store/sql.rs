//! SQL as constants that the compiler inspects.

/// SQL about one town. `$1` is always the tenant: bound by the transaction, never by the caller.
///
/// ```compile_fail
/// const LEAK: portal::store::Sql = portal::store::Sql::new("select * from cases where id = $2");
/// let _ = LEAK;
/// ```
/// ```compile_fail
/// // every table that is named needs its tenant
/// const LEAK: portal::store::Sql = portal::store::Sql::new(
///     "select c.id from cases c join accounts a on a.id = c.owner where c.tenant_id = $1");
/// let _ = LEAK;
/// ```
/// ```compile_fail
/// // whatever comes after an `or` is not about the tenant any more
/// const LEAK: portal::store::Sql = portal::store::Sql::new(
///     "select id from cases where tenant_id = $1 and owner = $2 or shared");
/// let _ = LEAK;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub(super) text: &'static str,
    pub(super) params: usize,
}

impl Sql {
    /// Refuses, while compiling, what does not name its tenant: `… tenant_id = $1` in a question or a change,
    /// `(tenant_id, …) values ($1, …` in an entry, and as many `tenant_id` as tables. Tables for all towns say
    /// `for_tenant` instead.
    pub const fn new(text: &'static str) -> Self {
        let sql = text.as_bytes();
        let named = count(sql, b"tenant_id") + count(sql, b"for_tenant");
        let tables = count(sql, b" from ")
            + count(sql, b" join ")
            + count(sql, b"insert into ")
            + if starts_with(sql, b"update ") { 1 } else { 0 };
        assert!(named >= tables && tables >= 1, "every table needs its tenant_id");
        let is_entry = starts_with(sql, b"insert into ");
        let names_tenant = if is_entry {
            (contains(sql, b"(tenant_id, ") || contains(sql, b"(for_tenant, "))
                && (contains(sql, b"values ($1, ") || contains(sql, b"select $1, "))
        } else {
            contains(sql, b"tenant_id = $1") || contains(sql, b"for_tenant = $1")
        };
        assert!(names_tenant, "$1 must be the tenant");
        assert!(!has_open_or(sql), "`or` belongs in parentheses, or it lets other tenants in");
        Self { text, params: highest_parameter(sql) }
    }

    pub const fn text(&self) -> &'static str {
        self.text
    }
}

/// SQL about what belongs to no town. It cannot name a town's table by its tenant; on PostgreSQL row-level security
/// shows it none of their rows.
#[derive(Debug, Clone, Copy)]
pub struct PlatformSql {
    pub(super) text: &'static str,
    pub(super) params: usize,
}

impl PlatformSql {
    pub const fn new(text: &'static str) -> Self {
        assert!(!contains(text.as_bytes(), b"tenant_id"), "a town's table is asked through its tenant");
        Self { text, params: highest_parameter(text.as_bytes()) }
    }

    pub const fn text(&self) -> &'static str {
        self.text
    }
}

/// Names the statements of a slice, and lists them in `STATEMENTS`, so that a test can prepare all of them on both
/// databases.
///
/// ```ignore
/// statements! { OPEN = "select id from cases where tenant_id = $1 and owner = $2"; }
/// tx.query(OPEN).bind(owner).all::<Case>().await
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: $crate::store::Sql = $crate::store::Sql::new($sql);)+
        /// Every statement of this slice.
        pub const STATEMENTS: &[$crate::store::Sql] = &[$($name),+];
    };
}

/// The same for statements about what belongs to no town.
#[macro_export]
macro_rules! platform_statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: $crate::store::PlatformSql = $crate::store::PlatformSql::new($sql);)+
        /// Every statement of this slice about what belongs to no town.
        pub const PLATFORM_STATEMENTS: &[$crate::store::PlatformSql] = &[$($name),+];
    };
}

const fn starts_with(text: &[u8], beginning: &[u8]) -> bool {
    is_at(text, 0, beginning)
}

const fn contains(text: &[u8], wanted: &[u8]) -> bool {
    count(text, wanted) > 0
}

const fn count(text: &[u8], wanted: &[u8]) -> usize {
    let (mut at, mut found) = (0, 0);
    while at + wanted.len() <= text.len() {
        if is_at(text, at, wanted) {
            found += 1;
        }
        at += 1;
    }
    found
}

const fn is_at(text: &[u8], at: usize, wanted: &[u8]) -> bool {
    if at + wanted.len() > text.len() {
        return false;
    }
    let mut i = 0;
    while i < wanted.len() {
        if text[at + i] != wanted[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// An `or` outside of all parentheses.
const fn has_open_or(text: &[u8]) -> bool {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        match text[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b' ' | b'\n' if depth == 0 && (is_at(text, at + 1, b"or ") || is_at(text, at + 1, b"or\n")) => return true,
            _ => {}
        }
        at += 1;
    }
    false
}

const fn highest_parameter(text: &[u8]) -> usize {
    let (mut at, mut highest) = (0, 0);
    while at < text.len() {
        if text[at] == b'$' {
            let (mut number, mut digit) = (0, at + 1);
            while digit < text.len() && text[digit].is_ascii_digit() {
                number = number * 10 + (text[digit] - b'0') as usize;
                digit += 1;
            }
            if number > highest {
                highest = number;
            }
        }
        at += 1;
    }
    highest
}
