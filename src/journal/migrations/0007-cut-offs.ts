// How many attempts of a step were cut off by the end of the hub or the engine, and made again without being counted.

export const sql = `
ALTER TABLE steps ADD COLUMN cut_offs INTEGER NOT NULL DEFAULT 0;
`
