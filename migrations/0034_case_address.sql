-- Where letters about a case go, as a clerk has written it down since; sealed. What was applied for does not change.
alter table cases add column address bytea;
