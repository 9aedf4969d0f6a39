// Adds indexes by age to what alerts leave behind, so that each round of forgetting reads only what is old enough.

export const sql = `
CREATE INDEX alerts_resolved ON alerts (since_at) WHERE state = 'resolved';
CREATE INDEX alert_flips_by_age ON alert_flips (at);
CREATE INDEX notifications_closed ON notifications (opened_at) WHERE is_closed = 1;
`
