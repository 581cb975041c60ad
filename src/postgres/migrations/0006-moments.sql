-- When an update became part of the log: after its transaction had waited for the document, not when that began.

alter table dualpath.updates alter column received_at set default clock_timestamp();
