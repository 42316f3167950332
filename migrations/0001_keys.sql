-- One key per town, wrapped by the master key of that name. It belongs to the platform: who rotates master keys or
-- destroys a town's key does so for all towns.
create table tenant_keys (
    for_tenant text not null primary key check (for_tenant <> ''),
    id uuid not null unique,
    master_key text not null,
    wrapped bytea not null
);
