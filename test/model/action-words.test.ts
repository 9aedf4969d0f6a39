import { expect, it } from 'vitest'
import type { ActionSpec } from '../../src/model/action.ts'
import { describeAction } from '../../src/model/action-words.ts'

const manner = { timeoutMs: 0, retry: { attempts: 1, minMs: 0, maxMs: 0 } }

it.each<[Partial<ActionSpec>, string]>([
  [{ kind: 'shell', argv: ['echo', 'two words', 'a=b'] }, 'echo "two words" a=b'],
  [{ kind: 'shell', argv: [], script: 'ls | wc' }, 'sh -c "ls | wc"'],
  [
    { kind: 'webhook', method: 'POST', url: ['https://a.example/', { secret: 'token' }] },
    'POST https://a.example/{token}',
  ],
  [{ kind: 'alert', key: 'nas', title: 'NAS is down', resolve: false }, 'alert nas: NAS is down'],
  [{ kind: 'notify', channel: 'phone' }, 'tell the alert channel phone'],
  [
    { kind: 'kill', target: { select: { name: 'sh', user: 'anna' } }, dryRun: true },
    'kill every process called sh, of user anna, dry run',
  ],
  [{ kind: 'renice', target: { watch: 'busy' }, nice: 10 }, 'renice what the watch busy finds to 10'],
  [{ kind: 'wait', lengthMs: 90_000 }, 'wait 1m 30s'],
  [{ kind: 'parallel', steps: [null, null] }, '2 side by side'],
])('says what %j does', (spec, said) => {
  expect(describeAction({ ...manner, ...spec } as ActionSpec)).toBe(said)
})
