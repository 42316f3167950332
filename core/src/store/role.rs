//! The role under which the portal asks PostgreSQL: one that row-level security binds, and that may do its work.

use sqlx::PgConnection;

use super::NotAdmitted;

/// Why a role is refused: it could see the rows of every town, or could not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the database role `{0}` is a superuser, and row-level security does not bind superusers")]
    Superuser(String),
    #[error("the database role `{0}` has BYPASSRLS, so row-level security does not bind it")]
    Bypasses(String),
    #[error("the database role `{0}` is a member of `{1}`, which row-level security does not bind")]
    Becomes(String, String),
    #[error("the database role `{0}` owns the table `{1}`, and an owner can take its walls down")]
    Owns(String, String),
    #[error("row-level security of the table `{0}` is not the one policy that this portal puts up")]
    Open(String),
    #[error("the database role `{role}` may not {right} `{what}`")]
    MayNot { role: String, right: String, what: String },
}

impl Unfit {
    /// How to make a right one.
    pub fn hint(&self) -> String {
        match self {
            Self::Open(_) => "`portal migrate --database postgres://OWNER@…` puts the walls up again".to_owned(),
            Self::MayNot { role, .. } => {
                format!("`portal migrate --database postgres://OWNER@… --role {role}` gives it the rights it needs")
            }
            _ => "as a superuser: `create role portal_owner login; create role portal login nosuperuser nobypassrls; \
                  create database portal owner portal_owner`, then `portal migrate --database \
                  postgres://portal_owner@HOST/portal --role portal` and `portal serve --database \
                  postgres://portal@HOST/portal`"
                .to_owned(),
        }
    }
}

/// The role itself first, then those it may become.
const UNBOUND: &str = "select current_user::text, r.rolname::text, r.rolsuper from pg_roles r \
     where (r.rolsuper or r.rolbypassrls) and pg_has_role(current_user, r.oid, 'member') \
     order by r.rolname <> current_user limit 1";
const OWNED: &str = "select current_user::text, c.relname::text from pg_class c \
     join pg_namespace n on n.oid = c.relnamespace \
     where n.nspname = 'public' and c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member') limit 1";
const SHUT_OUT: &str = "select current_user::text, 'use the schema', n.nspname::text from pg_namespace n \
     where n.nspname = 'public' and not has_schema_privilege(current_user, n.oid, 'usage')";
/// Of the versions of the tables it only reads, and to the trail it only adds.
const RIGHTS: &str = "select current_user::text, needed || ' rows of', c.relname::text from pg_class c \
     join pg_namespace n on n.oid = c.relnamespace \
     cross join unnest(array['select', 'insert', 'update', 'delete']) needed \
     where n.nspname = 'public' and c.relkind in ('r', 'p') \
     and (c.relname <> '_sqlx_migrations' or needed = 'select') \
     and not (c.relname = 'audit' and needed in ('update', 'delete')) \
     and not (c.relname = 'audit_heads' and needed = 'delete') \
     and not has_table_privilege(current_user, c.oid, needed) limit 1";
const WITHOUT_WALLS: &str = "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped \
     where n.nspname = 'public' and c.relkind in ('r', 'p') \
     and not coalesce(c.relrowsecurity and c.relforcerowsecurity and ( \
         select count(*) = 1 and bool_and(p.polpermissive and p.polcmd = '*' and p.polroles = '{0}' \
             and pg_get_expr(p.polqual, p.polrelid) = $1 and pg_get_expr(p.polwithcheck, p.polrelid) = $1) \
         from pg_policy p where p.polrelid = c.oid), false) limit 1";
/// What `migrations/postgres/walls.sql` says, as PostgreSQL says it back.
const ONE_TOWN: &str = "(tenant_id = NULLIF(current_setting('app.tenant_id'::text, true), ''::text))";

/// What the role could see, and what it may do.
pub(super) async fn examine(link: &mut PgConnection) -> Result<(), NotAdmitted> {
    let unbound = sqlx::query_as::<_, (String, String, bool)>(UNBOUND).fetch_optional(&mut *link).await?;
    if let Some((role, other, is_superuser)) = unbound {
        return Err(match is_superuser {
            _ if role != other => Unfit::Becomes(role, other),
            true => Unfit::Superuser(role),
            false => Unfit::Bypasses(role),
        }
        .into());
    }
    let owned = sqlx::query_as::<_, (String, String)>(OWNED).fetch_optional(&mut *link).await?;
    if let Some((role, table)) = owned {
        return Err(Unfit::Owns(role, table).into());
    }
    for ask in [SHUT_OUT, RIGHTS] {
        let denied = sqlx::query_as::<_, (String, String, String)>(ask).fetch_optional(&mut *link).await?;
        if let Some((role, right, what)) = denied {
            return Err(Unfit::MayNot { role, right, what }.into());
        }
    }
    Ok(())
}

/// Whether every table of towns has the one wall that this portal puts up, and no door beside it.
pub(super) async fn examine_walls(link: &mut PgConnection) -> Result<(), NotAdmitted> {
    let open = sqlx::query_scalar::<_, String>(WITHOUT_WALLS).bind(ONE_TOWN).fetch_optional(link).await?;
    open.map_or(Ok(()), |table| Err(Unfit::Open(table).into()))
}
