import { describe, expect, test } from 'vitest'
import { ntfy } from '../../src/channels/ntfy.ts'
import { webhook } from '../../src/channels/webhook.ts'
import { parseConfig } from '../../src/config/config.ts'

const channels = { phone: ntfy({ topic: 'home-4711' }), post: webhook({ url: 'https://x.example' }) }
const parsed = (alerts: object) => parseConfig({ alerts: { channels, ...alerts } }, 'vigie.config.ts').alerts

describe('alerts in the configuration', () => {
  test('are read as plain data, for they travel to the engine', () => {
    const alerts = parsed({
      routes: [
        {
          severity: 'critical',
          labels: { room: 'hall' },
          to: ['phone'],
          after: { '30m': ['post'] },
          remind: '1h',
          quiet: { from: '22:00', to: '07:00' },
          resolved: 'always',
          continue: true,
        },
        { to: ['post'], group: '5m' },
      ],
      windows: [{ name: 'backup', match: { key: 'nas/#' }, cron: '0 2 * * *', for: '2h' }],
      links: { url: 'https://hub.example.org/' },
      retry: { attempts: 3 },
    })
    expect(structuredClone(alerts)).toEqual({
      channels: {
        phone: { kind: 'ntfy', settings: expect.objectContaining({ topic: 'home-4711' }) },
        post: { kind: 'webhook', settings: expect.anything() },
      },
      routes: [
        {
          match: { severity: ['critical'], labels: { room: 'hall' } },
          to: ['phone'],
          after: [{ afterMs: 1_800_000, to: ['post'] }],
          groupMs: null,
          remindMs: 3_600_000,
          quiet: { from: '22:00', to: '07:00' },
          resolved: 'always',
          continue: true,
        },
        {
          match: {},
          to: ['post'],
          after: [],
          groupMs: 300_000,
          remindMs: null,
          quiet: null,
          resolved: true,
          continue: false,
        },
      ],
      windows: [{ name: 'backup', match: { key: 'nas/#' }, cron: '0 2 * * *', forMs: 7_200_000 }],
      url: 'https://hub.example.org',
      retry: { attempts: 3, minMs: 1_000, maxMs: 300_000 },
    })
  })

  test.each([
    [
      { routes: [{ to: ['phnoe'] }] },
      'alerts.routes[0].to: there is no channel "phnoe"; did you mean "phone"?',
    ],
    [{ routes: [{ to: ['x'] }] }, 'alerts.routes[0].to: there is no channel "x" (there are: phone, post)'],
    [
      { routes: [{ to: ['phone'], after: { '1h': ['phone'] } }] },
      '"phone" is told already by this route; remind tells it again',
    ],
    [{ routes: [{ to: [], after: { soon: ['phone'] } }] }, '"soon" is not a duration'],
    [
      { routes: [{ to: [], remnid: '1h' }] },
      'alerts.routes[0].remnid: there is no such setting; did you mean "remind"?',
    ],
    [{ routes: [{ to: [], key: 'a/#/b' }] }, 'alerts.routes[0].key: '],
    [
      { routes: [{ to: [], quiet: { from: '22', to: '07:00' } }] },
      'alerts.routes[0].quiet: from: expected a time',
    ],
    [{ windows: [{ name: 'x', cron: '0 2 * *', for: '1h' }] }, 'alerts.windows[0]: '],
    [{ channels: { phone: { kind: 'ntfy' } } }, 'alerts.channels.phone: must be a channel such as ntfy('],
    [{ links: { url: 'hub' } }, 'alerts.links.url: '],
    [{ webhook: 'https://x' }, 'alerts.webhook: it is a channel now'],
  ])('%j is refused with a sentence', (alerts, sentence) => {
    expect(() => parsed(alerts)).toThrow(sentence)
  })
})
