// Composes HTTP from the configuration and the parts of one hub: what the API answers from, and whom it lets in.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { version } from './base/version.ts'
import type { Bridges } from './bridge/bridges.ts'
import type { Broker } from './broker/broker.ts'
import type { WebSockets } from './broker/listeners/web-socket.ts'
import type { Config } from './config/config.ts'
import type { Engine } from './engine/supervise/client.ts'
import { openBacktests } from './engine/inspect/backtests.ts'
import { openExplaining } from './engine/inspect/explaining.ts'
import { openAlertCommands } from './http/api/alert-commands.ts'
import { openRuleCommands } from './http/api/rule-commands.ts'
import { createHttpServer } from './http/server.ts'
import type { Journal } from './journal/thread/client.ts'
import type { Reader } from './journal/thread/reader-client.ts'
import { explained } from './listeners.ts'
import type { Accesses } from './listeners.ts'
import type { Publication } from './model/event.ts'
import { healthOf } from './model/health.ts'
import type { Conditions, Health } from './model/health.ts'
import { hubMessage } from './model/hub-message.ts'
import { PACKET_BYTES } from './model/publication-size.ts'
import { openLinkKey } from './secrets/link-key.ts'
import { openPushKey } from './secrets/push-key.ts'
import { addSubscription, removeSubscription } from './secrets/push-subscriptions.ts'
import { Disclosure, openSecrets } from './secrets/secrets.ts'

export interface HttpParts {
  readonly journal: Journal
  readonly reader: Reader
  readonly broker: Broker
  readonly engine: Engine
  readonly bridges: Bridges
  readonly accesses: Accesses
  readonly startedAt: number
  readonly log: Log
}

export interface HubHttp {
  /** Resolves with the address that was taken. */
  listen(): Promise<{ readonly host: string; readonly port: number }>
  stop(): Promise<void>
}

export function httpFor(config: Config, parts: HttpParts): HubHttp {
  const { journal, reader, broker, engine, bridges, accesses, startedAt, log } = parts
  const { queries } = reader
  const { http, root } = config
  const sockets = http.mqtt ? openSockets(http.mqtt, config, broker, accesses) : undefined
  const health = (): Health =>
    healthOf({ journal: journal.eventLog.trouble, ...engine.conditions() } satisfies Conditions)
  const live = { streams: 0, cutOff: 0 }
  const publish = (publication: Publication): Promise<number> => broker.publish(publication)
  const commands = {
    root,
    publish,
    queries,
    onCommit: (listener: () => void) => journal.onCommit(listener),
    clock: systemClock,
  }
  const trials = { rulesDir: config.rules, root, place: config.place, dataDir: config.data }
  const commandAlert = openAlertCommands(commands)
  const server = createHttpServer({
    queries,
    hiddenRoot: config.wildcards.reachHubTopics ? null : root,
    status: async () => ({
      version: version(),
      pid: process.pid,
      startedAt,
      health: health(),
      broker: broker.stats(),
      engine: await engine.status(),
      http: { ...live },
      bridges: bridges.status(),
    }),
    processes: () => engine.processes(),
    rules: () => engine.rules(),
    sourceOf: (file) => readRule(config.rules, file),
    health,
    changeRun: (id, change) => engine.changeRun(id, change),
    rerun: (id, order) => engine.rerun(id, order),
    command: (name, verb, order) =>
      publish({ ...hubMessage(`${root}/commands/${name}/${verb}`, order), origin: 'http' }),
    commandAlert,
    commandRule: openRuleCommands(commands),
    backtest: openBacktests(trials),
    explain: openExplaining(trials),
    clearRetained: (range) => broker.clearRetained(range),
    kick: (client, by) => broker.kick(client, by),
    root,
    hosts: http.hosts,
    sessionOf: (client) => broker.client(client),
    publish,
    intakes: config.intake,
    reveal: (text) => new Disclosure(openSecrets(process.env, config.secrets ?? null)).resolve(text),
    onCommit: (listener) => journal.onCommit(listener),
    door: accesses.door({}, '127.0.0.1'),
    users: accesses.door({ anonymous: false }, http.host),
    tokens: accesses.tokens,
    anonymous: http.anonymous,
    mayPublish: (pass, topic, responseTopic) => broker.mayPublish(pass, topic, responseTopic),
    packetBytes: config.limits.packetBytes ?? PACKET_BYTES,
    committedId: () => journal.eventLog.committedId,
    clock: systemClock,
    live,
    page: {
      observe: (observer) => broker.observe(observer),
      isRetained: (topic) => broker.isRetained(topic),
    },
    ...(config.alerts.url !== null && {
      alertLinks: { linkKey: linkKeyIn(config.data), queries, command: commandAlert, clock: systemClock },
    }),
    ...(hasWebPush(config) && {
      push: {
        key: () => openPushKey(config.data).publicKey.toString('base64url'),
        add: (subscription) => addSubscription(config.data, subscription),
        remove: (endpoint) => removeSubscription(config.data, endpoint),
      },
    }),
    ...(sockets && { upgrade: sockets.upgrade }),
    log,
  })
  return {
    listen: () => explained('HTTP', '--http', http, () => server.listen(http)),
    async stop() {
      await sockets?.stop()
      await server.stop()
    },
  }
}

/** MQTT over WebSocket, at the address of the page. Where HTTP asks this machine for a login, MQTT does so, too. */
function openSockets(
  mqtt: Exclude<Config['http']['mqtt'], false>,
  { http }: Pick<Config, 'http'>,
  broker: Broker,
  accesses: Accesses,
): WebSockets {
  const asked = { ...mqtt, anonymous: mqtt.anonymous ?? (http.anonymous === false ? false : undefined) }
  return broker.webSockets(mqtt, accesses.door(asked, http.host), accesses.doorByProxy(asked))
}

/** Read with the first link that is followed. */
function linkKeyIn(dataDir: string): () => Buffer {
  let key: Buffer | undefined
  return () => (key ??= openLinkKey(dataDir))
}

const hasWebPush = ({ alerts }: Config): boolean =>
  Object.values(alerts.channels).some(({ kind }) => kind === 'webPush')

/** @param file as people write it, with the name of the folder in front: `rules/door.ts` */
async function readRule(folder: string, file: string): Promise<string | null> {
  try {
    return await readFile(join(folder, file.slice(file.indexOf('/') + 1)), 'utf8')
  } catch {
    return null
  }
}
