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
CREATE TRIGGER design_has_slugs AFTER INSERT ON design
BEGIN
  INSERT INTO design_slug (language, slug, design_id, in_use)
    VALUES ('es', NEW.slug, NEW.id, TRUE), ('en', NEW.slug, NEW.id, TRUE);
END;

-- A link that was ever given out leads to the same design for ever.
CREATE TRIGGER design_slug_stays BEFORE DELETE ON design_slug
BEGIN
  SELECT RAISE(ABORT, 'an address of a design stays its own for ever');
END;
CREATE TRIGGER design_slug_keeps_its_design BEFORE UPDATE ON design_slug
WHEN OLD.design_id <> NEW.design_id OR OLD.slug <> NEW.slug OR OLD.language <> NEW.language
BEGIN
  SELECT RAISE(ABORT, 'an address of a design stays its own for ever');
END;

CREATE TRIGGER design_slug_seen_insert AFTER INSERT ON design_slug
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_slug_seen_update AFTER UPDATE ON design_slug
BEGIN
  UPDATE catalogue_version SET version = version + 1 WHERE id = 1;
END;
CREATE TRIGGER design_slug_content_insert AFTER INSERT ON design_slug
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
CREATE TRIGGER design_slug_content_update AFTER UPDATE ON design_slug
BEGIN
  UPDATE catalogue_version SET content = content + 1 WHERE id = 1;
END;
