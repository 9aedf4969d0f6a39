// The whole way with the real transmission-daemon: torrent done → script → MQTT → rule → the file is moved → recorded.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished } from 'vitest'
import { vigieJson } from '../support/cli.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { watchRuns } from '../support/runs.ts'
import { itWith } from '../support/tools.ts'

const EXAMPLE = join(ROOT, 'examples', 'transmission')
/** Everything that a shell, JSON, or a careless script would trip over. */
const NAME = 'it\'s "quoted" \\ $(touch pwned) ; & `touch pwned`\nand a new line.bin'
/** The same as Transmission keeps it on disk. */
const NAME_ON_DISK = "it's _quoted_ _ $(touch pwned) ; & `touch pwned`_and a new line.bin"

itWith('transmission-daemon', 'transmission-create', 'mosquitto_pub')(
  'moves what Transmission has finished, whatever its name holds',
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder()
    const at = (name: string): string => join(folder, name)
    for (const name of ['rules', 'config', 'downloads', 'library']) mkdirSync(at(name))
    copyFileSync(join(EXAMPLE, 'transmission.ts'), join(at('rules'), 'transmission.ts'))
    const hub = await startHubProcess(['--data', at('data'), '--rules', at('rules')], {
      LIBRARY: at('library'),
    })
    const { ended } = await watchRuns(hub.mqtt)

    writeFileSync(join(at('downloads'), NAME), 'x'.repeat(100_000))
    await execa('transmission-create', ['-o', at('it.torrent'), join(at('downloads'), NAME)])
    renameSync(join(at('downloads'), NAME), join(at('downloads'), NAME_ON_DISK))
    const rpc = await startTransmission(at('config'), at('downloads'), hub.mqtt)
    await execa('transmission-remote', [rpc, '-a', at('it.torrent')])

    await ended('torrent-done')
    expect(readdirSync(at('library'))).toEqual([NAME_ON_DISK])
    expect(readdirSync(at('downloads'))).toEqual([])
    expect(existsSync('pwned') || existsSync('/pwned')).toBe(false)

    const [event] = await vigieJson<{ payload: { name: string; dir: string } }>(
      'history',
      'transmission/+/done',
      '--data',
      at('data'),
    )
    expect(event?.payload).toMatchObject({ name: NAME, dir: at('downloads') })
    const runs = await vigieJson<{ state: string; steps: { outcome: { result: { exitCode?: number } } }[] }>(
      'runs',
      '--rule',
      'torrent-done',
      '--data',
      at('data'),
    )
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ state: 'done' })
    expect(runs[0]?.steps[0]?.outcome.result.exitCode).toBe(0)
  },
)

/** Starts the daemon, on loopback only and without trackers, DHT or peers. @returns where its RPC listens */
async function startTransmission(configFolder: string, downloads: string, mqttPort: number): Promise<string> {
  const [rpcPort, peerPort] = [await freePort(), await freePort()]
  const settings = {
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': rpcPort,
    'peer-port': peerPort,
    'bind-address-ipv4': '127.0.0.1',
    'bind-address-ipv6': '::1',
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'download-dir': downloads,
    'incomplete-dir-enabled': false,
    'script-torrent-done-enabled': true,
    'script-torrent-done-filename': join(EXAMPLE, 'torrent-done.sh'),
  }
  writeFileSync(join(configFolder, 'settings.json'), JSON.stringify(settings))
  const daemon = spawn('transmission-daemon', ['--foreground', '--config-dir', configFolder], {
    env: { ...process.env, VIGIE_PORT: String(mqttPort) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(daemon, 'close')
  onTestFinished(async () => {
    daemon.kill('SIGKILL')
    await ended
  })
  // It says on its log when the RPC port is open.
  await new Promise<void>((resolve) => {
    daemon.stderr.on('data', (chunk: Buffer) => {
      if (/RPC|rpc-server/.test(chunk.toString())) resolve()
    })
  })
  return `127.0.0.1:${rpcPort}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
