// One agent: the probes and orders of a hub, on another machine.

import type { Log } from '../base/log.ts'
import { version } from '../base/version.ts'
import { HOST_PROTOCOL } from '../model/host.ts'
import { openSecrets } from '../secrets/secrets.ts'
import type { Allowed } from './allowed.ts'
import { Line } from './line.ts'
import type { LineOptions } from './line.ts'
import { Orders } from './orders.ts'
import { Probes } from './probes.ts'
import { AgentStore } from './store.ts'

export interface AgentOptions extends Pick<
  LineOptions,
  'url' | 'login' | 'tls' | 'root' | 'host' | 'lostAfterMs'
> {
  readonly dataDir: string
  /** Holds the secrets that the hub may name. The environment does not: the password of the agent is there. */
  readonly secretsDir: string | null
  readonly allowed: Allowed
  readonly log: Log
}

export interface Agent {
  /** Resolves with a sentence when the agent cannot go on. */
  readonly failed: Promise<string>
  stop(): Promise<void>
}

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { dataDir, secretsDir, allowed, log, host, root } = options
  const store = AgentStore.open(dataDir)
  const failed = Promise.withResolvers<string>()
  const secrets = openSecrets({}, secretsDir)
  const since = new Date().toISOString()
  const line: Line = new Line({
    ...options,
    store,
    report: () => ({
      state: 'online',
      reason: '',
      protocol: HOST_PROTOCOL,
      version: version(),
      since,
      refused: probes.refused,
      problem: probes.problem,
      lost: store.lost,
    }),
    declared: (payload) => probes.declare(payload),
    ordered: (payload, expiresInMs) => orders.take(payload, expiresInMs),
    connected: (isForgotten) => {
      if (isForgotten) probes.sayAgain()
      orders.tellAll()
    },
    say: (level, sentence) => log[level](sentence),
    takenOver: () =>
      failed.resolve(
        `Another agent named "${host}" has connected to the hub. Give each machine its own --name.`,
      ),
  })
  const probes: Probes = new Probes({
    host,
    store,
    log,
    secrets,
    allowed,
    said: () => line.poke(),
    changed: () => line.tellReport(),
  })
  const orders: Orders = new Orders({
    root,
    store,
    log,
    secrets,
    allowed,
    answer: (key, answer) => line.answer(key, answer),
    foundBy: (watch) => probes.targets(watch),
    view: () => probes.view(),
  })
  probes.start()
  orders.start()
  await line.start()
  return {
    failed: failed.promise,
    async stop() {
      await probes.stop()
      await orders.stop()
      await line.end()
      store.close()
    },
  }
}
