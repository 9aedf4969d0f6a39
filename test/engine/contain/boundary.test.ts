// What rules may do to the lines between their process and the hub by accident, and what that costs: their own engine.
//
// Covers `src/engine/contain/descriptors.ts`, `src/engine/contain/inside.ts`.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { reach } from '../../support/reach.ts'
import { SmallHub } from '../small-hub.ts'
import { longTest } from '../../support/long-test.ts'

// Each engine is a process that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 })

const plain = (name: string, on: string, body = ''): string =>
  `import { rule } from 'vigie'\nexport default rule('${name}', { on: '${on}', do: () => [], ${body} })`

let hub: SmallHub
beforeEach(() => {
  hub = new SmallHub({ 'good.ts': plain('good', 'a') })
})
afterEach(() => hub.remove())

const fs = `const fs = process.getBuiltinModule('node:fs')`
const write = (fd: number): string =>
  `fs.writeSync(${fd}, 'What a rule writes by accident, ' + 'again and again. '.repeat(8))`

/** Code that does something in the first engine only. */
const once = (code: string): string => {
  const done = JSON.stringify(hub.path('done'))
  return `when: () => { ${fs}; if (!fs.existsSync(${done})) { fs.writeFileSync(${done}, ''); ${code} } return true },`
}

const LINES: [line: string, descriptor: number][] = [
  ['the line to the hub', 4],
  ['the line to its warden', 3],
  ['the line to the journal', 7],
]

test.each(reach(LINES.slice(0, 1), LINES))(
  'bytes on %s end the engine, and the next one goes on',
  async (_what, fd) => {
    hub.write({ 'bad.ts': plain('bad', 'bad', once(write(fd))) })
    await hub.start()
    const event = await hub.send('bad')
    await hub.message('vigie/hub/engine')
    await hub.runOf('good', await hub.send('a'))
    expect(hub.queries.verdictsOf(event)).toMatchObject([{ rule: 'bad' }])
  },
)

longTest('bytes in the black box cost nobody anything, at the end of the engine either', async () => {
  hub.write({
    'bad.ts': plain(
      'bad',
      'bad',
      `when: () => { ${fs}; ${write(5)}; process.kill(process.pid, 'SIGKILL') },`,
    ),
  })
  await hub.start()
  const event = await hub.send('bad')
  await hub.runOf('good', await hub.send('a'))
  expect(hub.queries.verdictsOf(event)).toMatchObject([{ rule: 'bad', stage: 'quarantined' }])
})
