-- New addresses for mail: confirmed by a link to the new one, objected to by a link to the old one. Of both links only the
-- SHA-256 is kept. addresses holds the new one and what stood in the account before.
create table address_changes (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    account_id uuid not null,
    confirmation bytea not null,
    objection bytea not null,
    addresses bytea not null,
    asked_at timestamptz not null,
    confirmed_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, confirmation),
    unique (tenant_id, objection),
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
);
create index address_changes_of_account on address_changes (tenant_id, account_id);

-- Links that were sent to the address of an old account, by the SHA-256 of their token. They end with the session that asked.
create table move_requests (
    tenant_id text not null check (tenant_id <> ''),
    token bytea not null,
    session_id uuid not null,
    old_account uuid not null,
    expires_at timestamptz not null,
    primary key (tenant_id, token),
    foreign key (tenant_id, session_id) references sessions (tenant_id, id) on delete cascade,
    foreign key (tenant_id, old_account) references accounts (tenant_id, id) on delete cascade
);

-- What of one account belongs to another since the provider changed. moved names what went and what the new account had
-- before, so that it can be undone. An account moves once, unless it was undone.
create table moves (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    old_account uuid not null,
    new_account uuid not null,
    moved bytea not null,
    moved_at timestamptz not null,
    undo_until timestamptz not null,
    undone_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, old_account) references accounts (tenant_id, id) on delete cascade,
    foreign key (tenant_id, new_account) references accounts (tenant_id, id) on delete cascade
);
create unique index moves_once on moves (tenant_id, old_account) where undone_at is null;
create index moves_of_new on moves (tenant_id, new_account);

-- When the person was told that the account will be deleted, because its provider is gone.
alter table accounts add column warned_at timestamptz;
