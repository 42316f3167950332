-- Who did what, chained: each entry carries a mark over its columns and over the head before it. The head carries a mark
-- that only the portal can make, so that an end that was cut off is found.
create table audit (
    tenant_id text not null check (tenant_id <> ''),
    seq bigint not null check (seq > 0),
    at timestamptz not null,
    actor text not null check (actor in ('citizen', 'staff', 'operator', 'system')),
    actor_id uuid,
    deed text not null,
    subject text,
    details bytea not null,
    previous bytea not null,
    mark bytea not null,
    primary key (tenant_id, seq)
);

create table audit_heads (
    tenant_id text not null primary key check (tenant_id <> ''),
    seq bigint not null,
    mark bytea not null
);

-- What is still to be done for towns, claimed by one node at a time. The payload is sealed; done work is deleted.
create table jobs (
    id uuid not null primary key,
    for_tenant text not null check (for_tenant <> ''),
    kind text not null,
    payload bytea not null,
    state text not null check (state in ('waiting', 'running', 'dead')),
    attempts bigint not null,
    run_at timestamptz not null,
    claimed_by uuid,
    claimed_until timestamptz,
    last_error text,
    created_at timestamptz not null
);

create index jobs_due on jobs (state, run_at);
create index jobs_of_towns on jobs (for_tenant, state);

-- What was asked for once and must not be done twice, also after it is done.
create table job_keys (
    for_tenant text not null check (for_tenant <> ''),
    key bytea not null,
    until timestamptz not null,
    primary key (for_tenant, key)
);
