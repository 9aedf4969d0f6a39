// Adds how many attempts of a step the end of a hub or an engine cut off; these were made again without being
// counted.

export const sql = `
ALTER TABLE steps ADD COLUMN cut_offs INTEGER NOT NULL DEFAULT 0;
`
