//! A row whose columns are known by their kinds only, the same from both databases.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx};
use serde::{Deserialize, Serialize};
use serde_json::Value as Plain;
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type, types::Json};
use uuid::Uuid;

use super::super::tx::Query;

/// The types of `migrations/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Uuid,
    Timestamptz,
    Jsonb,
    Bytea,
    Bigint,
    Boolean,
    Text,
}

impl Kind {
    /// PostgreSQL has names of its own for two of them.
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "uuid" => Self::Uuid,
            "timestamptz" => Self::Timestamptz,
            "jsonb" => Self::Jsonb,
            "bytea" => Self::Bytea,
            "bigint" | "int8" => Self::Bigint,
            "boolean" | "bool" => Self::Boolean,
            "text" => Self::Text,
            _ => return None,
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Timestamptz => "timestamptz",
            Self::Jsonb => "jsonb",
            Self::Bytea => "bytea",
            Self::Bigint => "bigint",
            Self::Boolean => "boolean",
            Self::Text => "text",
        }
    }
}

/// What stands in one column of one row.
#[derive(Clone)]
pub enum Value {
    Uuid(Option<Uuid>),
    Time(Option<Timestamp>),
    Json(Option<Plain>),
    Bytes(Option<Vec<u8>>),
    Number(Option<i64>),
    Truth(Option<bool>),
    Text(Option<String>),
}

impl Value {
    /// As it stands in a file.
    pub fn plain(&self) -> Plain {
        match self {
            Self::Uuid(value) => value.map(|id| id.to_string()).into(),
            Self::Time(value) => value.map(|at| at.to_string()).into(),
            Self::Json(value) => value.clone().into(),
            Self::Bytes(value) => value.as_ref().map(|bytes| STANDARD.encode(bytes)).into(),
            Self::Number(value) => (*value).into(),
            Self::Truth(value) => (*value).into(),
            Self::Text(value) => value.clone().into(),
        }
    }

    pub fn of_plain(kind: Kind, plain: Plain) -> Option<Self> {
        fn read<T>(plain: Plain, read: impl Fn(Plain) -> Option<T>) -> Option<Option<T>> {
            if plain.is_null() { Some(None) } else { read(plain).map(Some) }
        }
        let text = |plain: Plain| if let Plain::String(text) = plain { Some(text) } else { None };
        Some(match kind {
            Kind::Uuid => Self::Uuid(read(plain, |plain| text(plain)?.parse().ok())?),
            Kind::Timestamptz => Self::Time(read(plain, |plain| text(plain)?.parse().ok())?),
            Kind::Jsonb => Self::Json(read(plain, Some)?),
            Kind::Bytea => Self::Bytes(read(plain, |plain| STANDARD.decode(text(plain)?).ok())?),
            Kind::Bigint => Self::Number(read(plain, |plain| plain.as_i64())?),
            Kind::Boolean => Self::Truth(read(plain, |plain| plain.as_bool())?),
            Kind::Text => Self::Text(read(plain, text)?),
        })
    }

    pub fn bind_to<'t>(query: Query<'t>, value: Self) -> Query<'t> {
        match value {
            Self::Uuid(value) => query.bind(value),
            Self::Time(value) => query.bind(value.map(ToSqlx::to_sqlx)),
            Self::Json(value) => query.bind(value.map(Json)),
            Self::Bytes(value) => query.bind(value),
            Self::Number(value) => query.bind(value),
            Self::Truth(value) => query.bind(value),
            Self::Text(value) => query.bind(value),
        }
    }
}

/// One row; what it holds is not printed.
#[derive(Clone)]
pub struct Cells(pub Vec<Value>);

impl Cells {
    /// Equal for equal rows of both databases: PostgreSQL counts microseconds, and sorts what stands in JSON.
    pub(super) fn hash(&self) -> [u8; 32] {
        let same = |value: &Value| match value {
            Value::Time(Some(at)) => at.as_microsecond().into(),
            other => other.plain(),
        };
        let mut row = Plain::Array(self.0.iter().map(same).collect());
        row.sort_all_objects();
        let text = row.to_string();
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        hash.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

impl<'r, R: Row> FromRow<'r, R> for Cells
where
    usize: ColumnIndex<R>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
    At: Decode<'r, R::Database> + Type<R::Database>,
    Json<Plain>: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        use sqlx::Column;
        let value = |(at, column): (usize, &<R::Database as sqlx::Database>::Column)| {
            Ok(match Kind::of(column.name()).ok_or_else(|| sqlx::Error::ColumnNotFound(column.name().to_owned()))? {
                Kind::Uuid => Value::Uuid(row.try_get(at)?),
                Kind::Timestamptz => Value::Time(row.try_get::<Option<At>, _>(at)?.map(|at| at.to_jiff())),
                Kind::Jsonb => Value::Json(row.try_get::<Option<Json<Plain>>, _>(at)?.map(|json| json.0)),
                Kind::Bytea => Value::Bytes(row.try_get(at)?),
                Kind::Bigint => Value::Number(row.try_get(at)?),
                Kind::Boolean => Value::Truth(row.try_get(at)?),
                Kind::Text => Value::Text(row.try_get(at)?),
            })
        };
        row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Self)
    }
}
