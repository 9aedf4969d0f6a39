import { beforeEach, expect, test } from 'vitest'
import type { ShownFiring } from '../../../src/alerts/notifications.ts'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Asked } from '../../../src/channels/channel.ts'
import { Receipts } from '../../../src/engine/alerts/receipts.ts'
import type { Json } from '../../../src/model/json.ts'
import { openSecrets } from '../../../src/secrets/secrets.ts'

const SHOWN: ShownFiring = { id: 'n1', channel: 'phone', handle: { receipt: 'r1' }, firing: ['nas', 'disk'] }

/** What the store holds, which outlives an engine. */
let kept: Map<string, Json>
let shown: ShownFiring[]
beforeEach(() => {
  kept = new Map()
  shown = [SHOWN]
})

/** An engine, and a service that gives these answers, the last one for ever. */
function begin(...answers: readonly (Asked | Error)[]) {
  const clock = new ManualClock()
  const asked: Json[] = []
  const said: [string, unknown][] = []
  const receipts = new Receipts({
    root: 'vigie',
    clock,
    log: silentLog,
    secrets: openSecrets({}, null),
    channels: new Map([
      [
        'phone',
        {
          async ask(handle) {
            asked.push(handle)
            const answer = answers[Math.min(asked.length, answers.length) - 1]!
            if (answer instanceof Error) throw answer
            return answer
          },
        },
      ],
    ]),
    shownFiring: () => shown,
    store: {
      ids: () => [...kept.keys()],
      read: (id) => kept.get(id),
      keep: (id, handle) => kept.set(id, handle),
      drop: (id) => void kept.delete(id),
      flush: async () => {},
    },
    publish: async ({ topic, payload }) => said.push([topic, JSON.parse(Buffer.from(payload).toString())]),
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  receipts.start()
  return { receipts, asked, said, pass }
}

test('what is acknowledged in a service becomes a command for each alert that it shows, once', async () => {
  const open = { kind: 'open', afterMs: 15_000 } as const
  const { asked, said, pass } = begin(open, open, { kind: 'acknowledged', by: 'iphone' })
  await pass(29)
  expect(asked).toHaveLength(2)
  expect(said).toEqual([])
  await pass(60)
  const by = 'the channel "phone", iphone'
  expect(said).toEqual([
    ['vigie/commands/alerts/nas/ack', { by }],
    ['vigie/commands/alerts/disk/ack', { by }],
  ])
  expect(asked).toHaveLength(3)
})

test('an engine that begins later asks about what an earlier one has told, and not what it was answered', async () => {
  const first = begin({ kind: 'open', afterMs: 15_000 })
  await first.pass(1)
  await first.receipts.stop()
  const second = begin({ kind: 'acknowledged' })
  await second.pass(1)
  await second.receipts.stop()
  expect(second.said[0]).toEqual(['vigie/commands/alerts/nas/ack', { by: 'the channel "phone"' }])
  // Somebody has taken the acknowledgement back meanwhile.
  const third = begin({ kind: 'acknowledged' })
  await third.pass(60)
  expect(third.asked).toEqual([])
  // People are told anew.
  shown = [{ ...SHOWN, handle: { receipt: 'r2' } }]
  await third.pass(5)
  expect(third.asked).toEqual([{ receipt: 'r2' }])
  expect(third.said).toHaveLength(2)
  shown = []
  await third.pass(5)
  expect(kept.size).toBe(0)
})

test('an answer to what is shown no longer acknowledges nothing', async () => {
  const { said, pass } = begin({ kind: 'acknowledged' })
  shown = [{ ...SHOWN, handle: { receipt: 'r2' } }]
  await pass(1)
  expect(said).toEqual([])
})

test('a service that fails is asked ever more seldom, and one that knows nothing no more', async () => {
  const { asked, pass } = begin(new Error('it broke'), { kind: 'later', reason: 'busy' }, { kind: 'closed' })
  await pass(14)
  expect(asked).toHaveLength(1)
  await pass(29)
  expect(asked).toHaveLength(2)
  await pass(30)
  expect(asked).toHaveLength(3)
  await pass(3_600)
  expect(asked).toHaveLength(3)
})
