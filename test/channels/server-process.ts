// A foreign server for one test: started on a free port of loopback, and ended with the test.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface ServerProcess {
  readonly port: number
  /** Resolves when the server has ended. */
  stop(): Promise<void>
}

/**
 * Resolves when the server takes connections.
 * @param configure writes its files into the folder, and returns the command
 */
export async function startServer(
  configure: (folder: string, port: number) => readonly string[],
): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-test-'))
  const port = await freePort()
  const [program = '', ...args] = configure(folder, port)
  const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`${program} exited with ${child.exitCode}: ${said}`)
    await setTimeout(20)
  }
  return {
    port,
    async stop() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
