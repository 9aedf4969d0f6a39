import { describe, expect, it } from 'vitest'
import { openAlerts } from '../../../src/journal/queries/open-alerts.ts'
import type { NewEvent } from '../../../src/model/event.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { alert, event } from '../nouns.ts'

const command = (id: number, path: string, payload: object = {}, rest: Partial<NewEvent> = {}) =>
  event(id, {
    topic: `vigie/commands/alerts/${path}`,
    payload: Buffer.from(JSON.stringify(payload)),
    origin: 'hub',
    client: null,
    recorded: false,
    ...rest,
  })

describe('the open alerts that a hub begins with', () => {
  it('are those of the table that no rule has raised', () => {
    const { dataDir, writer } = openBench()
    writer.commit({
      changes: [
        {
          alerts: [
            alert('engine', { rule: null, body: 'it is away' }),
            alert('rules', { rule: null, state: 'resolved' }),
            alert('door', { rule: 'door' }),
          ],
        },
      ],
    })
    expect(openAlerts(openRaw(dataDir), 'vigie')).toEqual([{ key: 'engine', body: 'it is away' }])
  })

  it('are what commands of the hub will make of them that no engine has taken', () => {
    const { dataDir, writer } = openBench()
    const said = [
      command(1, 'gone/raise', { body: 'taken, and resolved since' }),
      command(2, 'engine/resolve'),
      command(3, 'quarantine/rule/a%2Bb/raise', { body: 'it hung' }),
      command(4, 'rules/raise', { body: 'first' }),
      command(5, 'rules/resolve'),
      command(6, 'rules/raise', { body: 'second' }),
      command(7, 'door/raise', { body: 'open', rule: 'door' }),
      command(8, 'disk/raise', { body: 'of a client' }, { origin: 'live', client: 'c' }),
      command(9, 'rules/ack'),
      event(10, { topic: 'vigie/commands/alertsome' }),
    ]
    const changes = [{ cursor: 1, alerts: [alert('engine', { rule: null, body: 'it is away' })] }]
    writer.commit({ events: said, changes })
    expect(openAlerts(openRaw(dataDir), 'vigie')).toEqual([
      { key: 'quarantine/rule/a+b', body: 'it hung' },
      { key: 'rules', body: 'second' },
    ])
  })
})
