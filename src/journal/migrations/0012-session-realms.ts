// Adds which door a session's client came by, so that nobody who comes by another one takes the session up.

export const sql = `
ALTER TABLE sessions ADD COLUMN realm TEXT;   -- of its user, or of clients without one; NULL: begun before this was known
`
