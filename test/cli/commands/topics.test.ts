import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { openBench } from '../../journal/fixtures.ts'
import { event } from '../../journal/nouns.ts'
import { runCommand } from '../../support/terminal.ts'

function folder(): string {
  const { dataDir, writer } = openBench()
  const topics = ['house/hall/lamp', 'house', 'house/hall/lamp', 'shop/', 'secret']
  writer.commit({
    events: topics.map((topic, index) =>
      event(index + 1, {
        topic,
        payload: Buffer.from(`value ${index}`),
        retain: topic === 'house',
        recorded: topic !== 'secret',
      }),
    ),
  })
  return dataDir
}

const shown = async (...argv: string[]) => {
  const { out } = await runCommand(['--utc', 'topics', '--data', folder(), ...argv])
  return out
}

it('lists topics by name with their last value, its time, and how many events they had', async () => {
  expect(await shown()).toBe(
    [
      '1970-01-01 00:16:40.000Z house value 1 (1 event, retained)',
      '1970-01-01 00:16:40.000Z house/hall/lamp value 2 (2 events)',
      '-                        secret (0 events)',
      '1970-01-01 00:16:40.000Z shop/ value 3 (1 event)\n',
    ].join('\n'),
  )
})

it('shows them as a tree', async () => {
  expect(await shown('--tree')).toBe(
    [
      'house value 1 (1 event, retained)',
      '  hall',
      '    lamp value 2 (2 events)',
      'secret (0 events)',
      'shop',
      '  (empty) value 3 (1 event)\n',
    ].join('\n'),
  )
})

it.each([[[]], [['--tree']]])('keeps each topic on one line of a terminal with %j', async (options) => {
  const { dataDir, writer } = openBench()
  const payload = Buffer.from(JSON.stringify({ temperatures: Array.from({ length: 50 }, () => 21.5) }))
  writer.commit({ events: [event(1, { topic: 'house/hall', payload, retain: true })] })
  const terminal = { isTty: true, hasColors: true, columns: 80 }
  const { out } = await runCommand(['--utc', 'topics', '--data', dataDir, ...options], terminal)
  const last = stripVTControlCharacters(out).trimEnd().split('\n').at(-1)!
  expect(last).toMatch(/hall \{"temperatures".*… \(1 event, retained\)$/)
  expect(last).toHaveLength(80)
})

it('lists only those that match, and as JSON', async () => {
  const lines = (await shown('+/hall/+', '--json')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { topic: 'house/hall/lamp', events: 2, retained: false, last: { id: 3, payload: 'value 2' } },
  ])
})

it('refuses what is no filter', async () => {
  const { status, error } = await runCommand(['topics', 'a#', '--data', folder()])
  expect(error).toMatch(/must stand alone/)
  expect(status).toBe(1)
})
