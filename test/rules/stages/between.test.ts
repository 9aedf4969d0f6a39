// `between` in a rule: asked by the event's time, before `when`, and told with its name.

import { expect, it } from 'vitest'
import { rule } from '../../../src/index.ts'
import { compile } from '../../../src/rules/compile.ts'
import { explain } from '../../../src/rules/explain/explain.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { Driver } from '../drive.ts'

const at = (date: string): number => Date.parse(date)
const NIGHT = { from: '22:00', to: '07:00', timezone: 'Europe/Paris' } as const

it('takes what comes within its window, and says why not otherwise', () => {
  const driver = new Driver({ between: NIGHT, when: () => true })
  expect(driver.send(at('2026-03-02T20:14Z'))).toMatchObject({
    stage: 'between',
    reason: '21:14 is not between 22:00 and 07:00',
  })
  expect(driver.send(at('2026-03-02T23:00Z')).stage).toBe('fired')
  expect(driver.send(at('2026-03-03T06:00Z')).stage).toBe('between')
})

it('cancels a hold when a message comes outside of it', () => {
  const driver = new Driver({ between: NIGHT, for: '10m' })
  driver.send(at('2026-03-03T05:55Z'))
  driver.send(at('2026-03-03T06:01Z'))
  driver.wakeUntil(at('2026-03-03T07:00Z'))
  expect(driver.firings).toEqual([])
})

it('is asked by vigie explain for the moment of the message', () => {
  const set = compile(
    [{ file: 'rules/a.ts', exports: { default: rule('night', { on: 'a', between: NIGHT, do: () => [] }) } }],
    { root: 'vigie' },
  )
  const stageAt = (date: string): unknown =>
    explain(set, inventedEvent('a', '', 'live', at(date)))[0]?.verdict?.stage
  expect(stageAt('2026-03-02T12:00Z')).toBe('between')
  expect(stageAt('2026-03-02T22:00Z')).toBe('fired')
})

it('does not fail an example that tells no time, and is held to one that does', () => {
  const problems = (more: object): string[] =>
    compile(
      [
        {
          file: 'rules/a.ts',
          exports: {
            default: rule('night', {
              on: 'a',
              between: NIGHT,
              do: () => [],
              examples: [{ topic: 'a', expect: 'fire', ...more }],
            }),
          },
        },
      ],
      { root: 'vigie' },
    ).problems.map(({ message }) => message)
  expect(problems({})).toEqual([])
  expect(problems({ at: '2026-03-02T23:00Z' })).toEqual([])
  expect(problems({ at: '2026-03-02T12:00Z' })).toEqual([
    expect.stringContaining('between said no: 13:00 is not between 22:00 and 07:00'),
  ])
})
