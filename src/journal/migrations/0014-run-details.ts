// Adds what a firing says beside its event: what became of a device, and which other firings it stands for.

export const sql = `
ALTER TABLE runs ADD COLUMN details TEXT; -- JSON; NULL: no more than its event
`
