// Adds why a run was cancelled.

export const sql = `
ALTER TABLE runs ADD COLUMN reason TEXT; -- NULL: it was not
`
