// Composes one hub and stops it in reverse. Nothing else knows all the parts.

import { systemClock } from './base/clock.ts'
import { localSecond } from './base/local-time.ts'
import { createLog, type Log, type LogOptions } from './base/log.ts'
import { makeFolder } from './base/make-folder.ts'
import { formatDuration } from './base/quantities.ts'
import { version } from './base/version.ts'
import type { Bridges } from './bridge/bridges.ts'
import type { Broker } from './broker/broker.ts'
import { authority } from './broker/listeners/listener.ts'
import type { Config } from './config/config.ts'
import { leaveAddress } from './config/hub-file.ts'
import { beginFirstEngine, type EngineSettings, startEngine } from './engine/supervise/client.ts'
import { DiskAlert } from './engine/supervise/disk-alert.ts'
import { JournalAlert } from './engine/supervise/journal-alert.ts'
import { OwnAlerts } from './engine/supervise/own-alerts.ts'
import type { WorkLimits } from './engine/protocol.ts'
import { type Journal, openJournal } from './journal/thread/client.ts'
import type { HistoryLimits } from './journal/forget/history-limits.ts'
import { openReader } from './journal/thread/reader-client.ts'
import { openAccesses, openListeners } from './listeners.ts'
import type { Downtime } from './model/store.ts'
import type { SnPorts } from './sn-listeners.ts'
import { openService } from './service/systemd.ts'
import { topicMatches } from './topics/matches.ts'

export interface Hub {
  /** Resolves with the reason if the hub cannot go on; never rejects. */
  readonly failed: Promise<Error>
  /** Resolves when all is quiet; may be called twice. */
  stop(): Promise<void>
}

