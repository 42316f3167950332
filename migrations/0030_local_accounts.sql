-- What citizens prove themselves with in accounts of the portal's own. Name and address are marks, everything that names a
-- person or proves who they are is sealed. Goes with the account.
create table local_logins (
    tenant_id text not null check (tenant_id <> ''),
    account_id uuid not null,
    name bytea not null,
    address bytea not null,
    details bytea not null,
    credentials bytea not null,
    totp_step bigint not null,
    failures bigint not null,
    locked_until timestamptz,
    primary key (tenant_id, account_id),
    unique (tenant_id, name),
    unique (tenant_id, address),
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
);

-- Who registers and has not confirmed it yet. Found by the SHA-256 of the browser's cookie until the mail is sent, by that of
-- the link in it afterwards. stage: draft (being looked over), asked (the mail is to be written), mailed, silent (no mail that
-- confirms: there is an account already, or there were too many mails). From outside the last three look the same.
create table registrations (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    browser bytea not null,
    link bytea,
    provider text not null,
    address bytea not null,
    details bytea not null,
    stage text not null check (stage in ('draft', 'asked', 'mailed', 'silent')),
    tries bigint not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, browser),
    unique (tenant_id, link)
);
create index registrations_by_address on registrations (tenant_id, address);
create index registrations_by_end on registrations (tenant_id, expires_at);

-- Links by which a forgotten password is set anew: the SHA-256 of each, used once.
create table password_resets (
    tenant_id text not null check (tenant_id <> ''),
    link bytea not null,
    account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, link),
    foreign key (tenant_id, account_id) references local_logins (tenant_id, account_id) on delete cascade
);
create index password_resets_by_end on password_resets (tenant_id, expires_at);
create index password_resets_of_account on password_resets (tenant_id, account_id);
