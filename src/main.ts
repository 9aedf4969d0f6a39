// Composes one hub and stops it in reverse. Nothing else knows all the parts.

import { systemClock } from './base/clock.ts'
import { createLog, type LogOptions } from './base/log.ts'
import { version } from './base/version.ts'
import { createBroker } from './broker/broker.ts'
import type { Config } from './config/config.ts'
import { startEngine } from './engine/client.ts'
import { createHttpServer } from './http/server.ts'
import { type Journal, openJournal } from './journal/client.ts'
import type { HistoryLimits } from './journal/prune.ts'
import { openReader } from './journal/reader-client.ts'
import { topicMatches } from './topics/matches.ts'

export interface Hub {
  /** Resolves with the reason if the hub cannot go on; never rejects. */
  readonly failed: Promise<Error>
  /** Resolves when all is quiet; may be called twice. */
  stop(): Promise<void>
}

/** Brings one hub up. When it resolves, rules are loaded and the listeners accept; when it rejects, nothing is left running. */
export async function startHub(config: Config, logOptions: LogOptions): Promise<Hub> {
  const stops: (() => Promise<void>)[] = []
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= stopInReverse(stops))
  try {
    const journal = await start(config, logOptions, (part) => void stops.push(() => part.stop()))
    return { stop, failed: journal.ended.then(cannotGoOn) }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  config: Config,
  logOptions: LogOptions,
  started: (part: { stop(): Promise<void> }) => void,
): Promise<Journal> {
  const log = createLog('hub', logOptions)
  log.info(`vigie ${version()} on Node ${process.versions.node}, process ${process.pid}.`)

  const journal = await openJournal({
    dataDir: config.data,
    durability: config.durability,
    history: historyLimits(config),
    log: logOptions,
  })
  started(journal)
  const reader = openReader(config.data)
  started(reader)
  const { events, runs } = await reader.queries.totals()
  log.info(
    { data: config.data },
    `Data: ${config.data}, with ${events} events and ${runs.done + runs.dead} ended runs.`,
  )

  const { exclude } = config.history
  const broker = createBroker({
    eventLog: journal.eventLog,
    retained: journal.retained,
    clock: systemClock,
    log: createLog('broker', logOptions),
    root: config.root,
    version: version(),
    isRecorded: (topic) => !exclude.some((filter) => topicMatches(filter, topic)),
  })
  started(broker)

  log.info({ rules: config.rules }, `Rules: ${config.rules}, loading.`)
  const engine = await startEngine({
    rulesDir: config.rules,
    dataDir: config.data,
    root: config.root,
    log: logOptions,
    engineEnd: () => journal.engineEnd(),
    publish: (publication) => broker.publish(publication),
    setInterest: (filters) => broker.setInterest(filters),
    alertChannels:
      config.alerts.webhook === undefined
        ? []
        : [{ kind: 'webhook', name: 'webhook', url: config.alerts.webhook }],
    secretsDir: config.secrets,
    limits: { steps: config.actions.concurrency, stepsPerRule: config.actions.perRule },
  })
  started(engine)

  // Rules see every event from the first on: the listeners open last.
  const mqtt = await listening('MQTT', '--mqtt', config.mqtt, () => broker.listen(config.mqtt))
  log.info({ listener: 'mqtt', ...mqtt }, `MQTT: mqtt://${authority(mqtt)}`)
  const httpServer = createHttpServer({
    queries: reader.queries,
    status: () => ({ version: version(), broker: broker.stats() }),
    trouble: () => journal.eventLog.trouble,
    log: createLog('http', logOptions),
  })
  started(httpServer)
  const http = await listening('HTTP', '--http', config.http, () => httpServer.listen(config.http))
  log.info({ listener: 'http', ...http }, `HTTP: http://${authority(http)}`)
  log.info(`Ready. Try: mosquitto_pub -p ${mqtt.port} -q 1 -t hello/you -m 'good morning'`)

  return journal
}

const historyLimits = ({ history: { keep, maxSize, topics } }: Config): HistoryLimits => ({
  keepMs: keep,
  maxBytes: maxSize,
  rules: topics.map(({ filter, keep: keepMs }) => ({ filter, keepMs })),
})

const cannotGoOn = (error: Error | null): Error =>
  new Error(`The hub cannot go on: ${error?.message ?? 'its journal has ended.'}`)

interface Address {
  readonly host: string
  readonly port: number
}

const authority = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Opens a listener; what the system refuses is told with the port and what to do. */
async function listening(
  what: string,
  flag: string,
  { host, port }: Address,
  listen: () => Promise<Address>,
): Promise<Address> {
  try {
    return await listen()
  } catch (error) {
    throw new ListenError(describeRefusal(what, flag, host, port, error as NodeJS.ErrnoException), {
      cause: error,
    })
  }
}

/** A listener could not be opened; the message is for the operator. */
class ListenError extends Error {
  override name = 'ListenError'
}

function describeRefusal(
  what: string,
  flag: string,
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program, so ${what} cannot listen there. End that program (ss -ltnp shows it), or choose another port with ${flag} PORT.`
    case 'EACCES':
      return `${what} may not listen on port ${port} of ${host}: ports below 1024 are for root. Choose another with ${flag} PORT.`
    case 'EADDRNOTAVAIL':
      return `${what} cannot listen on ${host}: this machine has no such address.`
    default:
      return `${what} cannot listen on ${host}, port ${port}: ${error.message}.`
  }
}

async function stopInReverse(stops: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of stops.toReversed()) await stop()
}
