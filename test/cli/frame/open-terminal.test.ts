// What becomes of a command when nobody reads on.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { BIN, ROOT } from '../../support/hub.ts'
import { itWith } from '../../support/tools.ts'

const MODULE = JSON.stringify(join(ROOT, 'src', 'cli', 'frame', 'open-terminal.ts'))

interface Ended {
  readonly code: number
  readonly complaints: string
}

/** Runs a body with `terminal`, once nobody reads its output any more. */
async function unread(body: string): Promise<Ended> {
  const code = `
    const { openTerminal } = await import(${MODULE})
    const terminal = openTerminal()
    const keepAlive = setTimeout(() => process.exit(99), 30_000)
    process.stdin.resume().on('end', () => { ${body} })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code])
  const ended = once(child, 'close')
  await once(child.stdout.destroy(), 'close')
  child.stdin.end()
  const complaints = await text(child.stderr)
  return { code: (await ended)[0] as number, complaints }
}

it('ends a command whose reader has gone, without a word', async () => {
  expect(await unread(`terminal.out('a\\n')`)).toEqual({ code: 0, complaints: '' })
})

it('interrupts a command that can be interrupted, which ends in order', async () => {
  const body = `
    terminal.interrupted().addEventListener('abort', () => {
      clearTimeout(keepAlive)
      terminal.out('b\\n')
      terminal.error('It ends.')
    })
    terminal.out('a\\n')`
  expect(await unread(body)).toEqual({ code: 0, complaints: 'It ends.' })
})

it('lets a command go on that outlives its reader', async () => {
  const body = `
    terminal.outliveReader()
    terminal.out('a\\n')
    terminal.out('b\\n')
    setTimeout(() => { terminal.error('It goes on.'); process.exit(7) }, 50)`
  expect(await unread(body)).toEqual({ code: 7, complaints: 'It goes on.' })
})

it('goes on when nobody reads its complaints', async () => {
  const code = `
    const terminal = (await import(${MODULE})).openTerminal()
    process.stdin.resume().on('end', () => {
      terminal.error('a')
      setTimeout(() => terminal.out('It goes on.'), 50)
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code])
  await once(child.stderr.destroy(), 'close')
  child.stdin.end()
  expect(await text(child.stdout)).toBe('It goes on.')
})

itWith('Linux')('says that its output cannot be written, as on a disk that is full', async () => {
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [BIN, '--help'], { stdio: [0, full, 'pipe'] })
  closeSync(full)
  const ended = once(child, 'close')
  expect(await text(child.stderr!)).toBe('vigie: The output cannot be written: its disk is full.\n')
  expect((await ended)[0]).toBe(1)
})
