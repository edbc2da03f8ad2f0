-- A piece goes only where domain::piece lets it go.
--
-- Whoever has a hand on a piece has a column of its own on the row, and a CHECK binds it to the
-- states in which it must be set: `order_id` (checkout and sold) has. To add one, say for a fair:
-- `ALTER TABLE piece ADD COLUMN fair_id TEXT REFERENCES fair (id)
--   CHECK ((state = 'fair') = (fair_id IS NOT NULL))`.
-- A piece has one state, so never two of them are set.
CREATE FUNCTION piece_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN (
    'workshop>inspection', 'workshop>retired',
    'inspection>workshop', 'inspection>retail', 'inspection>retired',
    'retail>checkout', 'retail>wholesale', 'retail>fair', 'retail>workshop', 'retail>retired',
    'checkout>retail', 'checkout>sold',
    'fair>retail', 'fair>sold',
    'wholesale>retail', 'wholesale>delivered_wholesale', 'wholesale>workshop',
    'sold>returned',
    'delivered_wholesale>returned',
    'returned>inspection', 'returned>workshop', 'returned>retail', 'returned>retired') THEN
    RAISE EXCEPTION 'a piece cannot go there';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER piece_transition BEFORE UPDATE OF state ON piece
  FOR EACH ROW EXECUTE FUNCTION piece_transition();

-- What was melted was retired before, and nothing leaves that state any more.
DROP TRIGGER piece_melted_stays_retired ON piece;
DROP FUNCTION piece_melted_stays_retired();
