-- The portrait of a member. It is shown, and its files are handed out, while she consents (SQLite).
ALTER TABLE member ADD COLUMN portrait_hash TEXT REFERENCES photo (hash);
CREATE UNIQUE INDEX member_portrait ON member (portrait_hash) WHERE portrait_hash IS NOT NULL;
