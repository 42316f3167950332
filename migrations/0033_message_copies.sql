-- Copies of messages for the mailbox that a login provider keeps. The message lies in messages whatever becomes of them.
-- last_error is ours and names nobody.
create table message_copies (
    tenant_id text not null check (tenant_id <> ''),
    message_id uuid not null,
    provider text not null,
    state text not null check (state in ('waiting', 'delivered', 'failed')),
    attempts bigint not null,
    last_error text,
    created_at timestamptz not null,
    tried_at timestamptz,
    primary key (tenant_id, message_id),
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade
);

create index message_copies_waiting on message_copies (tenant_id) where state = 'waiting';
