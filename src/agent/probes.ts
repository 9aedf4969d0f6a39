// The probes of the agent: the pings and watches that the hub has declared for this machine, run by the same
// code as the hub's own. What they report goes into the store; what the hub may not ask for is refused here.

import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf, printable } from '../base/printable.ts'
import type { ProcessIdentity } from '../model/action.ts'
import { HOST_PROTOCOL } from '../model/host.ts'
import { jsonIn } from '../model/hub-message.ts'
import type { Publication } from '../model/event.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { PingReport, PingSpec } from '../model/probe.ts'
import type { WatchedProcesses, WatchSpec } from '../model/watch.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { Pings } from '../watch/pings/pings.ts'
import { ProcessWatches } from '../watch/processes/processes.ts'
import { whyUnchecked } from './allowed.ts'
import type { Allowed } from './allowed.ts'
import { bounded } from './bounded.ts'
import { declarations, pingSpec, watchSpec } from './foreign.ts'
import type { AgentStore } from './store.ts'

export interface ProbePorts {
  readonly host: string
  readonly store: AgentStore
  readonly log: Log
  readonly secrets: Secrets
  readonly allowed: Allowed
  /** Something is in the store for the hub. */
  readonly said: () => void
  /** What the hub should know of the agent itself has changed. */
  readonly changed: () => void
}

/** Under which the probes publish; the hub puts its own root in the place of it. */
const ROOT = 'probes'

interface Accepted {
  readonly pings: readonly PingSpec[]
  readonly watches: readonly WatchSpec[]
  readonly refused: Readonly<Record<string, string>>
}
const NOTHING: Accepted = { pings: [], watches: [], refused: {} }

export class Probes {
  readonly #ports: ProbePorts
  #declared = ''
  #accepted: Accepted = NOTHING
  #pings: Pings | undefined
  #watches: ProcessWatches | undefined
  /** Why the processes of this machine cannot be read. */
  #problem = ''
  /** Probes whose pattern took too long, until they are declared anew. */
  readonly #leftAlone = new Set<string>()
  #turn: Promise<void> = Promise.resolve()

  constructor(ports: ProbePorts) {
    this.#ports = ports
  }

  /** Begins what the hub has declared last, though the hub may not be there. */
  start(): void {
    const kept = this.#ports.store.kept('declared')
    if (typeof kept === 'string') this.#replace(kept)
  }

  async stop(): Promise<void> {
    await this.#turn
    await this.#end()
  }

  /** @param payload empty: nothing any more */
  declare(payload: Buffer): void {
    const text = payload.toString()
    if (text === this.#declared) return
    this.#ports.store.keep('declared', text)
    this.#replace(text)
  }

  get refused(): Readonly<Record<string, string>> {
    return this.#accepted.refused
  }

  get problem(): string {
    return this.#problem
  }

  /** Says once more how each ping is: the hub has called them all unknown. */
  sayAgain(): void {
    const { store, said } = this.#ports
    for (const { name } of this.#accepted.pings) {
      const topic = `ping/${name}`
      const report = store.kept(`state ${topic}`) as unknown as PingReport | undefined
      if (report === undefined) continue
      const { state } = report
      // No change: whoever waits for one has had it.
      const previous = state === 'up' || state === 'down' ? state : report.previous
      store.say(topic, { ...report, previous }, false)
    }
    said()
  }

  async targets(watch: string): Promise<readonly ProcessIdentity[]> {
    return (await this.#watches?.targets(watch)) ?? []
  }

  async view(): Promise<WatchedProcesses> {
    return (await this.#watches?.view()) ?? { watches: [], zombies: [] }
  }

  #replace(text: string): void {
    this.#declared = text
    this.#turn = this.#inTurn(this.#turn, text)
  }

  async #inTurn(before: Promise<void>, text: string): Promise<void> {
    await before
    try {
      await this.#end()
      this.#begin(text)
    } catch (error) {
      this.#ports.log.error(`The probes could not begin: ${messageOf(error)}`)
    }
  }

  async #end(): Promise<void> {
    await Promise.all([this.#pings?.stop(), this.#watches?.stop()])
    this.#pings = undefined
    this.#watches = undefined
  }

  #begin(text: string): void {
    const { store, log, secrets, said, changed, host } = this.#ports
    this.#accepted = text === '' ? NOTHING : this.#accept(text)
    this.#leftAlone.clear()
    const { pings, watches, refused } = this.#accepted
    for (const [name, why] of Object.entries(refused))
      log.warn(`The probe "${printable(name)}" does not run: ${printable(why, 500)}.`)
    for (const key of store.keysUnder('state ping/'))
      if (!pings.some(({ name }) => key === `state ping/${name}`)) store.keep(key, null)
    for (const key of store.keysUnder('watch '))
      if (!watches.some(({ name }) => key === `watch ${name}`)) store.keep(key, null)
    const ports = {
      root: ROOT,
      clock: systemClock,
      log,
      last: (topic: string) => payloadOf(store.kept(`state ${topic.slice(ROOT.length + 1)}`)),
      publish: (publication: Publication) => Promise.resolve(this.#take(publication)),
      within: <T>(probe: string, code: () => T): T => this.#within(probe, code),
      isLeftAlone: (probe: string) => this.#leftAlone.has(probe),
    }
    this.#pings = new Pings(pings, { ...ports, secrets })
    this.#watches = new ProcessWatches(watches, {
      ...ports,
      store: {
        read: (watch) => (store.kept(`watch ${watch}`) as JsonObject | undefined) ?? null,
        keep: (watch, state) => store.keep(`watch ${watch}`, state),
        flush: () => Promise.resolve(),
      },
    })
    this.#pings.start()
    this.#watches.start()
    const names = [...pings, ...watches].map(({ name }) => name)
    log.info(`${names.join(', ') || 'No probe'} ${names.length > 1 ? 'run' : 'runs'} for "${host}".`)
    said()
    changed()
  }

