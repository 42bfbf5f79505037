-- Usage of the hub: rollups by week and month, and the cells that were released from them. There
-- are no events here, and nothing of a reader. Days are text, 2006-01-02; a "deal" is one
-- dealing of readers into 32 buckets, whose bits are in "crowd".

-- +goose Up
CREATE TABLE usage_batch (
  id     INTEGER PRIMARY KEY,
  month  TEXT NOT NULL,
  events INTEGER NOT NULL
);

CREATE TABLE usage_site (
  month TEXT NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL, channel TEXT NOT NULL, metric TEXT NOT NULL, deal INTEGER NOT NULL,
  n INTEGER NOT NULL, visitors INTEGER NOT NULL, crowd INTEGER NOT NULL,
  PRIMARY KEY (day, hour, channel, metric, deal)
) WITHOUT ROWID;

CREATE TABLE usage_area (
  month TEXT NOT NULL, week TEXT NOT NULL, countries TEXT NOT NULL, themes TEXT NOT NULL, metric TEXT NOT NULL, deal INTEGER NOT NULL,
  n INTEGER NOT NULL, crowd INTEGER NOT NULL,
  PRIMARY KEY (week, month, countries, themes, metric, deal)
) WITHOUT ROWID;

CREATE TABLE usage_term (
  month TEXT NOT NULL, week TEXT NOT NULL, term TEXT NOT NULL, metric TEXT NOT NULL, deal INTEGER NOT NULL,
  n INTEGER NOT NULL, crowd INTEGER NOT NULL,
  PRIMARY KEY (week, month, term, metric, deal)
) WITHOUT ROWID;

CREATE TABLE usage_record (
  month TEXT NOT NULL, record TEXT NOT NULL, source TEXT NOT NULL, publisher TEXT NOT NULL, type TEXT NOT NULL, language TEXT NOT NULL,
  countries TEXT NOT NULL, themes TEXT NOT NULL, metric TEXT NOT NULL, deal INTEGER NOT NULL,
  n INTEGER NOT NULL, uniq INTEGER NOT NULL, uniq_req INTEGER NOT NULL, crowd INTEGER NOT NULL,
  PRIMARY KEY (month, record, source, publisher, type, language, countries, themes, metric, deal)
) WITHOUT ROWID;

CREATE TABLE usage_export (
  month TEXT NOT NULL, week TEXT NOT NULL, consumer TEXT NOT NULL, channel TEXT NOT NULL, format TEXT NOT NULL, deal INTEGER NOT NULL,
  n INTEGER NOT NULL, records INTEGER NOT NULL, crowd INTEGER NOT NULL,
  PRIMARY KEY (week, month, consumer, channel, format, deal)
) WITHOUT ROWID;

CREATE TABLE usage_release (
  cube TEXT NOT NULL, unit TEXT NOT NULL, crowd INTEGER NOT NULL, at INTEGER NOT NULL, withheld INTEGER NOT NULL,
  PRIMARY KEY (cube, unit)
) WITHOUT ROWID;

CREATE TABLE usage_cell (
  view TEXT NOT NULL, unit TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, c TEXT NOT NULL, metric TEXT NOT NULL,
  n INTEGER NOT NULL, uniq INTEGER NOT NULL, people INTEGER NOT NULL,
  PRIMARY KEY (view, unit, a, b, c, metric)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE usage_cell;
DROP TABLE usage_release;
DROP TABLE usage_export;
DROP TABLE usage_record;
DROP TABLE usage_term;
DROP TABLE usage_area;
DROP TABLE usage_site;
DROP TABLE usage_batch;
