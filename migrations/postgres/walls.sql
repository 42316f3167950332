-- Row-level security on every table that has a tenant_id, so that none can be forgotten. Without a tenant in the
-- transaction there is no row; the setting is '' after a commit, never somebody else's. Whatever other policy somebody has
-- put beside it is taken away: policies widen each other.
do $$
declare
    found record;
    policy name;
begin
    for found in
        select c.oid as id, c.relname as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where n.nspname = current_schema() and c.relkind in ('r', 'p')
    loop
        execute format('alter table %I enable row level security', found.name);
        execute format('alter table %I force row level security', found.name);
        for policy in select polname from pg_policy where polrelid = found.id loop
            execute format('drop policy %I on %I', policy, found.name);
        end loop;
        execute format(
            'create policy one_town on %I '
            'using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')) '
            'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))',
            found.name);
    end loop;
end
$$;

-- The trail is added to and never changed, except that it goes with a town whose key is gone; the role of the portal has no
-- other way.
create or replace function forget_trail(town text) returns void
    language plpgsql security definer set search_path = public as $$
begin
    if exists (select from tenant_keys where for_tenant = town) then
        raise exception 'the trail of a town goes after its key';
    end if;
    delete from audit where tenant_id = town;
    delete from audit_heads where tenant_id = town;
end
$$;
revoke execute on function forget_trail(text) from public;
