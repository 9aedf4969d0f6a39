// `vigie start`: runs one hub until it is told to stop.

import { setFlagsFromString } from 'node:v8'
import { createLog, type Log } from '../../base/log.ts'
import type { Config } from '../../config/config.ts'
import { type Command, EXIT, type Terminal } from '../frame/command.ts'
import { configOption, dataOption, portOption, rulesOption } from '../frame/options.ts'
import { loadSettings } from '../frame/settings.ts'

/**
 * V8 lets the young generation of each thread grow to 64 MiB while much of it survives, as when many clients
 * connect, and leaves it so: 60 MiB of 10,000 idle clients were that, and a collection of it stopped the
 * network for 30 ms instead of 3. No load here is faster for it.
 */
const SMALL_YOUNG_GENERATION = '--semi-space-growth-factor=1'

export const start: Command = {
  options: [
    configOption(),
    rulesOption(),
    dataOption(),
    portOption('--mqtt <port>', 'port of the MQTT listener; 0 takes any free one (default: 1883)'),
    portOption('--http <port>', 'port of the HTTP listener; 0 takes any free one (default: 7883)'),
  ],
  help:
    'Flags win over the configuration file. SIGINT or SIGTERM stops the hub cleanly; a second ' +
    'one stops it at once.',
  async run({ options, terminal }) {
    return runHub(await loadSettings(options, terminal.cwd), terminal)
  },
}

/**
 * Runs a hub until a signal asks for its end, or it cannot go on. `vigie start | head` does not end it: it is there
 * for its clients and rules.
 * @param whenReady begins what lives as long as the hub does
 * @returns the exit status
 */
export async function runHub(
  config: Config,
  terminal: Terminal,
  whenReady?: () => Promise<{ stop(): Promise<void> }>,
): Promise<number> {
  terminal.outliveReader()
  setFlagsFromString(SMALL_YOUNG_GENERATION)
  const pretty = config.log.format === 'pretty' || (config.log.format === 'auto' && terminal.isTty)
  const logOptions = { level: config.log.level, pretty }
  const log = createLog('hub', logOptions)
  const asked = stopSignal(log)
  // Loaded here, so that no other command pays for the broker.
  const { startHub } = await import('../../main.ts')
  const hub = await startHub(config, logOptions)
  try {
    const beside = await whenReady?.()
    const signal = await Promise.race([asked, hub.failed])
    if (signal instanceof Error) log.error(signal.message)
    else log.info(`${signal}: the hub stops. A second signal ends it at once.`)
    await beside?.stop()
    return signal instanceof Error ? EXIT.failed : EXIT.ok
  } finally {
    await hub.stop()
    log.info('The hub has stopped.')
  }
}

/**
 * Resolves at the first signal; the second ends the process at once, as nothing that was acknowledged can be
 * lost.
 */
function stopSignal(log: Log): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false
    const take = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
      asked = true
      resolve(signal)
    }
    process.on('SIGINT', take)
    process.on('SIGTERM', take)
    // SIGHUP of a terminal that is closed stops the hub. Without a terminal it asks, as with Mosquitto, that
    // files are read again.
    process.on('SIGHUP', (signal) => {
      if (process.stdin.isTTY) take(signal)
      else
        log.info('SIGHUP is not needed: the hub reads rules, users and certificates again when they change.')
    })
  })
}
