-- A guard finds its rows by their index from the first day. A session plans a function's statements
-- once: planned while the books were empty, they read the whole table for each posting until the
-- statistics were gathered anew (PostgreSQL).
ALTER FUNCTION ledger_entry_guard() SET enable_seqscan = off;
ALTER FUNCTION ledger_posting_open_entry() SET enable_seqscan = off;
