import { expect, it } from 'vitest'
import { describeResult, describeTruncation } from '../../src/model/result-words.ts'
import type { ActionKind } from '../../src/model/action.ts'
import type { JsonObject } from '../../src/model/json.ts'

const ended = (how: string, why?: string): JsonObject => ({
  pid: 7,
  name: 'sh',
  how,
  ...(why && { why }),
})

it.each<[ActionKind, JsonObject, string]>([
  ['shell', { exitCode: 0, stdout: 'x' }, 'exit code 0'],
  ['shell', {}, ''],
  ['webhook', { status: 204 }, 'status 204'],
  ['publish', { event: 12 }, 'event 12'],
  ['alert', { topic: 'vigie/alerts/door', event: 7 }, 'event 7'],
  ['alert', { topic: 'vigie/alerts/door', wasOpen: false }, 'it was not open'],
  ['notify', { told: null }, 'there was nothing to tell'],
  ['notify', { told: {}, title: 'nas is down', isUpdate: true }, 'nas is down (updated)'],
  ['kill', { processes: [] }, 'no process matched'],
  ['kill', { processes: [ended('terminated')] }, 'sh (7) ended'],
  ['kill', { processes: [ended('killed')] }, 'sh (7) ended by SIGKILL'],
  ['kill', { processes: [ended('gone')] }, 'sh (7) had ended already'],
  ['kill', { processes: [ended('spared', 'it is the hub')] }, 'sh (7) left alone: it is the hub'],
  ['kill', { processes: [ended('meant')] }, 'sh (7) is meant'],
  ['renice', { processes: [ended('reniced')] }, 'sh (7) reniced'],
  ['restart', { how: 'started', pid: 9, processes: [] }, 'started as 9'],
  ['restart', { how: 'started', pid: 9, processes: [ended('terminated')] }, 'sh (7) ended; started as 9'],
  ['restart', { how: 'found', pid: 9 }, 'it runs already, as 9'],
  ['restart', { how: 'exited', pid: 9 }, 'it exited with 0'],
  ['list', { count: 3, processes: [] }, '3 found'],
  ['reap', { how: 'gone' }, 'it was gone already'],
  ['reap', { how: 'nudged', parent: { pid: 9, name: 'make' } }, 'make (9) cleared it away'],
  ['call', { value: 7 }, ''],
])('tells what a %s gave: %j', (kind, result, said) => {
  expect(describeResult(kind, result)).toBe(said)
})

it('names ten processes and counts the others', () => {
  const processes = Array.from({ length: 13 }, (_, pid) => ({ pid, name: 'x', how: 'terminated' }))
  expect(describeResult('kill', { processes })).toMatch(/^x \(0\) ended, .*x \(9\) ended, and 3 more$/)
})

it('tells what is missing of an output', () => {
  expect(describeTruncation({ stdout: 'whole' })).toEqual([])
  expect(describeTruncation({ truncated: { stderr: 20_480, body: null } })).toEqual([
    'only the end of its stderr is kept: it had 20 KiB',
    'only the end of a part of its body is kept',
  ])
})
