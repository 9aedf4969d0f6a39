// Adds which door a session's client came by, so that nobody who comes by another one takes the session up.

export const sql = `
ALTER TABLE sessions ADD COLUMN realm TEXT;   -- see Pass; NULL: begun before realms were recorded
`
