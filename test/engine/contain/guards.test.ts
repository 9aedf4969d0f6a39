import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SmallHub } from '../small-hub.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

/** What a rule does when the payload names it. */
const CALLS = {
  exit: 'process.exit(7)',
  'imported exit': 'exit()',
  'remove all': 'process.removeAllListeners()',
  'remove guards': "process.removeAllListeners('uncaughtException')",
  off: "process.listeners('unhandledRejection').forEach((each) => process.off('unhandledRejection', each))",
  capture: 'process.setUncaughtExceptionCaptureCallback(() => {})',
  'kill the group': "process.kill(Number(''))",
  'kill the group by an empty text': "process.kill('')",
  'kill the hub': 'process.kill(process.ppid)',
  'kill the hub by a text': 'process.kill(String(process.ppid))',
  'kill the group of the hub': 'process.kill(-process.ppid)',
}

const RULES = `import { exit } from 'node:process'
import { rule } from 'vigie'
const calls = {${Object.entries(CALLS)
  .map(([name, code]) => `${JSON.stringify(name)}: () => ${code}`)
  .join()}}
const late = (code) => { setTimeout(code, 1); return [] }
export default [
  rule('calls', { on: 'call', when: ({ payload }) => { calls[payload](); return true }, do: () => [] }),
  rule('strays', { on: 'stray', do: ({ payload }) => late(() => { calls[payload](); throw new Error('missed') }) }),
  rule('own', { on: 'own', when: () => {
    const listener = () => {}
    process.on('uncaughtException', listener)
    process.off('uncaughtException', listener)
    process.on('my-event', listener)
    process.removeAllListeners('my-event')
    return process.kill(process.pid, 0) && process.listenerCount('my-event') === 0
  }, do: () => [] }),
]`

let hub: SmallHub
beforeAll(async () => {
  hub = new SmallHub({ 'rules.ts': RULES })
  await hub.start()
})
afterAll(() => hub.remove())

const REASONS = {
  exit: /cannot call process\.exit\(7\)\. It would end the engine, and all rules with it: return/,
  'imported exit': /cannot call process\.exit\(\)/,
  'remove all': /cannot call process\.removeAllListeners\(\)\. It would take away what keeps the engine up/,
  'remove guards': /cannot call process\.removeAllListeners\("uncaughtException"\)/,
  off: /cannot call process\.off\("unhandledRejection", …\)/,
  capture: /cannot call process\.setUncaughtExceptionCaptureCallback\(…\)/,
  'kill the group': /cannot call process\.kill\(0\)\. It would end the hub/,
  'kill the group by an empty text': /cannot call process\.kill\(0\)\. It would end the hub/,
  'kill the hub': /cannot call process\.kill\(\d+\)\. It would end the hub/,
  'kill the hub by a text': /cannot call process\.kill\(\d+\)\. It would end the hub/,
  'kill the group of the hub': /cannot call process\.kill\(-\d+\)\. It would end the hub/,
} satisfies Record<keyof typeof CALLS, RegExp>

test.each(Object.entries(REASONS))(
  'a rule that calls %s is told why it cannot, with its line, and the engine goes on',
  async (call, reason) => {
    const event = await hub.send('call', call)
    await hub.runOf('own', await hub.send('own'))
    const [verdict] = hub.queries.verdictsOf(event)
    expect(verdict).toMatchObject({ rule: 'calls', stage: 'error', reason: expect.stringMatching(reason) })
    expect(verdict?.reason).toMatch(/rules\.ts:\d+/)
  },
)

test('what a timer of a rule calls ends nobody, and is contained afterwards as well', async () => {
  for (const call of Object.keys(CALLS)) await hub.send('stray', call)
  await hub.runOf('own', await hub.send('own'))
  await hub.runOf('own', await hub.send('own'))
  expect(await hub.engine.status()).toMatchObject({ restarts: 0, generation: 1, quarantined: [] })
})
