-- The work list: open cases by the day on which they are due, of one department and of all. What the list filters by stands
-- in the index, so that nothing but the page that is shown is read from the table.
create index cases_open on cases (tenant_id, department, due_at, state, assignee, follow_up_at) where closed_at is null;
create index cases_open_everywhere on cases (tenant_id, due_at, state, assignee, follow_up_at) where closed_at is null;
create index cases_over on cases (tenant_id, department, closed_at) where closed_at is not null;
create index cases_over_everywhere on cases (tenant_id, closed_at) where closed_at is not null;
-- Statistics read nothing but this.
create index cases_by_arrival on cases (tenant_id, submitted_at, department, state);
