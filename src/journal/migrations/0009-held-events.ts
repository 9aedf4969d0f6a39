// Drops the oldest event of a rule's state: pruning now reads from the state itself which events it holds.

export const sql = `
DROP INDEX rule_states_oldest_event;
ALTER TABLE rule_states DROP COLUMN oldest_event;
`
