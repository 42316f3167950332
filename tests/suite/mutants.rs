//! Would the suite miss a wall between two towns? (promise a3)
//!
//! Each mutant is the portal with one wall taken down in its source. The compiler or some test has to say no to it: a
//! test that stays green with the wall away proves nothing. The short form looks whether every wall still stands where
//! the mutants look for it. The long form builds each mutant in a copy of the project and tells what went red:
//!
//!     MUTANTS=all cargo test -p portal-tests --test suite mutants:: -- --nocapture
//!
//! `MUTANTS=cache` takes those alone whose wall has that word.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use portal_tests::root;

struct Mutant {
    /// What is missing.
    wall: &'static str,
    /// File, what stands there once and is taken down, and what stands there instead.
    edits: &'static [(&'static str, &'static str, &'static str)],
    missed_by: Judge,
}

/// Who has to say no.
#[derive(Clone, Copy)]
enum Judge {
    Compiler,
    /// Modules of the suite, on both databases.
    Suite(&'static [&'static str]),
    /// On SQLite only: on PostgreSQL the fourth wall still stands.
    OnSqlite(&'static [&'static str]),
    OnPostgres(&'static [&'static str]),
    /// Tests beside the code.
    Unit(&'static str),
}

impl Judge {
    fn modules(self) -> &'static [&'static str] {
        match self {
            Suite(modules) | OnSqlite(modules) | OnPostgres(modules) => modules,
            Compiler | Unit(_) => &[],
        }
    }
}

use Judge::{Compiler, OnPostgres, OnSqlite, Suite, Unit};

const PERSONS: &[&str] = &["isolation::persons"];

