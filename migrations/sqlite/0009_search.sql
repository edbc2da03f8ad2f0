-- Search by what a page prints, in both languages at once (SQLite). `design_search` of 0002 is not
-- written any more; a later migration drops it.

-- Words a design is found by though no page prints them.
ALTER TABLE design_text ADD COLUMN keywords TEXT NOT NULL DEFAULT '';

-- The words of a published design: its names, its facts, and what else is said of it. They arrive
-- folded by domain::search_text; the tokenizer only splits them. The index keeps no text of its
-- own and names a design by a number, so that a word that most designs have is counted quickly.
CREATE TABLE design_search_text (
  number INTEGER PRIMARY KEY,
  design_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  facts TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE VIRTUAL TABLE design_search_index USING fts5 (name, facts, body, content = '', contentless_delete = 1, tokenize = 'unicode61');
CREATE TRIGGER design_search_text_insert AFTER INSERT ON design_search_text
BEGIN
  INSERT INTO design_search_index (rowid, name, facts, body) VALUES (NEW.number, NEW.name, NEW.facts, NEW.body);
END;
CREATE TRIGGER design_search_text_delete AFTER DELETE ON design_search_text
BEGIN
  DELETE FROM design_search_index WHERE rowid = OLD.number;
END;

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

CREATE TRIGGER design_search_insert AFTER INSERT ON design
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (NEW.id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER design_search_update AFTER UPDATE OF id, status, category, metal, fineness_permille, gold_750_mg, stones, techniques ON design
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (NEW.id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER design_search_delete AFTER DELETE ON design
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (OLD.id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER design_text_search_insert AFTER INSERT ON design_text
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (NEW.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER design_text_search_update AFTER UPDATE OF design_id, language, name, description, keywords ON design_text
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (NEW.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER design_text_search_delete AFTER DELETE ON design_text
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (OLD.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER piece_search_insert AFTER INSERT ON piece
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (NEW.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER piece_search_update AFTER UPDATE OF serial, design_id ON piece
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (OLD.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
  INSERT INTO search_stale (design_id, marks) VALUES (NEW.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
CREATE TRIGGER piece_search_delete AFTER DELETE ON piece
BEGIN
  INSERT INTO search_stale (design_id, marks) VALUES (OLD.design_id, 1) ON CONFLICT (design_id) DO UPDATE SET marks = marks + 1;
END;
