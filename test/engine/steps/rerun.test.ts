import { expect, onTestFinished, test } from 'vitest'
import { SmallHub } from '../small-hub.ts'

const RULES = `import { call, publish, rule, wait } from 'vigie'
import { z } from 'zod'
let calls = 0
export const copy = rule('copy', {
  on: 'in',
  payload: z.object({ n: z.number() }),
  do: ({ payload }) => [
    call(async () => ({ call: ++calls })),
    ...(payload.n === 7 ? [wait('1s')] : []),
    ([first]) => publish('out', { call: first?.call, n: payload.n }),
  ],
})
export const dry = rule('dry', { on: 'in', dryRun: true, do: () => [publish('out', 'dry')] })\n`

async function begin() {
  const hub = new SmallHub({ 'copy.ts': RULES })
  onTestFinished(() => hub.remove())
  await hub.start()
  const event = await hub.send('in', { n: 1 })
  const { run } = await hub.runOf('copy', event)
  /** What a run has published on "out", once it has ended. */
  const said = async (id: number): Promise<unknown> => {
    await hub.message('vigie/runs/copy', (payload) => payload['run'] === id)
    const publish = hub.queries.run(id)!.steps.at(-1)
    return publish?.spec?.kind === 'publish' && 'text' in publish.spec.payload
      ? JSON.parse(publish.spec.payload.text)
      : undefined
  }
  return { hub, event, first: run.id, said }
}

test('a run is run again as a new one: whole, or from a step on with what the steps before have given', async () => {
  const { hub, event, first, said } = await begin()
  expect(await said(first)).toEqual({ call: 1, n: 1 })
  const { engine } = hub
  const whole = await engine.rerun(first, { from: '0' })
  expect(whole).toEqual({ ok: true, run: expect.any(Number) })
  const id = (whole as { run: number }).run
  expect(await said(id)).toEqual({ call: 2, n: 1 })
  const part = (await engine.rerun(first, { from: '1', input: '{"n":5}', by: 'anna' })) as { run: number }
  expect(await said(part.run)).toEqual({ call: 1, n: 5 })
  expect(hub.queries.run(part.run)!.run).toMatchObject({
    event,
    state: 'done',
    details: { input: '{"n":5}', rerun: { run: first, from: '1', by: 'anna' } },
  })
  expect(hub.queries.run(first)!.run.state).toBe('done')

  // A rerun of it keeps the payload, unless it gets another one.
  const again = (await engine.rerun(part.run, { from: '0' })) as { run: number }
  expect(await said(again.run)).toEqual({ call: 3, n: 5 })
})

test('a rerun outlives a restart with its payload', async () => {
  const { hub, first, said } = await begin()
  const { run } = (await hub.engine.rerun(first, { from: '0', input: '{"n":7}' })) as { run: number }
  await expect.poll(() => hub.queries.run(run)?.steps[1]?.state, { interval: 5 }).toBe('waiting')
  await hub.stop()
  expect(hub.queries.run(run)!.run).toMatchObject({ state: 'running', details: { input: '{"n":7}' } })
  await hub.start()
  expect(await said(run)).toEqual({ call: 2, n: 7 })
})

test('what cannot be run again is refused with the reason', async () => {
  const { hub, first } = await begin()
  const why = async (id: number, order: { from?: string; input?: string } = {}) => {
    const answer = await hub.engine.rerun(id, { from: '0', ...order })
    return answer.ok ? 'ok' : answer.reason
  }
  expect(await why(99)).toBe('There is no run 99.')
  expect(await why(first, { from: '2' })).toBe(`Run ${first} has no step 2; its last one is step 1.`)
  expect(await why(first, { from: '1.0' })).toContain('"1.0" is no step to begin from')
  expect(await why(first, { input: '{"n":"x"}' })).toMatch(/cannot be run again: the payload is refused: /)
  const dry = hub.queries.runs({ rule: 'dry', limit: 1 })[0]!
  expect(await why(dry.id)).toContain('is of a dry run')
  const open = (await hub.engine.rerun(first, { from: '0', input: '{"n":7}' })) as { run: number }
  expect(await why(open.run)).toContain('is under way')
})
