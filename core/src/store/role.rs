//! The role under which the portal asks PostgreSQL: one that row-level security binds.

use sqlx::PgPool;

use super::NotAdmitted;

/// Why a role is refused: it could see the rows of every town.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the database role `{0}` is a superuser, and row-level security does not bind superusers")]
    Superuser(String),
    #[error("the database role `{0}` has BYPASSRLS, so row-level security does not bind it")]
    Bypasses(String),
    #[error("the database role `{0}` owns the table `{1}`, and an owner can take its walls down")]
    Owns(String, String),
    #[error("the table `{0}` has no row-level security")]
    Open(String),
}

impl Unfit {
    /// How to make a right one.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(_) => "`portal migrate --database postgres://OWNER@…` puts the walls up again".to_owned(),
            _ => "as a superuser: `create role portal_owner login; create role portal login nosuperuser nobypassrls; \
                  create database portal owner portal_owner`, then `portal migrate --database \
                  postgres://portal_owner@HOST/portal --role portal` and `portal serve --database \
                  postgres://portal@HOST/portal`"
                .to_owned(),
        }
    }
}

const ROLE: &str = "select rolname::text, rolsuper, rolbypassrls from pg_roles where rolname = current_user";
const OWNED: &str = "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where n.nspname = current_schema() and c.relkind = 'r' and pg_has_role(current_user, c.relowner, 'member') limit 1";
const WITHOUT_WALLS: &str = "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped \
     where n.nspname = current_schema() and c.relkind = 'r' \
     and not (c.relrowsecurity and c.relforcerowsecurity \
              and exists (select 1 from pg_policy p where p.polrelid = c.oid)) limit 1";

pub(super) async fn examine(pool: &PgPool) -> Result<(), NotAdmitted> {
    let lost = |error: sqlx::Error| NotAdmitted::Unreachable(error.to_string());
    let (name, superuser, bypasses): (String, bool, bool) = sqlx::query_as(ROLE).fetch_one(pool).await.map_err(lost)?;
    if superuser {
        return Err(Unfit::Superuser(name).into());
    }
    if bypasses {
        return Err(Unfit::Bypasses(name).into());
    }
    let owned: Option<(String,)> = sqlx::query_as(OWNED).fetch_optional(pool).await.map_err(lost)?;
    if let Some((table,)) = owned {
        return Err(Unfit::Owns(name, table).into());
    }
    let open: Option<(String,)> = sqlx::query_as(WITHOUT_WALLS).fetch_optional(pool).await.map_err(lost)?;
    open.map_or(Ok(()), |(table,)| Err(Unfit::Open(table).into()))
}
