-- Applications that are being filled in. Answers are sealed as they were typed. A draft belongs to an account, or to the
-- browser that began it (the SHA-256 of its cookie); the browser may go on writing when a login has ended, and reads
-- nothing then. guest is the mark of whoever logged in there without an account: nobody else reads it in that browser. Once
-- submitted, answers are gone and case_id says what became of it, so that a second click finds the same case.
create table drafts (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    service text not null,
    form text not null,
    locale text not null,
    account_id uuid,
    guest bytea,
    browser bytea not null,
    answers bytea,
    revision bigint not null,
    created_at timestamptz not null,
    touched_at timestamptz not null,
    expires_at timestamptz not null,
    reminded boolean not null,
    case_id uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade
);
create index drafts_of_account on drafts (tenant_id, account_id);
create index drafts_by_end on drafts (tenant_id, expires_at);

-- Cases (Vorgänge). application, applicant and whatever else names somebody is sealed; person is a mark, by which earlier
-- cases of the same person are found. title is that of the application, for lists. level is what the form asked of the login:
-- the case opens to no lower one. revision counts changes, so that two clerks notice each other. An account that is deleted
-- leaves the town's file behind: there is no foreign key to it.
create table cases (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    number text not null,
    service text not null,
    form text,
    department text,
    account_id uuid,
    person bytea,
    state text not null
        check (state in ('submitted', 'received', 'processing', 'action_required', 'completed', 'withdrawn')),
    channel text not null check (channel in ('online', 'paper', 'phone', 'desk')),
    level text not null check (level in ('none', 'basis', 'substantiell', 'hoch')),
    title bytea not null,
    application bytea not null,
    applicant bytea not null,
    assignee uuid,
    due_at timestamptz not null,
    follow_up_at timestamptz,
    revision bigint not null,
    submitted_at timestamptz not null,
    closed_at timestamptz,
    keep_until timestamptz,
    hold boolean not null,
    primary key (tenant_id, id),
    unique (tenant_id, number)
);
create index cases_at_the_desk on cases (tenant_id, department, state, due_at);
create index cases_of_clerk on cases (tenant_id, assignee, state, due_at);
create index cases_of_account on cases (tenant_id, account_id, submitted_at);
create index cases_of_person on cases (tenant_id, person);
create index cases_by_end on cases (tenant_id, keep_until);

-- What happened to a case; shown says whether the citizen sees it.
create table case_events (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    case_id uuid not null,
    seq bigint not null,
    at timestamptz not null,
    kind text not null,
    shown boolean not null,
    actor text not null check (actor in ('citizen', 'staff', 'system')),
    actor_id uuid,
    details bytea,
    primary key (tenant_id, id),
    unique (tenant_id, case_id, seq),
    foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade
);

-- The Postkorb: what citizens and town hall write to each other, about a case or freely. The counters say how many
-- messages each side has not read.
create table threads (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    account_id uuid,
    case_id uuid,
    department text,
    subject bytea not null,
    created_at timestamptz not null,
    last_at timestamptz not null,
    archived boolean not null,
    unread_citizen bigint not null,
    unread_staff bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade
);
create index threads_of_account on threads (tenant_id, account_id, last_at);
create unique index threads_of_case on threads (tenant_id, case_id);
create index threads_of_department on threads (tenant_id, department, last_at);

create table messages (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    thread_id uuid not null,
    seq bigint not null,
    sender text not null check (sender in ('citizen', 'staff', 'system')),
    staff_id uuid,
    kind text not null check (kind in ('message', 'request', 'decision')),
    body bytea not null,
    sent_at timestamptz not null,
    read_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, thread_id, seq),
    foreign key (tenant_id, thread_id) references threads (tenant_id, id) on delete cascade
);

-- A decision (Bescheid) is a message with a fate of its own: provided, retrieved, announced – or not, and sent by post.
create table decisions (
    tenant_id text not null check (tenant_id <> ''),
    message_id uuid not null,
    case_id uuid not null,
    regime text not null,
    state text not null check (state in ('provided', 'retrieved', 'announced', 'not_announced', 'by_post')),
    details bytea not null,
    provided_at timestamptz not null,
    consented_at timestamptz,
    retrieved_at timestamptz,
    announced_at timestamptz,
    posted_at timestamptz,
    next_at timestamptz,
    primary key (tenant_id, message_id),
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade,
    foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade
);
create index decisions_of_case on decisions (tenant_id, case_id);
create index decisions_to_post on decisions (tenant_id, provided_at)
    where posted_at is null and state in ('by_post', 'not_announced');

-- Files that were uploaded. Their bytes lie sealed in the object store, under the row's id; the key of a file is sealed
-- here with its name. A file belongs to a draft, a case or a message.
create table files (
    tenant_id text not null check (tenant_id <> ''),
    id uuid not null,
    draft_id uuid,
    case_id uuid,
    message_id uuid,
    details bytea not null,
    kind text not null,
    size bigint not null,
    state text not null check (state in ('waiting', 'clean', 'infected', 'unscanned')),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, draft_id) references drafts (tenant_id, id) on delete cascade,
    foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade,
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade
);
create index files_of_draft on files (tenant_id, draft_id);
create index files_of_case on files (tenant_id, case_id);
create index files_of_message on files (tenant_id, message_id);
