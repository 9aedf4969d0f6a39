// Covers `src/http/api/engine-commands.ts`.

import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { openAlertCommands } from '../../../src/http/api/alert-commands.ts'
import type { Publication } from '../../../src/model/event.ts'
import { commits } from '../commits.ts'
import { run, step } from '../../journal/nouns.ts'

const answering = (text: string) => ({
  kind: 'publish' as const,
  topic: 'vigie/commands/alerts/nas/a%23/ack/result',
  payload: { text },
  qos: 1 as const,
  retain: false,
  timeoutMs: 1_000,
  retry: { attempts: 1, minMs: 1, maxMs: 1 },
})

/** A hub whose engine has answered once `answered` says so. */
function hub(answered: () => boolean) {
  const published: Publication[] = []
  const clock = new ManualClock()
  const journal = commits()
  let looks = 0
  const command = openAlertCommands({
    root: 'vigie',
    publish: async (publication) => 40 + published.push(publication),
    queries: {
      // A rule of the user may have been fired by the command before.
      async runsOf(event) {
        looks++
        const ofUser = run(1, { rule: 'watcher', key: `answer/${event}` })
        return answered() ? [ofUser, run(2, { rule: '@alerts', key: `answer/${event}` })] : [ofUser]
      },
      run: async (id) => ({
        run: run(id),
        steps: [step(id, '0', { spec: answering('{"ok":false,"reason":"it is pending"}') })],
      }),
    },
    onCommit: journal.onCommit,
    clock,
  })
  return { command, published, clock, journal, looks: () => looks }
}

test('a command is published as any client may, and answered with what the engine has made of it', async () => {
  let isAnswered = false
  const { command, published, clock, journal, looks } = hub(() => isAnswered)
  const commanded = command('nas/a#', 'ack', { by: 'anna' })
  await expect.poll(looks).toBe(1)
  clock.advance(10)
  await Promise.resolve()
  isAnswered = true
  journal.commit()
  expect(await commanded).toEqual({ event: 41, answer: { ok: false, reason: 'it is pending' } })
  expect(published).toMatchObject([
    { topic: 'vigie/commands/alerts/nas/a%23/ack', retain: false, qos: 1, origin: 'http' },
  ])
  expect(Buffer.from(published[0]!.payload).toString()).toBe('{"by":"anna"}')
  expect([looks(), journal.listeners()]).toEqual([2, 0])
})

test('nobody looks for the answer to a command before something is committed', async () => {
  const { command, clock, journal, looks } = hub(() => false)
  const commanded = command('nas', 'ack', {})
  await expect.poll(looks).toBe(1)
  for (let at = 0; at < 10_000; at += 1_000) {
    expect(looks()).toBe(1)
    clock.advance(1_000)
    await new Promise(setImmediate)
  }
  expect(await commanded).toEqual({ event: 41, answer: null })
  expect(journal.listeners()).toBe(0)
})
