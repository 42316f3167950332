-- Citizens' accounts: one per town, provider and subject. The subject is a mark, what is known of the person is sealed.
-- A guest (a login without a subject) has an account that lives as long as the session.
create table accounts (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    provider text not null,
    subject bytea not null,
    guest boolean not null,
    profile bytea not null,
    created_at timestamptz not null,
    logged_in_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, provider, subject)
);

-- Logins that last. Of the cookie only the SHA-256 is kept. level is what was reached at authenticated_at or has decayed
-- since: 1 basis, 2 substantiell, 3 hoch; entered is what it was at the beginning.
create table sessions (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    token bytea not null,
    account_id uuid not null,
    level bigint not null check (level between 1 and 3),
    entered bigint not null check (entered between 1 and 3),
    method text not null,
    device text not null,
    created_at timestamptz not null,
    authenticated_at timestamptz not null,
    seen_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, token),
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
);
create index sessions_of_account on sessions (tenant_id, account_id);
create index sessions_by_age on sessions (tenant_id, authenticated_at);

-- Logins that have begun: found by the SHA-256 of a handle, bound to a browser by that of a cookie, used once.
create table pending_logins (
    tenant_id text not null check (tenant_id <> ''),
    handle bytea not null,
    browser bytea not null,
    provider text not null,
    level bigint not null check (level between 1 and 3),
    return_to text not null,
    session_id uuid,
    step_up boolean not null,
    secrets bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, handle)
);
create index pending_logins_by_end on pending_logins (tenant_id, expires_at);

-- Answers of providers that were believed once, until they expire by themselves.
create table used_answers (
    tenant_id text not null check (tenant_id <> ''),
    provider text not null,
    answer bytea not null,
    expires_at timestamptz not null,
    primary key (tenant_id, provider, answer)
);

-- The kill switch: while there is a row, nobody logs in with this provider of this town.
create table provider_switches (
    for_tenant text not null check (for_tenant <> ''),
    provider text not null,
    off_since timestamptz not null,
    reason text not null,
    primary key (for_tenant, provider)
);
