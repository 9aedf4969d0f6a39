import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { itWith } from '../support/tools.ts'

const module = fileURLToPath(new URL('../../src/base/log.ts', import.meta.url))

/** What a process prints whose log is made with these options, and which ends at once. */
function printed(options: string): string {
  const code = `
    const { createLog, silentLog } = await import(${JSON.stringify(module)})
    silentLog.error('unheard')
    const log = createLog('engine', ${options})
    log.debug('too fine')
    log.warn({ rule: 'door' }, 'rules/door.ts: it waits')
    process.kill(process.pid, 'SIGKILL')`
  try {
    return execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

it('writes one line of JSON with its facts, at once: it is there when the process is killed', () => {
  const line = JSON.parse(printed(`{ level: 'info', pretty: false }`)) as Record<string, unknown>
  expect(line).toMatchObject({ level: 'warn', part: 'engine', rule: 'door', msg: 'rules/door.ts: it waits' })
  expect(Date.parse(String(line['time']))).toBeGreaterThan(0)
})

it('writes a sentence for a person, without its facts', () => {
  const said = printed(`{ level: 'info', pretty: true }`)
  expect(said).toContain('engine: rules/door.ts: it waits')
  expect(said).not.toContain('too fine')
  expect(said.trim().split('\n')).toHaveLength(1)
})

/** Logs, and says so on the standard error, once its input has ended. */
const SPEAKER = `
  const { createLog } = await import(${JSON.stringify(module)})
  const log = createLog('engine', { level: 'info', pretty: process.argv[1] === 'pretty' })
  process.stdin.resume().on('end', () => {
    for (let each = 0; each < 3; each++) log.info('a'.repeat(20_000))
    setImmediate(() => process.stderr.write('It goes on.'))
  })`

async function saidBySpeaker(format: string, stdout: 'pipe' | number): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SPEAKER, format], {
    stdio: ['pipe', stdout, 'pipe'],
  })
  if (child.stdout) await once(child.stdout.destroy(), 'close')
  child.stdin!.end()
  return text(child.stderr!)
}

it.each(['JSON', 'pretty'])('goes on when its reader has gone, in %s', async (format) => {
  expect(await saidBySpeaker(format, 'pipe')).toBe('It goes on.')
})

for (const format of ['JSON', 'pretty'])
  itWith('Linux')(`goes on when the disk is full, in ${format}`, async () => {
    const full = openSync('/dev/full', 'w')
    try {
      expect(await saidBySpeaker(format, full)).toBe('It goes on.')
    } finally {
      closeSync(full)
    }
  })
