-- Accounts that their person wants gone, and when they go; until then the person can take it back.
create table departures (
    tenant_id text not null check (tenant_id <> ''),
    account_id uuid not null,
    asked_at timestamptz not null,
    due_at timestamptz not null,
    primary key (tenant_id, account_id),
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
);

-- Which entries of the trail concern whom. It has no foreign key: whoever forgets a person empties it last, when nobody
-- can add to it any more (keeping).
create table audit_persons (
    tenant_id text not null check (tenant_id <> ''),
    account_id uuid not null,
    seq bigint not null,
    primary key (tenant_id, account_id, seq)
);

-- Since when nobody reads here what is written about the case: the person has deleted the account.
alter table cases add column left_at timestamptz;

-- The mark of the account that a job writes to or works for: it goes with the account.
alter table jobs add column concerns bytea;
create index jobs_concerning on jobs (for_tenant, concerns) where concerns is not null;
