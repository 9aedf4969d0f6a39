import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ROOT, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

// A thread, and the type checker.
vi.setConfig({ testTimeout: 60_000 })

const FILES = join(ROOT, 'test', 'import', 'files')

async function imported(from: string, file: string) {
  const dir = temporaryFolder()
  const result = await runCommand(['import', from, join(FILES, file), '--dir', dir], { cwd: dir })
  return { dir, ...result }
}

describe.each([
  ['mosquitto', 'mosquitto.conf'],
  ['mqttwarn', 'mqttwarn.ini'],
])('what comes of %s', (from, file) => {
  it('passes "vigie check"', async () => {
    const { dir, status, out } = await imported(from, file)
    expect(status).toBe(0)
    expect(out).toContain(`Wrote into ${dir}: vigie.config.ts`)
    mkdirSync(join(dir, 'rules'), { recursive: true })
    const checked = await runCommand(['check'], { cwd: dir })
    expect(checked.out).toContain('0 errors, 0 warnings.')
    expect(checked.status).toBe(0)
  })

  it('takes no password along', async () => {
    const { dir, out } = await imported(from, file)
    const all = out + readFileSync(join(dir, 'vigie.config.ts'), 'utf8')
    expect(all).not.toMatch(/correct horse|geheim|mytopsecrettoken|builder|appkey1|userkey1/)
  })
})

it('writes nothing where a file is there already, and says which', async () => {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'vigie.config.ts'), 'mine')
  const { status, error } = await runCommand(['import', 'mqttwarn', join(FILES, 'mqttwarn.ini')], {
    cwd: dir,
  })
  expect(status).toBe(1)
  expect(error).toContain('has vigie.config.ts already, and nothing is written')
  expect(readFileSync(join(dir, 'vigie.config.ts'), 'utf8')).toBe('mine')
})

it('reports on flows of Node-RED, and does not convert them', async () => {
  const flows = join(FILES, 'flows.json')
  const { status, out } = await runCommand(['import', 'node-red', flows, '--report'])
  expect(status).toBe(0)
  expect(out).toContain('Flow "Hall": 6 nodes')
  expect((await runCommand(['import', 'node-red', flows])).error).toContain('are not converted')
})

it.each([
  [['import', 'homeassistant', 'x'], '"vigie import" knows mosquitto, mqttwarn, node-red'],
  [['import', 'mosquitto', '/none'], '/none cannot be read: there is no such file'],
  [['import', 'mqttwarn', join(FILES, 'flows.json')], 'it has no section such as [defaults]'],
  [['import', 'node-red', join(FILES, 'mqttwarn.ini'), '--report'], 'it is not JSON'],
])('says what is wrong with %j', async (args, sentence) => {
  expect((await runCommand(args)).error).toContain(sentence)
})
