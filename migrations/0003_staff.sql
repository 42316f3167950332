-- Clerks. The login name is a mark, everything that names a person or proves who they are is sealed. A local account has
-- credentials; one of the town's own provider has none and is made anew by each login.
create table staff (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    provider text not null,
    login bytea not null,
    profile bytea not null,
    credentials bytea,
    totp_step bigint not null,
    failures bigint not null,
    locked_until timestamptz,
    disabled boolean not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, provider, login)
);

-- stage: password (the code is still to come), in.
create table staff_sessions (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    token bytea not null,
    staff_id uuid not null,
    stage text not null check (stage in ('password', 'in')),
    secret bytea,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, token),
    foreign key (tenant_id, staff_id) references staff (tenant_id, id) on delete cascade
);
create index staff_sessions_of_staff on staff_sessions (tenant_id, staff_id);
create index staff_sessions_by_age on staff_sessions (tenant_id, created_at);
