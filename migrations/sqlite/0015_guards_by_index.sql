-- Nothing changes here: SQLite's guards find their rows by their index. PostgreSQL's did not while
-- the books were young (SQLite).
SELECT 1;
