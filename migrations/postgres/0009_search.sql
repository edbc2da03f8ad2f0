-- Search by what a page prints, in both languages at once (PostgreSQL). `design_search` of 0002 is
-- not written any more; a later migration drops it.

-- Words a design is found by though no page prints them.
ALTER TABLE design_text ADD COLUMN keywords TEXT NOT NULL DEFAULT '';

-- The words of a published design: its names, its facts, and what else is said of it. They arrive
-- folded by domain::search_text; 'simple' only splits them. The weights tell the fields apart.
CREATE TABLE design_search_text (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  design_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  facts TEXT NOT NULL,
  body TEXT NOT NULL,
  words TSVECTOR GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', facts), 'B')
    || setweight(to_tsvector('simple', body), 'C')) STORED
);
CREATE INDEX design_search_fields ON design_search_text USING GIN (words);

-- Every word without digits in design_search_text, with the number of designs that have it.
CREATE TABLE search_vocabulary (
  word TEXT PRIMARY KEY,
  designs BIGINT NOT NULL CHECK (designs >= 0)
);

-- Designs whose words are to be read again before the next search. No reference: whatever is
-- named here is only looked at. `marks` makes a later change wait for a reader under way.
CREATE TABLE search_stale (
  design_id TEXT PRIMARY KEY,
  marks BIGINT NOT NULL
);
INSERT INTO search_stale (design_id, marks) SELECT id, 1 FROM design;

-- The argument is the column that names the design.
CREATE FUNCTION mark_search_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_stale AS known (design_id, marks)
  SELECT DISTINCT row_of ->> TG_ARGV[0], 1
  FROM unnest(ARRAY[
    CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END]) AS row_of
  WHERE row_of IS NOT NULL
  ON CONFLICT (design_id) DO UPDATE SET marks = known.marks + 1;
  RETURN NULL;
END $$;

CREATE TRIGGER design_search AFTER INSERT OR DELETE OR UPDATE OF id, status, category, metal, fineness_permille, gold_750_mg, stones, techniques ON design
  FOR EACH ROW EXECUTE FUNCTION mark_search_stale('id');
CREATE TRIGGER design_text_search AFTER INSERT OR DELETE OR UPDATE OF design_id, language, name, description, keywords ON design_text
  FOR EACH ROW EXECUTE FUNCTION mark_search_stale('design_id');
CREATE TRIGGER piece_search AFTER INSERT OR DELETE OR UPDATE OF serial, design_id ON piece
  FOR EACH ROW EXECUTE FUNCTION mark_search_stale('design_id');
