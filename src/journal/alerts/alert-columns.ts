// The columns of alerts, silences and notifications, by the names that their fields have in the model. Reads
// and writes are made from one list, so that none is forgotten in either.

type Columns = Readonly<Record<string, string>>

export const ALERT_COLUMNS: Columns = {
  key: 'key',
  state: 'state',
  severity: 'severity',
  title: 'title',
  body: 'body',
  labels: 'labels',
  parent: 'parent',
  rule: 'rule',
  event: 'event',
  causeEvent: 'cause_event',
  causeTopic: 'cause_topic',
  count: 'count',
  incident: 'incident',
  flips: 'flips',
  version: 'version',
  openedAt: 'opened_at',
  sinceAt: 'since_at',
  raisedAt: 'raised_at',
  firesAt: 'fires_at',
  firedAt: 'fired_at',
  acknowledgedBy: 'acknowledged_by',
  silencedBy: 'silenced_by',
  saidBy: 'said_by',
}

export const SILENCE_COLUMNS: Columns = {
  name: 'name',
  match: 'match',
  fromAt: 'from_at',
  untilAt: 'until_at',
  author: 'author',
  comment: 'comment',
  event: 'event',
}

export const NOTIFICATION_COLUMNS: Columns = {
  channel: 'channel',
  subject: 'subject',
  id: 'id',
  route: 'route',
  alerts: 'alerts',
  openedAt: 'opened_at',
  dueAt: 'due_at',
  telling: 'telling',
  tellings: 'tellings',
  told: 'told',
  handle: 'handle',
  event: 'event',
  isClosed: 'is_closed',
}

/** Selects every column under the name of its field. */
export const select = (table: string, columns: Columns): string =>
  `SELECT ${Object.entries(columns)
    .map(([field, column]) => `"${column}" AS "${field}"`)
    .join(', ')} FROM ${table}`

/** Writes a row whole; its fields are named parameters. */
export function upsert(table: string, columns: Columns, keys: readonly string[]): string {
  const names = Object.values(columns)
  const changed = names.filter((name) => !keys.includes(name))
  return `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')})
    VALUES (${Object.keys(columns)
      .map((field) => `@${field}`)
      .join(', ')})
    ON CONFLICT (${keys.join(', ')}) DO UPDATE SET
    ${changed.map((name) => `"${name}" = excluded."${name}"`).join(', ')}`
}
