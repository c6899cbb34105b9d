-- +goose Up

-- How much paper has left the roll in a printer that cannot tell how much is
-- left. Lengths are in tenths of a millimetre.
CREATE TABLE printer_rolls (
	printer TEXT    PRIMARY KEY CHECK (printer <> ''),
	used    INTEGER NOT NULL CHECK (used >= 0),
	slip    INTEGER NOT NULL CHECK (slip >= 0), -- length of one; 0 = not known
	gone    INTEGER NOT NULL CHECK (gone IN (0, 1)) -- 1 = it was out of paper
) STRICT, WITHOUT ROWID;