const MUTANTS: &[Mutant] = &[
    Mutant {
        wall: "a statement names its town",
        edits: &[("core/src/identity/records.rs", "where s.tenant_id = $1 and s.token = $2", "where s.token = $2")],
        missed_by: Compiler,
    },
    Mutant {
        wall: "a joined table names its town",
        edits: &[(
            "core/src/identity/records.rs",
            "from sessions s join accounts a on a.tenant_id = s.tenant_id and a.id = s.account_id\n        \
             where s.tenant_id = $1 and s.token = $2",
            "from sessions s join accounts a on a.id = s.account_id\n        where s.tenant_id = $1 and s.token = $2",
        )],
        missed_by: Compiler,
    },
    Mutant {
        wall: "a question of the platform asks no town's table",
        edits: &[(
            "core/src/store/keys.rs",
            "select master_key, count(*) from tenant_keys group by master_key",
            "select master_key, count(*) from tenant_keys where for_tenant in (select tenant_id from sessions) group by master_key",
        )],
        missed_by: Compiler,
    },
    Mutant {
        wall: "a citizen's session is looked for in its town",
        edits: &[(
            "core/src/identity/records.rs",
            "where s.tenant_id = $1 and s.token = $2",
            "where (s.tenant_id = $1 or true) and s.token = $2",
        )],
        missed_by: OnSqlite(PERSONS),
    },
    Mutant {
        wall: "a clerk's session and account are looked for in their town",
        edits: &[
            (
                "core/src/staff/records.rs",
                "from staff_sessions\n        where tenant_id = $1 and token = $2",
                "from staff_sessions\n        where (tenant_id = $1 or true) and token = $2",
            ),
            (
                "core/src/staff/records.rs",
                "where tenant_id = $1 and id = $2\";\n    ALL",
                "where (tenant_id = $1 or true) and id = $2\";\n    ALL",
            ),
        ],
        missed_by: OnSqlite(PERSONS),
    },
    Mutant {
        wall: "a login that has begun is taken out in its town",
        edits: &[(
            "core/src/identity/records.rs",
            "where tenant_id = $1 and handle = $2 and provider = $3\n",
            "where (tenant_id = $1 or true) and handle = $2 and provider = $3\n",
        )],
        missed_by: OnSqlite(PERSONS),
    },
    Mutant {
        wall: "a session is ended by its own account",
        edits: &[(
            "core/src/identity/records.rs",
            "where tenant_id = $1 and id = $2 and account_id = $3",
            "where (tenant_id = $1 or true) and id = $2 and $3 = $3",
        )],
        missed_by: OnSqlite(PERSONS),
    },
    Mutant {
        wall: "each town has a store of its own",
        edits: &[(
            "core/src/store/mod.rs",
            "self.scoped(tenant.id.as_str().into())\n    }\n\n    /// Waits",
            "let _ = tenant;\n        self.scoped(\"any\".into())\n    }\n\n    /// Waits",
        )],
        missed_by: Suite(PERSONS),
    },
    Mutant {
        wall: "a transaction binds its own town",
        edits: &[(
            "core/src/store/tx.rs",
            "let tenant = self.tenant.to_string();",
            "let tenant = String::from(\"ostrau\");",
        )],
        missed_by: Suite(PERSONS),
    },
    Mutant {
        wall: "row-level security of what is read",
        edits: &[(
            "migrations/postgres/walls.sql",
            "'using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')) '",
            "'using (true) '",
        )],
        missed_by: OnPostgres(&["walls::"]),
    },
    Mutant {
        wall: "row-level security of what is written",
        edits: &[(
            "migrations/postgres/walls.sql",
            "'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))'",
            "'with check (true)'",
        )],
        missed_by: OnPostgres(&["walls::"]),
    },
    Mutant {
        wall: "each town has a key of its own",
        edits: &[
            ("core/src/store/keys.rs", "self.unwrapped.get(&tenant)", "self.unwrapped.get(\"any\")"),
            (
                "core/src/store/keys.rs",
                "self.unwrapped.insert(tenant, sealer.clone());",
                "self.unwrapped.insert(\"any\".into(), sealer.clone());",
            ),
        ],
        missed_by: Suite(&["walls::"]),
    },
    Mutant {
        wall: "what is sealed opens in its town",
        edits: &[(
            "core/src/crypto/sealer.rs",
            "[&*self.tenant, cell.table, cell.row, cell.column]",
            "[\"\", cell.table, cell.row, cell.column]",
        )],
        missed_by: Unit("crypto::"),
    },
    Mutant {
        wall: "what is sealed opens in its row",
        edits: &[(
            "core/src/crypto/sealer.rs",
            "[&*self.tenant, cell.table, cell.row, cell.column]",
            "[&*self.tenant, cell.table, \"\", cell.column]",
        )],
        missed_by: Suite(&["walls::"]),
    },
    Mutant {
        wall: "an unknown host belongs to nobody",
        edits: &[(
            "core/src/tenant/registry.rs",
            "None => Found::Unknown,",
            "None => self.all().into_iter().next().map_or(Found::Unknown, Found::Tenant),",
        )],
        missed_by: Suite(&["isolation::", "host::"]),
    },
    Mutant {
        wall: "the page cache knows towns apart",
        edits: &[(
            "core/src/web/cache.rs",
            "let key = Key { tenant: tenant.id.clone(), version: tenant.version, path, query };",
            "let key = Key { tenant: portal.tenants.all()[0].id.clone(), version: 0, path, query };",
        )],
        missed_by: Suite(&["isolation::"]),
    },
    Mutant {
        wall: "frames of pages are one town's",
        edits: &[(
            "core/src/web/frame.rs",
            "let key = (visit.tenant.id.clone(), visit.tenant.version, visit.locale.clone());",
            "let key = (visit.portal.tenants.all()[0].id.clone(), 0, visit.locale.clone());",
        )],
        missed_by: Suite(&["isolation::"]),
    },
    Mutant {
        wall: "files are one town's",
        edits: &[(
            "core/src/web/send.rs",
            "let asset = tenant.asset(name)?;",
            "let all = super::Visit::of(request).portal.tenants.all();\n    let asset = all.iter().find_map(|town| town.asset(name)).or(tenant.asset(name))?;",
        )],
        missed_by: Suite(&["isolation::"]),
    },
    Mutant {
        wall: "a budget is one town's",
        edits: &[(
            "core/src/web/throttle.rs",
            "self.take(Key { tenant: tenant.clone(), network",
            "static ANY: std::sync::OnceLock<TenantId> = std::sync::OnceLock::new();\n        \
             self.take(Key { tenant: ANY.get_or_init(|| tenant.clone()).clone(), network",
        )],
        missed_by: Suite(&["throttle::", "oidc::town::beginning"]),
    },
    Mutant {
        wall: "a job is done for its town",
        edits: &[(
            "core/src/jobs/run.rs",
            "let tenant = portal.tenants.get(&claim.found.for_tenant);",
            "let tenant = portal.tenants.all().into_iter().next();",
        )],
        missed_by: Suite(&["jobs::", "contact::"]),
    },
    Mutant {
        wall: "a town answers its provider with its own keys",
        edits: &[(
            "core/src/identity/provider/saml.rs",
            "let key = (tenant.id.clone(), tenant.version, provider.id.clone());",
            "static ANY: std::sync::OnceLock<crate::tenant::TenantId> = std::sync::OnceLock::new();\n        \
             let key = (ANY.get_or_init(|| tenant.id.clone()).clone(), 0, provider.id.clone());",
        )],
        missed_by: Suite(&["saml::town"]),
    },
    Mutant {
        wall: "a login is bound to the browser it began in",
        edits: &[(
            "core/src/identity/login.rs",
            "browser.is_none_or(|browser| digest(browser) != found.browser)",
            "browser.is_none()",
        )],
        missed_by: Suite(&["login::", "oidc::town", "saml::town"]),
    },
    Mutant {
        wall: "half a login opens no desk",
        edits: &[("core/src/staff/visit.rs", "session.stage() == stage && is_running(session)", "is_running(session)")],
        missed_by: Suite(&["isolation::persons", "staff::"]),
    },
];

#[test]
fn every_wall_stands_where_the_mutants_look_for_it() {
    for Mutant { wall, edits, .. } in MUTANTS {
        for (file, from, to) in *edits {
            let source = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let found = source.matches(from).count();
            assert_eq!(
                found, 1,
                "`{from}` stands {found} times in `{file}`: show the mutant of “{wall}” where the wall is now"
            );
            assert_ne!(from, to, "the mutant of “{wall}” changes nothing");
        }
    }
}

