-- Whether a mail says that something new lies in the Postkorb: the person's own choice.
alter table accounts add column notify boolean not null default true;

-- Decisions that wait for a second pair of eyes. staff_id wrote it; what the second one has to say about it is returned.
create table proposals (
    tenant_id text not null check (tenant_id <> ''),
    case_id uuid not null,
    staff_id uuid not null,
    words bytea not null,
    returned bytea,
    proposed_at timestamptz not null,
    primary key (tenant_id, case_id),
    foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade
);

-- Why somebody has looked into messages of another department that belong to no case.
create table looks (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    thread_id uuid not null,
    staff_id uuid not null,
    reason bytea not null,
    looked_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, thread_id) references threads (tenant_id, id) on delete cascade
);
create index looks_into_thread on looks (tenant_id, thread_id, staff_id, looked_at);

-- Who does a clerk's work while they are away; both days belong to the time.
create table substitutes (
    tenant_id text not null check (tenant_id <> ''),
    staff_id uuid not null,
    substitute uuid not null,
    starts_on text not null,
    ends_on text not null,
    primary key (tenant_id, staff_id),
    foreign key (tenant_id, staff_id) references staff (tenant_id, id) on delete cascade,
    foreign key (tenant_id, substitute) references staff (tenant_id, id) on delete cascade
);
create index substitutes_of_clerk on substitutes (tenant_id, substitute);

-- Forms that were sent, by the random token of their page, for a day: the second click finds what the first one has made.
create table sent_forms (
    tenant_id text not null check (tenant_id <> ''),
    token uuid not null,
    target text not null,
    sent_at timestamptz not null,
    primary key (tenant_id, token)
);
create index sent_forms_by_age on sent_forms (tenant_id, sent_at);