/**
 * Brings one hub up. When it resolves, rules are loaded and the listeners accept; when it rejects, nothing is
 * left running.
 */
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
  const startedAt = systemClock.now()
  const log = createLog('hub', logOptions)
  log.info(`vigie ${version()} on Node ${process.versions.node}, process ${process.pid}.`)

  const accesses = openAccesses(config, systemClock, createLog('access', logOptions))
  started(accesses)
  // The engine's process and the journal's thread begin together; meanwhile this thread loads the broker.
  const settings = engineSettings(config, logOptions)
  makeFolderIfPossible(config.data)
  const begun = beginFirstEngine(settings)
  started({ stop: () => begun.terminate() })
  const hiddenRoot = config.wildcards.reachHubTopics ? null : config.root
  const opening = openJournal({
    dataDir: config.data,
    durability: config.durability,
    history: historyLimits(config),
    hiddenRoot,
    root: config.root,
    log: logOptions,
  })
  const loading = Promise.all([import('./broker/broker.ts'), import('./http.ts')])
  const journal = await opening
  started(journal)
  if (journal.downtime !== null) tellDowntime(journal.downtime, log)
  log.info({ data: config.data }, `The data folder ${config.data} holds ${extentOf(journal)}.`)
  const reader = openReader(config.data)
  started(reader)

  const [{ createBroker }, { httpFor }] = await loading
  const { exclude } = config.history
  const broker = createBroker({
    eventLog: journal.eventLog,
    retained: journal.retained,
    sessionLog: { append: journal.appendChange, eventsOf: (ids) => reader.queries.eventsOf(ids) },
    sessions: journal.sessions,
    clockSets: journal.clockSets,
    diedAt: journal.downtime?.fromAt ?? null,
    clock: systemClock,
    log: createLog('broker', logOptions),
    root: config.root,
    hiddenRoot,
    version: version(),
    hubId: journal.bridges.hubId,
    limits: config.limits,
    isRecorded: (topic) => !exclude.some((filter) => topicMatches(filter, topic)),
  })
  started(broker)

  const ownAlerts = new OwnAlerts({
    root: config.root,
    log,
    publish: (publication) => broker.publish(publication),
    left: journal.openAlerts,
  })
  log.info({ rules: config.rules }, `Loading the rules in ${config.rules}.`)
  const engine = await startEngine({
    ...settings,
    begun,
    engineEnd: () => journal.engineEnd(),
    ownAlerts,
    publish: (publication) => broker.publish(publication),
    recall: (messages) => broker.recall(messages),
    lastEventId: () => broker.lastEventId(),
    setInterest: (filters) => broker.setInterest('rules', filters),
  })
  started(engine)
  const journalAlert = new JournalAlert({
    clock: systemClock,
    alerts: ownAlerts,
    trouble: () => journal.eventLog.trouble,
  })
  journalAlert.start()
  started(journalAlert)
  if (config.disk) {
    const limits = config.disk
    const diskAlert = new DiskAlert({
      clock: systemClock,
      log,
      alerts: ownAlerts,
      dataDir: config.data,
      limits,
    })
    diskAlert.start()
    started(diskAlert)
  }
  const bridges = await openBridges(config, {
    journal,
    broker,
    alerts: ownAlerts,
    log: createLog('bridge', logOptions),
  })
  started(bridges)

  // Rules see every event from the first on: the listeners open last.
  const mqtt = await openListeners(config, broker, accesses, log)
  const sensors = await openSensorListeners(config, { broker, accesses, clock: systemClock, logOptions })
  started(sensors)
  // The broker has begun by now.
  journal.dropRetained()
  bridges.start()
  if (config.homeassistant) {
    const { prefix, clients } = config.homeassistant
    const { root, alerts } = config
    const { Discovery } = await import('./homeassistant/discovery.ts')
    const discovery = new Discovery({
      hub: { root, prefix, hubId: journal.bridges.hubId, version: version(), url: alerts.url },
      clients,
      clock: systemClock,
      log,
      queries: reader.queries,
      onCommit: (listener) => journal.onCommit(listener),
      publish: (publication) => broker.publish(publication),
    })
    discovery.start()
    started(discovery)
  }
  const hubHttp = httpFor(config, {
    journal,
    reader,
    broker,
    engine,
    bridges,
    accesses,
    startedAt,
    log: createLog('http', logOptions),
  })
  started(hubHttp)
  const http = await hubHttp.listen()
  const at = authority(http.host, http.port)
  const alsoMqtt = config.http.mqtt ? `, and MQTT: ws://${at}${config.http.mqtt.path}` : ''
  const here = authority(loopbackOf(http.host), http.port)
  const tcp = mqtt.find(({ url }) => url.startsWith('mqtt:'))
  const mqttHere = tcp === undefined ? null : `mqtt://${authority(loopbackOf(tcp.host), tcp.port)}`
  started(leaveAddress(config.data, { pid: process.pid, http: `http://${here}`, mqtt: mqttHere }))
  log.info({ listener: 'http', ...http }, `HTTP: http://${at}${alsoMqtt}`)
  const service = openService({
    env: process.env,
    pid: process.pid,
    clock: systemClock,
    log,
    answer: () => journal.answer(),
  })
  started(service)
  await service.ready(`MQTT: ${mqtt.map(({ url }) => url).join(', ')}; HTTP: http://${at}`)
  // Whoever starts the hub by npm finds this command by npx.
  const command = process.env['npm_lifecycle_event'] === undefined ? 'vigie' : 'npx vigie'
  const hint = mqttHere === null ? '' : ` Try: ${command} pub --hub ${mqttHere} hello/you 'good morning'`
  log.info(`Ready.${hint}`)

  return journal
}

