-- Nothing changes here: PostgreSQL has one function for each rule that many tables share, and SQLite
-- now generates its triggers for them from a list (PostgreSQL).
SELECT 1;
