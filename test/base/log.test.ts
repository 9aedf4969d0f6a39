import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

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
  const text = printed(`{ level: 'info', pretty: true }`)
  expect(text).toContain('engine: rules/door.ts: it waits')
  expect(text).not.toContain('too fine')
  expect(text.trim().split('\n')).toHaveLength(1)
})
