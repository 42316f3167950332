-- What is written to people who read nothing here goes by post: a letter waits until somebody has marked it as sent.
-- (Decisions keep their own fate.)
alter table messages add column by_post boolean not null default false;
alter table messages add column posted_at timestamptz;
create index messages_to_post on messages (tenant_id, sent_at) where by_post and posted_at is null;
-- The place of a file among those of its draft, case or message, in the order in which they were chosen.
alter table files add column place bigint not null default 0;
