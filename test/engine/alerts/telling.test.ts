import { expect, test } from 'vitest'
import type { Attempt } from '../../../src/actions/context.ts'
import type { Content } from '../../../src/alerts/notifications.ts'
import { openTelling } from '../../../src/engine/alerts/telling.ts'
import type { NotifySpec } from '../../../src/model/action.ts'
import { desk } from '../../actions/attempt.ts'
import { alert, notification } from '../../journal/nouns.ts'

test('attempts that tell the same have one key, and what has become another state has another', async () => {
  const keys: string[] = []
  const contents: Content[] = (['firing', 'firing', 'resolved'] as const).map((shown) => ({
    notification: notification('alert/nas'),
    occasion: shown === 'firing' ? 'news' : 'resolved',
    members: [{ alert: alert('nas'), shown, audibleAt: 0 }],
    alerts: { nas: shown },
  }))
  const tell = openTelling({
    channels: new Map([
      [
        'phone',
        {
          tell: async (_notification, { key }) => {
            keys.push(key)
            return { kind: 'later', reason: 'it died' }
          },
        },
      ],
    ]),
    content: () => contents.shift() ?? null,
    linksOf: () => ({}),
    dataDir: '/nowhere',
  })
  const spec = { kind: 'notify', channel: 'phone', subject: 'alert/nas' } as NotifySpec
  const attempt = desk().context as unknown as Attempt
  for (let time = 0; time < 3; time++) await tell(spec, attempt)
  expect(keys[0]).toBe(keys[1])
  expect(keys[2]).not.toBe(keys[0])
  expect(await tell(spec, attempt)).toEqual({ kind: 'done', result: { channel: 'phone', told: null } })
})
