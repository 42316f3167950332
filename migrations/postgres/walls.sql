-- Row-level security on every table that has a tenant_id, so that none can be forgotten. Without a tenant in the
-- transaction there is no row; the setting is '' after a commit, never somebody else's.
do $$
declare
    found record;
begin
    for found in
        select c.relname as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where n.nspname = current_schema() and c.relkind = 'r'
    loop
        execute format('alter table %I enable row level security', found.name);
        execute format('alter table %I force row level security', found.name);
        execute format('drop policy if exists one_town on %I', found.name);
        execute format(
            'create policy one_town on %I '
            'using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')) '
            'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))',
            found.name);
    end loop;
end
$$;
