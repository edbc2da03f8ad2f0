-- The addresses of a design's page, per language: one in use, and every former one, which leads
-- to it for ever. `design.slug` is the first one; versions before this one know no other.

CREATE TABLE design_slug (
  language TEXT NOT NULL CHECK (language IN ('es', 'en')),
  slug TEXT NOT NULL,
  design_id TEXT NOT NULL REFERENCES design (id),
  in_use BOOLEAN NOT NULL,
  PRIMARY KEY (language, slug)
);
CREATE UNIQUE INDEX design_slug_in_use ON design_slug (design_id, language) WHERE in_use = TRUE;

INSERT INTO design_slug (language, slug, design_id, in_use)
  SELECT l.language, d.slug, d.id, TRUE FROM design d CROSS JOIN (SELECT 'es' AS language UNION ALL SELECT 'en') l;

-- Every design has an address in each language from its first moment.
CREATE FUNCTION design_has_slugs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO design_slug (language, slug, design_id, in_use)
    VALUES ('es', NEW.slug, NEW.id, TRUE), ('en', NEW.slug, NEW.id, TRUE);
  RETURN NULL;
END $$;
CREATE TRIGGER design_has_slugs AFTER INSERT ON design
  FOR EACH ROW EXECUTE FUNCTION design_has_slugs();

-- A link that was ever given out leads to the same design for ever.
CREATE FUNCTION design_slug_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.design_id = NEW.design_id AND OLD.slug = NEW.slug AND OLD.language = NEW.language THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an address of a design stays its own for ever';
END $$;
CREATE TRIGGER design_slug_stays BEFORE UPDATE OR DELETE ON design_slug
  FOR EACH ROW EXECUTE FUNCTION design_slug_stays();

CREATE CONSTRAINT TRIGGER design_slug_seen AFTER INSERT OR UPDATE ON design_slug
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_catalogue_version();
CREATE CONSTRAINT TRIGGER design_slug_content AFTER INSERT OR UPDATE ON design_slug
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_content_version();
