// Covers `src/rules/explain/near-topics.ts`, `src/rules/explain/rehearse.ts`.

import { expect, it } from 'vitest'
import { alert, rule, will } from '../../../src/index.ts'
import type { Origin } from '../../../src/model/event.ts'
import { compile } from '../../../src/rules/compile.ts'
import { explain } from '../../../src/rules/explain/explain.ts'
import type { Explanation } from '../../../src/rules/explain/explain.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'

const set = compile(
  [
    {
      file: 'rules/a.ts',
      exports: {
        default: [
          rule('jenkins', { on: 'jenkins/job/+name', do: ({ params }) => alert({ title: params.name }) }),
          rule('late', { on: 'jenkins/#', for: '2m', do: () => [] }),
          rule('gone', { on: will('jenkins/job/+name'), do: () => [] }),
          rule('all', { on: '#', when: () => false, do: () => [] }),
        ],
      },
    },
  ],
  { root: 'vigie' },
)
const ask = (topic: string, origin: Origin = 'live'): Record<string, Explanation> =>
  Object.fromEntries(explain(set, inventedEvent(topic, 'SUCCESS', origin)).map((each) => [each.rule, each]))

it('tells for every rule the stage that decided, when it fires, and what it would do', () => {
  const told = ask('jenkins/job/app')
  expect(told['jenkins']).toMatchObject({
    verdict: { stage: 'fired' },
    fires: 'at once',
    plan: { steps: [{ spec: { title: 'app' } }] },
  })
  expect(told['late']).toMatchObject({
    verdict: { stage: 'for', reason: 'must hold for 2m' },
    fires: 'after 2m',
  })
  expect(told['gone']).toMatchObject({ verdict: { stage: 'origin' }, fires: '', plan: null })
  expect(told['all']).toMatchObject({ verdict: { stage: 'when' } })
})

it('says what was retained', () => {
  expect(ask('jenkins/job/app', 'retained')['jenkins']!.verdict).toEqual({
    stage: 'origin',
    reason: "the message is retained; retained: 'fire' would take it",
    key: 'app',
  })
})

it.each([
  ['jenkins/job/app/', 'it would match "jenkins/job/app": without the slash at the end'],
  ['/jenkins/job/app', 'it would match "jenkins/job/app": without the slash at the beginning'],
  ['Jenkins/job/app', 'it would match "jenkins/job/app": in small letters'],
  ['jenkin/job/app', 'it waits for "jenkins/job/+name": "jenkin" is not "jenkins"'],
  ['jenkins', 'it waits for "jenkins/job/+name", which has 3 levels; this topic has 1 level'],
  ['jenkins/job/app/42', 'it waits for "jenkins/job/+name", which has 3 levels; this topic has 4 levels'],
  ['elsewhere', null],
  ['else/job/app', null],
])('hints at what %s was probably meant to be', (topic, hint) => {
  expect(ask(topic)['jenkins']).toMatchObject({ verdict: null, hint })
})

it("says that a wildcard does not reach the hub's own topics", () => {
  expect(ask('vigie/runs/x')['all']!.hint).toContain('spell vigie/ out')
})