  /** What a probe publishes; the state of the watches themselves is told with the state of the agent. */
  #take({ topic, payload, retain }: Publication): number {
    const { store, said, changed } = this.#ports
    const own = topic.slice(ROOT.length + 1)
    const value = jsonIn(payload) ?? null
    if (own === 'hub/watches') {
      store.keep('state hub/watches', value)
      this.#problem = (value as { readonly reason?: string } | null)?.reason ?? ''
      changed()
      return 0
    }
    const n = store.say(own, value, retain)
    said()
    return n
  }

  #within<T>(probe: string, code: () => T): T {
    try {
      return bounded(code)
    } catch (error) {
      this.#leftAlone.add(probe)
      this.#ports.log.error(
        `The probe "${probe}" is left alone until it is declared anew: ${messageOf(error)}.`,
      )
      throw error
    }
  }

  /** Each probe by itself: one that this agent does not know, or does not allow, costs only itself. */
  #accept(text: string): Accepted {
    const { log, host, allowed } = this.#ports
    const frame = declarations.safeParse(jsonIn(Buffer.from(text)))
    if (!frame.success) {
      log.error('What the hub declares for this machine cannot be read: it is no declaration of probes.')
      return NOTHING
    }
    const { protocol, version } = frame.data
    if (protocol !== HOST_PROTOCOL) {
      log.error(
        `The hub is vigie ${printable(version)} and speaks version ${protocol} of what hub and agents say to each other; ` +
          `this agent speaks version ${HOST_PROTOCOL}. Install the same vigie on both. Until then no probe runs.`,
      )
      return NOTHING
    }
    const refused: Record<string, string> = {}
    const accept = <T extends { readonly name: string; readonly host?: string }>(
      given: readonly unknown[],
      schema: typeof pingSpec | typeof watchSpec,
      whyNot: (spec: T) => string | undefined,
    ): T[] =>
      given.flatMap((each) => {
        const parsed = schema.safeParse(each)
        const spec = parsed.data as unknown as T | undefined
        const why = spec === undefined ? misfit(parsed.error!) : spec.host === host ? whyNot(spec) : ELSEWHERE
        if (why === undefined) return [spec!]
        refused[nameIn(each)] = why
        return []
      })
    const pings = accept<PingSpec>(frame.data.pings, pingSpec, (ping) => whyUnchecked(ping, allowed))
    const watches = accept<WatchSpec>(frame.data.watches, watchSpec, () => undefined)
    return { pings, watches, refused }
  }
}

const ELSEWHERE = 'it belongs to another host'

const misfit = ({
  issues,
}: {
  readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[]
}) => {
  const [issue] = issues
  return `this agent does not understand it (${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''})`
}

function nameIn(given: unknown): string {
  const { name } = (given ?? {}) as { readonly name?: unknown }
  return typeof name === 'string' ? name.slice(0, 100) : '?'
}

const payloadOf = (value: Json | undefined): Buffer | undefined =>
  value === undefined ? undefined : Buffer.from(JSON.stringify(value))
