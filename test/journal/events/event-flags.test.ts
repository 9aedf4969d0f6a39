// Covers `src/model/event.ts`.

import { expect, it } from 'vitest'
import { flagsOf, isRecorded, isRetain, originOf, qosOf } from '../../../src/journal/events/event-flags.ts'
import { ORIGINS } from '../../../src/model/event.ts'
import { openBench, openRaw } from '../fixtures.ts'
import { event } from '../nouns.ts'

const ALL = ORIGINS.flatMap((origin) =>
  ([0, 1, 2] as const).flatMap((qos) =>
    [false, true].flatMap((retain) => [false, true].map((recorded) => ({ origin, qos, retain, recorded }))),
  ),
)

it('packs the small fields of any event into one byte, and gives them back', () => {
  for (const fields of ALL) {
    const flags = flagsOf(fields)
    expect(flags).toBeLessThan(256)
    expect({
      origin: originOf(flags),
      qos: qosOf(flags),
      retain: isRetain(flags),
      recorded: isRecorded(flags),
    }).toEqual(fields)
  }
  expect(new Set(ALL.map(flagsOf)).size).toBe(ALL.length)
})

it('means the same to the columns that SQL computes of it', () => {
  const { dataDir, writer } = openBench()
  writer.commit({ events: ALL.map((fields, index) => event(index + 1, fields)) })
  const rows = openRaw(dataDir).prepare('SELECT qos, retain, recorded, origin FROM events ORDER BY id').all()
  expect(rows).toEqual(
    ALL.map(({ qos, retain, recorded, origin }) => ({
      qos,
      retain: Number(retain),
      recorded: Number(recorded),
      origin: ORIGINS.indexOf(origin),
    })),
  )
})
