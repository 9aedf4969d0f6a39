// Which events a rule's state refers to is read from the state itself.

export const sql = `
DROP INDEX rule_states_oldest_event;
ALTER TABLE rule_states DROP COLUMN oldest_event;
`
