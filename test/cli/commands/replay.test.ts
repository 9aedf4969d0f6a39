// Covers `src/cli/commands/export.ts`: the history as a file, and that file published on another hub.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventFromRecord, recordLine } from '../../../src/model/event-record.ts'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event, events, plain } from '../../journal/nouns.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

const properties = encodePropertyBytes({
  contentType: 'text/plain',
  userProperties: [['room', 'hall']],
})

it('writes what matches into a file, oldest first and exactly, in as many pages as it takes', async () => {
  const { dataDir, writer } = openBench()
  const all = [
    ...events(1, 1_500, { topic: 'many' }),
    event(1_501, { payload: Buffer.from([0, 255]), properties }),
  ]
  writer.commit({ events: all })
  const folder = temporaryFolder()
  const { status, error } = await runCommand(['export', '-o', 'out.jsonl', '--data', dataDir], {
    cwd: folder,
  })
  expect([status, error]).toEqual([0, `Wrote 1,501 messages to ${join(folder, 'out.jsonl')}.\n`])
  const lines = readFileSync(join(folder, 'out.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => plain(eventFromRecord(line)))).toEqual(all.map(plain))
  expect(readdirSync(folder)).toEqual(['out.jsonl'])
  const some = await runCommand(['export', 'a/b', '--format', 'csv', '--data', dataDir])
  expect(some.out.split('\n').slice(1)).toEqual([expect.stringMatching(/^1501,.*,a\/b,AP8=,base64,/), ''])
})

it('publishes a file again: topics, bytes, properties, at its pace, without what the hub itself said', async () => {
  const data = temporaryFolder()
  await startHubProcess(['--data', data, '--rules', temporaryFolder()])
  const file = join(temporaryFolder(), 'in.jsonl')
  const recorded = [
    event(1, { topic: 'again/one', payload: Buffer.from([0, 255]), at: 1_000, properties }),
    event(2, { topic: 'vigie/runs/door', at: 1_001, origin: 'hub', client: null }),
    event(3, { topic: 'again/two', retain: true, qos: 2, at: 3_000 }),
    event(4, { topic: 'other', at: 3_000 }),
  ]
  writeFileSync(file, recorded.map((each) => `${recordLine(each)}\n`).join(''))
  const argv = ['replay', file, '--speed', '20', '--filter', 'again/#', '--data', data]
  const begunAt = performance.now()
  const { out, error } = await runCommand(argv)
  // Two seconds, twenty times as fast.
  expect(performance.now() - begunAt).toBeGreaterThanOrEqual(99)
  expect([error, out]).toEqual(['', 'Published 2 messages.\n'])
  const all = await runCommand(['replay', file, '--speed', 'max', '--data', data])
  expect(all.out).toBe('Published 3 messages. 1 of the hub itself were left out.\n')
  const written = await runCommand(['export', 'again/#', '--data', data])
  const [one, two] = written.out.split('\n').map((line) => line && eventFromRecord(line))
  expect(one && plain(one)).toMatchObject({
    topic: 'again/one',
    payload: 'AP8=',
    properties: properties.toString('base64'),
  })
  expect(two && plain(two)).toMatchObject({ topic: 'again/two', qos: 2, retain: true })
})

it.each([
  ['{"id":1}\n', /in\.jsonl, line 1: it is no recorded message/],
  ['\nopen\n', /in\.jsonl, line 2: it is no JSON/],
])('names the line that is wrong: %j', async (text, sentence) => {
  const file = join(temporaryFolder(), 'in.jsonl')
  writeFileSync(file, text)
  const { status, error } = await runCommand(['replay', file])
  expect(error).toMatch(sentence)
  expect(status).toBe(1)
})

it('says what is wrong with the options and the file', async () => {
  expect((await runCommand(['replay', '/none/x.jsonl'])).error).toMatch(
    /\/none\/x\.jsonl cannot be used: there is no such file/,
  )
  expect((await runCommand(['replay', 'x', '--speed', '0'])).error).toMatch(
    /must be a number above 0, or "max"/,
  )
  expect((await runCommand(['replay', 'x', '--filter', 'a#'])).error).toMatch(/--filter: .*must stand alone/)
})
