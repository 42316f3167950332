-- Packages on their way to back offices. What the other side answered is sealed: it may name somebody. last_error is ours
-- and names nobody.
create table deliveries (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    case_id uuid not null,
    destination text not null,
    state text not null check (state in ('waiting', 'delivered', 'failed')),
    attempts bigint not null,
    last_error text,
    receipt bytea,
    created_at timestamptz not null,
    tried_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, case_id, destination),
    foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade
);
create index deliveries_by_state on deliveries (tenant_id, state, created_at);
