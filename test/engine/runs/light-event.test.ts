import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { Draft } from '../../../src/engine/runs/draft.ts'
import { fromHead, lightened } from '../../../src/engine/runs/light-event.ts'
import { Rescue } from '../../../src/engine/steps/rescue.ts'
import type { Plan } from '../../../src/engine/steps/work.ts'
import { headOf } from '../../../src/model/event.ts'
import type { Event } from '../../../src/model/event.ts'
import { compileOne } from '../../rules/drive.ts'
import { event, run } from '../../journal/nouns.ts'

const large = event(7, { payload: Buffer.alloc(100_000, 'x'), properties: Buffer.from('p') })

/** A journal that says how often somebody has read from it. */
function journalOf(kept: Event) {
  const journal = {
    read: 0,
    event: (id: number) => {
      journal.read++
      return id === kept.id ? kept : undefined
    },
    eventHead: (id: number) => (id === kept.id ? headOf(kept) : undefined),
    openRunIds: () => [1],
    run: () => ({ run: run(1, { event: kept.id }), steps: [] }),
    runHead: () => run(1, { event: kept.id }),
  }
  return journal
}

it('reads a large payload when somebody looks at it, and a small one never', () => {
  const journal = journalOf(large)
  const light = lightened(large, journal)
  expect([light.id, light.topic, light.cause, journal.read]).toEqual([7, 'a/b', null, 0])
  expect(light.payload).toBe(large.payload)
  expect(light.properties).toBe(large.properties)
  expect(journal.read).toBe(2)
  const small = event(8)
  expect(lightened(small, journal)).toBe(small)
})

it('is read by no engine that takes up open runs', async () => {
  const journal = journalOf(large)
  const added: Plan[] = []
  const work = {
    add: (plan: Plan) => added.push(plan),
    stepEnded: async () => {},
    flush: async () => {},
    weight: 0,
  }
  const clock = new ManualClock()
  await new Rescue({
    reads: journal,
    rules: compileOne({}),
    work,
    draft: new Draft(),
    clock,
    log: silentLog,
    turnTo: () => {},
    elsewhere: [],
    setAside: new Set(),
    deathsOutsideRules: 0,
  }).run()
  expect(journal.read).toBe(0)
  expect(added[0]!.event.payload).toBe(large.payload)
})

it('says so when its event is gone', () => {
  expect(() => fromHead(headOf(event(9)), journalOf(large)).payload).toThrow('event 9')
})
