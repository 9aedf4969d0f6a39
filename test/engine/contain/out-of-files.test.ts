// A process of user code that the system has no files for: told by its ending, and nothing of it stays open.

import { execa } from 'execa'
import { expect } from 'vitest'
import { temporaryFolder } from '../../support/hub.ts'
import { itWith } from '../../support/tools.ts'

const BESIDE = new URL('../../../src/engine/contain/user-process.ts', import.meta.url).href

const script = (boxDir: string) => `
  import { closeSync, openSync } from 'node:fs'
  import { spawnUserProcess } from ${JSON.stringify(BESIDE)}
  const options = { module: 'file:///nowhere.js', name: 'engine', data: {}, hangLimitMs: 1000, heapLimitMiB: 64, isQuiet: true }
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null'))
  } catch {}
  // For the black box, and no more.
  closeSync(taken.pop())
  const endings = []
  for (let time = 0; time < 3; time++)
    endings.push(await spawnUserProcess({ ...options, boxDir: ${JSON.stringify(boxDir)} }).ended)
  await new Promise((resolve) => setImmediate(resolve))
  openSync('/dev/null')
  console.log(JSON.stringify(endings))`

itWith('Linux')('ends before it begins, as often as it is tried', async () => {
  const code = script(temporaryFolder())
  const { stdout } = await execa('sh', [
    '-c',
    'ulimit -n 64 && exec "$0" --input-type=module -e "$1"',
    process.execPath,
    code,
  ])
  const reason = 'could not be begun (the system has no more files to give)'
  const ending = { how: 'died', reason, unit: null, item: null }
  expect(JSON.parse(stdout)).toEqual([ending, ending, ending])
})
