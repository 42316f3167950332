-- What the sweep looks for: conversations that belong to no case, by their last message.
create index threads_without_case on threads (tenant_id, last_at) where case_id is null;
