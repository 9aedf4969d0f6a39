import { expect, test } from 'vitest'
import { openAlertCommands } from '../../../src/http/api/alert-commands.ts'
import type { Publication } from '../../../src/model/event.ts'
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

test('a command is published as any client may, and answered with what the engine has made of it', async () => {
  const published: Publication[] = []
  let looks = 0
  const command = openAlertCommands({
    root: 'vigie',
    publish: async (publication) => 40 + published.push(publication),
    queries: {
      // The engine takes the command a moment later; a rule of the user may have been fired by it before.
      runsOf: async (event) => [
        run(1, { rule: 'watcher', key: `answer/${event}` }),
        ...(++looks < 3 ? [] : [run(2, { rule: '@alerts', key: `answer/${event}` })]),
      ],
      run: async (id) => ({
        run: run(id),
        steps: [step(id, '0', { spec: answering('{"ok":false,"reason":"it is pending"}') })],
      }),
    },
  })
  expect(await command('nas/a#', 'ack', { by: 'anna' })).toEqual({
    event: 41,
    answer: { ok: false, reason: 'it is pending' },
  })
  expect(looks).toBe(3)
  expect(published).toMatchObject([
    { topic: 'vigie/commands/alerts/nas/a%23/ack', retain: false, qos: 1, origin: 'http' },
  ])
  expect(Buffer.from(published[0]!.payload).toString()).toBe('{"by":"anna"}')
})
