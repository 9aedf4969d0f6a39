// Whatever code of a rule throws or returns is a fault of that rule, with its name: it never gets past the boundary of `evaluate`,
// `plan` and `compile`.

import { describe, expect, it } from 'vitest'
import { call, shell } from '../../src/index.ts'
import { compile } from '../../src/rules/compile.ts'
import { derive, findCall, plan } from '../../src/rules/evaluate/plan.ts'
import type { Occasion } from '../../src/rules/evaluate/plan.ts'
import type { RuleDefinition } from '../../src/rules/authoring/rule.ts'
import { rule } from '../../src/rules/authoring/rule.ts'
import { inventedEvent } from '../../src/rules/explain/rehearse.ts'
import { HOSTILE } from '../support/hostile.ts'
import { compileOne, Driver } from './drive.ts'

type Code = () => never

const FAULT_OF_R = /^rules\/r\.ts.*: rule "r": /
/** Stands for an answer that is taken. */
const FAULT = 'rules/r.ts: rule "r": none'

/** A schema of somebody else's, whose check is this. */
const schema = (validate: () => unknown): RuleDefinition['payload'] =>
  ({ '~standard': { version: 1, vendor: 'other', validate } }) as never

const parts: Readonly<Record<string, (code: Code) => Partial<RuleDefinition>>> = {
  payload: (code) => ({ payload: schema(code) }),
  issues: (code) => ({ payload: schema(() => ({ issues: [{ message: '', path: [code()] }] })) }),
  when: (code) => ({ when: code }),
  key: (code) => ({ key: code }),
  changed: (code) => ({ changed: code }),
  value: (code) => ({ above: 1, value: code }),
  'dedupe.key': (code) => ({ dedupe: { key: code, window: '1s' } }),
}

const occasion = (definition: Partial<RuleDefinition>): Occasion => ({
  match: compileOne(definition).matchOf('r', 't/x')!,
  event: inventedEvent('t/x', '1', 'live'),
  at: 0,
  world: { last: () => undefined },
})

describe.each(Object.entries(HOSTILE))('%s', (_what, make) => {
  const thrower: Code = () => {
    throw make()
  }

  it.each(Object.entries(parts))('thrown by %s is an error of the rule', (_part, definition) => {
    const { stage, reason } = new Driver(definition(thrower)).send(1, 1)
    expect(stage).toBe('error')
    expect(reason).toMatch(/^rules\/r\.ts.*: rule "r": \S+ threw /)
  })

  it.each(Object.entries(parts))(
    'returned by %s is taken, or is an error of the rule',
    (_part, definition) => {
      const { stage, reason } = new Driver(definition(make as Code)).send(1, 1)
      expect(stage === 'error' ? reason : FAULT).toMatch(FAULT_OF_R)
    },
  )

  it('thrown by do, or by a function of earlier results, is the reason why there is no plan', () => {
    expect(plan(occasion({ do: thrower }))).toEqual({
      ok: false,
      reason: expect.stringMatching(/^rules\/r\.ts.*: rule "r": do threw /),
    })
    const reason = expect.stringMatching(/^rules\/r\.ts.*: rule "r": a function of earlier results threw /)
    expect(derive(occasion({ do: () => [thrower] }), '0', [])).toEqual({ ok: false, reason })
    expect(findCall(occasion({ do: () => [thrower] }), '0', [])).toEqual({ ok: false, reason })
  })

  it('returned by do, or found in what it returned, is the reason why there is no plan', () => {
    const returned = [
      () => make(),
      () => [make()],
      () => shell({ onFailure: [make()] as never })`x`,
      () => [call(() => 1), make()],
    ] as (() => never)[]
    for (const act of returned) {
      const answer = plan(occasion({ do: act }))
      expect(answer.ok ? FAULT : answer.reason).toMatch(FAULT_OF_R)
    }
  })

  it('exported by a file, or read in a declaration, is a problem of that file', () => {
    const good = rule('good', { on: 'a', do: () => [] })
    const exports = [
      { default: make() },
      { default: [make()] },
      { other: make() },
      { default: rule('bad', make() as never) },
      {
        default: rule('bad', {
          on: 'a',
          do: () => [],
          get when() {
            return thrower()
          },
        }),
      },
    ]
    for (const bad of exports) {
      const { rules, problems, warnings } = compile(
        [
          { file: 'rules/bad.ts', exports: bad },
          { file: 'rules/good.ts', exports: { default: good } },
        ],
        { root: 'vigie' },
      )
      expect(rules.map(({ name }) => name)).toEqual(['good'])
      const told = [...problems, ...warnings]
      expect(told).not.toEqual([])
      for (const { message } of told) expect(message).toMatch(/^rules\/bad\.ts/)
    }
  })
})