/** The bridges of the configuration; and those that it names no more are forgotten. */
async function openBridges(
  config: Config,
  {
    journal,
    broker,
    alerts,
    log,
  }: { readonly journal: Journal; readonly broker: Broker; readonly alerts: OwnAlerts; readonly log: Log },
): Promise<Bridges> {
  if (!hasBridges(config) && journal.bridges.bridges.length === 0) return NO_BRIDGES
  const { bridgesFor } = await import('./bridges.ts')
  // A reader of their own: a slow question about history does not hold them up.
  const reader = openReader(config.data)
  const bridges = bridgesFor(config, {
    clock: systemClock,
    log,
    root: config.root,
    hiddenRoot: config.wildcards.reachHubTopics ? null : config.root,
    stored: journal.bridges,
    eventLog: journal.eventLog,
    append: journal.appendBridgeChange,
    queries: reader.queries,
    take: (message) => broker.take(message),
    publish: (publication) => broker.publish(publication),
    setInterest: (filters) => broker.setInterest('bridges', filters),
    alerts,
  })
  return {
    ...bridges,
    async stop() {
      await bridges.stop()
      await reader.stop()
    },
  }
}

/** The listeners for MQTT-SN. What they need is loaded only where there is one. */
async function openSensorListeners(
  config: Config,
  { logOptions, ...ports }: Omit<SnPorts, 'log'> & { readonly logOptions: LogOptions },
): Promise<{ stop(): Promise<void> }> {
  if (!config.listeners.some(({ type }) => type === 'mqtt-sn')) return { async stop() {} }
  const { openSnListeners } = await import('./sn-listeners.ts')
  const opened = await openSnListeners(config, { ...ports, log: createLog('mqtt-sn', logOptions) })
  return {
    async stop() {
      await Promise.all(opened.map((listener) => listener.stop()))
    },
  }
}

const hasBridges = ({ bridges, attach }: Config): boolean =>
  attach !== undefined || Object.keys(bridges).length > 0

const NO_BRIDGES: Bridges = { start() {}, status: () => [], stop: async () => {} }

/** The engine needs the folder when it begins. */
function makeFolderIfPossible(folder: string): void {
  try {
    makeFolder(folder)
  } catch {
    // The journal cannot make it either, and says why.
  }
}

const extentOf = ({ eventLog: { lastId } }: Journal): string =>
  lastId === 0 ? 'no event yet' : `the events up to number ${lastId}`

function tellDowntime({ fromAt, toAt, clean, clockSet }: Downtime, log: Log): void {
  const downtime = `No hub ran for ${formatDuration(toAt - fromAt)} (since ${localSecond(fromAt)})`
  if (clean) log.info(`${downtime}.`)
  else log.warn(`${downtime}. The hub before crashed, or was killed.`)
  if (clockSet !== undefined && clockSet.byMs < 0)
    log.warn(
      `The clock of this machine is ${formatDuration(-clockSet.byMs)} behind the last moment in the journal. ` +
        'Until the clock is set right, the hub measures every wait from that moment.',
    )
}

/** Where a listener that listens on every address is found on this machine. */
const loopbackOf = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)

const historyLimits = ({ history: { keep, maxSize, topics } }: Config): HistoryLimits => ({
  keepMs: keep,
  maxBytes: maxSize,
  rules: topics.map(({ filter, keep: keepMs }) => ({ filter, keepMs })),
})

const engineSettings = (config: Config, log: LogOptions): EngineSettings => ({
  rulesDir: config.rules,
  dataDir: config.data,
  root: config.root,
  place: config.place,
  attachment: config.attach,
  log,
  alerts: config.alerts,
  outputBytes: config.actions.outputSize,
  packetBytes: config.limits.packetBytes,
  secretsDir: config.secrets,
  limits: workLimits(config),
})

const workLimits = ({ actions }: Config): WorkLimits => ({
  steps: { total: actions.concurrency, perRule: actions.perRule },
  requests: { total: actions.requests, perRule: actions.requestsPerRule },
})

const cannotGoOn = (error: Error | null): Error =>
  new Error(`The hub cannot go on: ${error?.message ?? 'its journal has ended.'}`)

async function stopInReverse(stops: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of stops.toReversed()) await stop()
}
