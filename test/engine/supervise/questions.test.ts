import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Questions } from '../../../src/engine/supervise/questions.ts'
import type { SpawnedEngine } from '../../../src/engine/contain/spawn.ts'
import type { RunAnswer } from '../../../src/model/run.ts'

type Remote = SpawnedEngine['remote']

/** An engine that hangs, until its questions are answered here. */
function hanging() {
  const asked: PromiseWithResolvers<unknown>[] = []
  const ask = (): Promise<never> => {
    asked.push(Promise.withResolvers())
    return asked.at(-1)!.promise as Promise<never>
  }
  const remote: Partial<Remote> = { status: ask, changeRun: ask }
  return { asked, remote: remote as Remote }
}

test('a status is told without an engine that hangs, and everybody who asks waits for the same answer', async () => {
  const clock = new ManualClock()
  const { asked, remote } = hanging()
  const questions = new Questions(clock, () => remote)
  const told = Promise.all([questions.status(), questions.status()])
  expect(asked).toHaveLength(1)
  clock.advance(2_000)
  expect(await told).toEqual([null, null])
  void questions.status()
  expect(asked).toHaveLength(2)
})

test('a bounded number of requests waits for an engine that hangs, and others wait once it has answered', async () => {
  const { asked, remote } = hanging()
  const questions = new Questions(new ManualClock(), () => remote)
  const retry = (): Promise<RunAnswer> => questions.changeRun(1, 'retry')
  const waiting = Array.from({ length: 32 }, retry)
  expect(await retry()).toEqual({
    ok: false,
    reason: 'The engine has yet to answer 32 requests; try again in a moment.',
  })
  expect(asked).toHaveLength(32)
  for (const { resolve } of asked) resolve({ ok: true })
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ ok: true })))
  void retry()
  expect(asked).toHaveLength(33)
})

test('a request is refused while there is no engine, and when the engine ends under it', async () => {
  const nobody = new Questions(new ManualClock(), () => undefined)
  expect(await nobody.changeRun(1, 'retry')).toMatchObject({ ok: false })
  const { asked, remote } = hanging()
  const answer = new Questions(new ManualClock(), () => remote).changeRun(1, 'retry')
  asked[0]!.reject(new Error('gone'))
  expect(await answer).toMatchObject({ ok: false, reason: expect.stringMatching(/^The engine ended/) })
})

test('the rules are asked of the engine in charge, and nobody waits long for one that hangs', async () => {
  const clock = new ManualClock()
  const view = {
    name: 'door',
    kind: 'rule',
    file: 'rules/door.ts',
    line: '',
    on: [],
    enabled: true,
    dryRun: false,
  }
  const answering = { rules: async () => [view] } as unknown as Remote
  expect(await new Questions(clock, () => answering).rules()).toEqual([view])
  expect(await new Questions(clock, () => undefined).rules()).toBeNull()
  const hangs = new Questions(clock, () => ({ rules: () => new Promise(() => {}) }) as unknown as Remote)
  const told = hangs.rules()
  clock.advance(2_000)
  expect(await told).toBeNull()
})
