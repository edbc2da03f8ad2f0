-- What a session holds, as rows: two tabs that write at once write different rows.

-- The running attempt at buying.
ALTER TABLE session ADD COLUMN attempt TEXT;
CREATE INDEX session_attempt ON session (attempt);

-- The pieces in a bag, in the order in which they were put in.
CREATE TABLE bag_piece (
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  piece_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (session_id, piece_id)
);

-- What was typed into the purchase form, with what was wrong when it was last sent. Forgotten
-- when the order is paid, or after a day.
CREATE TABLE checkout_draft (
  session_id TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
  form TEXT NOT NULL,
  errors TEXT NOT NULL,
  written_at_us BIGINT NOT NULL
);
CREATE INDEX checkout_draft_age ON checkout_draft (written_at_us);

-- What a visitor is told once, on one page.
CREATE TABLE session_notice (
  id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  page TEXT NOT NULL CHECK (page IN ('bag', 'checkout', 'order')),
  notice TEXT NOT NULL,
  written_at_us BIGINT NOT NULL
);
CREATE INDEX session_notice_session ON session_notice (session_id, page);
CREATE INDEX session_notice_age ON session_notice (written_at_us);

-- Bags and attempts of before.
INSERT INTO bag_piece (session_id, piece_id, position)
SELECT session.id, bag.value, bag.position
FROM session, jsonb_array_elements_text(COALESCE(CAST(session.data AS JSONB) -> 'bag', '[]'))
  WITH ORDINALITY AS bag (value, position)
ON CONFLICT DO NOTHING;
UPDATE session SET attempt = CAST(data AS JSONB) ->> 'attempt';