#[test]
fn a_wall_that_is_taken_down_is_missed() {
    let Ok(which) = std::env::var("MUTANTS") else { return };
    let project = Copy::of_the_project();
    let on_postgres = std::env::var("PORTAL_TEST_DATABASE").is_ok_and(|address| address.starts_with("postgres"));
    let modules = MUTANTS.iter().flat_map(|mutant| mutant.missed_by.modules()).copied().collect::<BTreeSet<_>>();
    let (red, said) = project.suite(&modules.into_iter().collect::<Vec<_>>());
    assert!(red.is_empty() && said.is_ok(), "red with all walls standing: {red:?} {said:?}");
    let mut not_missed = Vec::new();
    println!("| wall | file | missed by | seconds |\n|---|---|---|---|");
    for mutant in MUTANTS.iter().filter(|mutant| which == "all" || mutant.wall.contains(&which)) {
        let left_out = match mutant.missed_by {
            OnSqlite(_) => on_postgres,
            OnPostgres(_) => !on_postgres,
            Compiler | Unit(_) | Suite(_) => false,
        };
        if left_out {
            continue;
        }
        let start = Instant::now();
        let missed_by = project.judges(mutant);
        let said = match &*missed_by {
            [] => "**nobody**".to_owned(),
            [one] => one.clone(),
            [first, more @ ..] => format!("{first} and {} more", more.len()),
        };
        println!("| {} | `{}` | {said} | {} |", mutant.wall, mutant.edits[0].0, start.elapsed().as_secs());
        if missed_by.is_empty() {
            not_missed.push(mutant.wall);
        }
    }
    assert!(not_missed.is_empty(), "nobody misses {not_missed:?}");
}

/// The project once more, in `target/mutants`; what was built there serves the next time as well.
struct Copy(PathBuf);

impl Copy {
    fn of_the_project() -> Self {
        let copy = Self(root().join("target/mutants"));
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root())
            .output();
        let listed = listed.expect("the project lies in a repository").stdout;
        let files = listed.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        for file in files.filter(|file| root().join(file).is_file()) {
            copy.put(file, &fs::read(root().join(file)).expect("it can be read"));
        }
        // what partners of the tests are made of
        for tools in ["tests/node_modules", "tests/.tools"] {
            if root().join(tools).is_dir() && !copy.0.join(tools).exists() {
                std::os::unix::fs::symlink(root().join(tools), copy.0.join(tools)).expect("a link");
            }
        }
        copy
    }

    /// A file that is the same already keeps its time, so that it is not built again.
    fn put(&self, file: &str, content: &[u8]) {
        let path = self.0.join(file);
        if fs::read(&path).is_ok_and(|known| known == content) {
            return;
        }
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        fs::write(path, content).expect("it can be written");
    }

    /// Takes the wall down, asks, and puts it up again. Who missed it.
    fn judges(&self, mutant: &Mutant) -> Vec<String> {
        for (file, from, to) in mutant.edits {
            let source = fs::read_to_string(self.0.join(file)).expect("it was copied");
            self.put(file, source.replace(from, to).as_bytes());
        }
        let (red, said) = match mutant.missed_by {
            Compiler => {
                let (_, err) = self.cargo(&["test", "-p", "portal-tests", "--test", "suite", "--no-run"]);
                let why = ["every table needs its tenant_id", "$1 must be the tenant", "a town's table is asked"];
                let said = why.iter().filter(|why| err.contains(**why));
                (said.map(|why| format!("the compiler: “{why}”")).collect(), Ok(()))
            }
            Unit(filter) => self.red(&["test", "-p", "portal", "--lib", filter]),
            judge => self.suite(judge.modules()),
        };
        for (file, ..) in mutant.edits {
            self.put(file, &fs::read(root().join(file)).expect("it can be read"));
        }
        said.unwrap_or_else(|why| panic!("the mutant of “{}” was not asked:\n{why}", mutant.wall));
        red
    }

    fn suite(&self, modules: &[&str]) -> (Vec<String>, Result<(), String>) {
        self.red(&[&["test", "-p", "portal-tests", "--test", "suite", "--"], modules].concat())
    }

    /// The tests that failed; what went wrong if there were none at all.
    fn red(&self, arguments: &[&str]) -> (Vec<String>, Result<(), String>) {
        let (out, err) = self.cargo(arguments);
        let failed = |line: &str| {
            let (name, end) = line.strip_prefix("test ")?.split_once(" ...")?;
            end.ends_with("FAILED").then(|| format!("`{name}`"))
        };
        let has_run = if out.contains("test result:") { Ok(()) } else { Err(err) };
        (out.lines().filter_map(failed).collect(), has_run)
    }

    fn cargo(&self, arguments: &[&str]) -> (String, String) {
        let asked = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env_remove("MUTANTS")
            .env_remove("PORTAL_BIN")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .output();
        let asked = asked.expect("cargo runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&asked.stdout), text(&asked.stderr))
    }
}
