-- How often a job was claimed: the number of a claim is the token of its lease, so that a worker
-- whose lease ran out cannot finish, fail or prolong what another one has claimed meanwhile.
ALTER TABLE job ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;
