// Adds how far the wall clock of each lifetime is behind the time that the journal knows, so that moments
// stored earlier still mean the same.

export const sql = `
ALTER TABLE lifetimes ADD COLUMN after_event INTEGER NOT NULL DEFAULT 0;          -- the newest event when it began
ALTER TABLE lifetimes ADD COLUMN behind_at_start_ms INTEGER NOT NULL DEFAULT 0;   -- of the clock, when it began
ALTER TABLE lifetimes ADD COLUMN behind_ms INTEGER NOT NULL DEFAULT 0;            -- what is left of that: 0 once it was set right
`
