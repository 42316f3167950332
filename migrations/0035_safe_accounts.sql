-- The change is one of the address that links of an account of the portal's own go to: the mark of the one before. Nobody
-- else registers it as long as it may object.
alter table address_changes add column login bytea;
create index address_changes_of_login on address_changes (tenant_id, login) where login is not null;

-- From then on the work is good for nothing: nobody begins it, and it goes with whom it concerns, also where it failed.
alter table jobs add column expires_at timestamptz;
