// `vigie status`: how the hub on the data folder is at this moment, on one screen.

import { localSecond } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import { CONDITIONS } from '../../model/health.ts'
import type { EngineStatus, HubStatus } from '../../model/hub-status.ts'
import type { PingState, PingStatus } from '../../model/probe.ts'
import { askHub } from '../frame/ask-hub.ts'
import { bridgeLines } from './bridges.ts'
import { pauseSentence } from './rules.ts'
import { type Command, EXIT, type Terminal } from '../frame/command.ts'
import { jsonOption } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { paintFor } from '../show/paint.ts'
import type { Paint } from '../show/paint.ts'

export const status: Command = {
  options: [jsonOption(), ...whereOptions()],
  help: `Exits with 1 when no hub runs on the data folder, when a condition of its health does not hold, when the
engine is not ready or does not answer, or when a ping or watch cannot be checked.`,
  async run(input) {
    const { options, terminal } = input
    const hub = (await askHub(input, 'GET', '/api/status')) as HubStatus
    if (options.json) terminal.out(`${JSON.stringify(hub)}\n`)
    else tell(hub, terminal)
    const isWell = hub.health.ok && hub.engine.now !== null && !isBlind(hub.engine)
    return isWell ? EXIT.ok : EXIT.failed
  },
}

function tell(hub: HubStatus, terminal: Terminal): void {
  const paint = paintFor(terminal)
  const say = (name: string, sentences: readonly string[]): void => {
    for (const [index, sentence] of sentences.entries())
      terminal.out(`${paint.bold((index === 0 ? name : '').padEnd(8))} ${sentence}\n`)
  }
  const { version, pid, startedAt } = hub
  const up = formatDuration(terminal.now() - startedAt)
  say('hub', [`vigie ${version}, process ${pid}, up for ${up} (since ${localSecond(startedAt)})`])
  say('trouble', ofHealth(hub, paint))
  say('broker', ofBroker(hub, paint))
  say('bridges', bridgeLines(hub.bridges, paint))
  say('journal', ofJournal(hub))
  say('engine', ofEngine(hub, paint))
  say('rules', ofRules(hub, paint))
  say('pings', ofPings(hub, paint))
  say('watches', ofWatches(hub, paint))
  say('commands', ofCommands(hub))
  say('runs', ofRuns(hub, paint))
}

const ofHealth = ({ health: { conditions } }: HubStatus, paint: Paint): string[] =>
  CONDITIONS.flatMap((name) => {
    const sentence = conditions[name]
    return sentence === null ? [] : [paint.bad(`${name}: ${onLines(sentence)}`)]
  })

function ofBroker({ broker }: HubStatus, paint: Paint): string[] {
  const { connections, sessions, subscriptions, retained, publishesReceived, publishesSent } = broker
  const dropped = Object.entries(broker.dropped).filter(([, count]) => count > 0)
  const held = [
    `${counted(connections, 'client')} connected`,
    counted(sessions, 'session'),
    counted(subscriptions, 'subscription'),
    counted(retained, 'retained message'),
  ]
  return [
    held.join(', '),
    `${counted(publishesReceived, 'message')} came in, ${number(publishesSent)} went out`,
    ...(dropped.length === 0
      ? []
      : [
          paint.warn(`dropped: ${dropped.map(([reason, count]) => `${number(count)} ${reason}`).join(', ')}`),
        ]),
  ]
}

function ofJournal({ store: { events, oldestEventAt, databaseBytes } }: HubStatus): string[] {
  const since = oldestEventAt === null ? '' : ` since ${localSecond(oldestEventAt)}`
  return [`${counted(events, 'event')}${since}, ${formatSize(databaseBytes)}`]
}

function ofEngine({ engine }: HubStatus, paint: Paint): string[] {
  const { state, generation, restarts, behind, now } = engine
  const died = restarts === 0 ? '' : paint.warn(`, replaced ${counted(restarts, 'time')} after it had died`)
  const which = `${state}${generation > 1 ? `, number ${generation} since the start` : ''}${died}`
  if (now === null) return [paint.bad(state === 'running' ? 'does not answer' : `${which}${WHY[state]}`)]
  const work = [
    counted(now.openRuns, 'open run'),
    `${counted(now.stepsUnderWay, 'step')} under way`,
    `${number(now.stepsQueued)} waiting for a place`,
  ]
  return [
    which,
    `${counted(behind ?? 0, 'event')} behind; ${work.join(', ')}`,
    ...(now.heldBack === null
      ? []
      : [paint.warn(`evaluates no more events until some of that is done: ${now.heldBack}`)]),
  ]
}

const WHY: Readonly<Record<Exclude<EngineStatus['state'], 'running'>, string>> = {
  waiting: ' for the rules; the journal keeps all events for them',
  restarting: '',
  stopped: '',
}

function ofRules({ engine: { now, failures, quarantined }, paused }: HubStatus, paint: Paint): string[] {
  const others = new Set([...(now?.watches ?? []).map(({ name }) => name), ...(now?.commands ?? [])])
  const rules = (now?.rules ?? []).filter((rule) => !others.has(rule))
  const names = rules.length === 0 ? '' : `: ${rules.join(', ')}`
  return [
    ...(now === null ? [] : [`${rules.length} in force${printable(names, 500)}`]),
    ...paused.map((pause) => paint.warn(`"${printable(pause.rule)}" is ${pauseSentence(pause)}`)),
    ...quarantined.map((rule) =>
      paint.bad(`"${rule}" is in quarantine: it ended or blocked the engine; save the rules to try it again`),
    ),
    ...failures.map((failure) => paint.bad(onLines(failure))),
  ]
}

function ofPings({ engine: { now } }: HubStatus, paint: Paint): string[] {
  const { pings = [] } = now ?? {}
  if (pings.length === 0) return []
  const of = (state: PingState): readonly PingStatus[] => pings.filter((ping) => ping.state === state)
  const counts = (['up', 'down', 'flapping', 'unreachable', 'unknown'] as const).filter(
    (state) => of(state).length > 0,
  )
  const up = of('up').filter(({ isUnable }) => !isUnable)
  return [
    counts.map((state) => `${number(of(state).length)} ${state}`).join(', '),
    ...of('down').map(({ name, since, reason }) =>
      paint.bad(`"${name}" is down${sinceOf(since)}: ${printable(reason)}`),
    ),
    ...of('flapping').map(({ name, since }) => paint.warn(`"${name}" is flapping${sinceOf(since)}`)),
    ...of('unreachable').map(({ name, since, mutedBy }) =>
      paint.warn(`"${name}" is unreachable${sinceOf(since)}, muted by ${mutedBy}`),
    ),
    ...pings
      .filter(({ isUnable }) => isUnable)
      .map(({ name, reason }) => paint.bad(`"${name}" cannot be checked: ${printable(reason)}`)),
    ...of('unknown')
      .filter(({ isUnable }) => !isUnable)
      .map(({ name }) => `"${name}" has no known state yet`),
    ...(up.length === 0 ? [] : [`up: ${printable(up.map(({ name }) => name).join(', '), 500)}`]),
  ]
}

function ofWatches({ engine: { now } }: HubStatus, paint: Paint): string[] {
  const { watches = [] } = now ?? {}
  const problems = new Set(
    watches
      .filter(({ problem }) => problem !== '')
      .map(({ host, problem }) =>
        host === undefined ? `the processes of this machine cannot be read: ${problem}` : problem,
      ),
  )
  const names = watches.map(({ name }) => name).join(', ')
  return [
    ...(watches.length === 0 ? [] : [printable(names, 500)]),
    ...watches
      .filter(({ hasGivenUp }) => hasGivenUp)
      .map(({ name }) => paint.bad(`"${name}": too few processes run; it has given up`)),
    ...Array.from(problems, (problem) => paint.bad(printable(problem))),
  ]
}

const ofCommands = ({ engine: { now } }: HubStatus): string[] =>
  now === null || now.commands.length === 0 ? [] : [printable(now.commands.join(', '), 500)]

const sinceOf = (since: string | null): string =>
  since === null ? '' : ` since ${localSecond(Date.parse(since))}`

/** Whether the hub cannot check one of its pings or watches. */
const isBlind = ({ now }: EngineStatus): boolean =>
  now !== null &&
  (now.pings.some(({ isUnable }) => isUnable) || now.watches.some(({ problem }) => problem !== ''))

function ofRuns({ store: { runs } }: HubStatus, paint: Paint): string[] {
  const dead = `${number(runs.dead)} dead`
  const ended = [
    `${number(runs.done)} done`,
    runs.dead === 0 ? dead : paint.bad(dead),
    `${number(runs.cancelled)} cancelled`,
  ]
  return [ended.join(', ')]
}

/** Indents the further lines of a sentence below its first one. */
const onLines = (sentence: string): string => sentence.replaceAll('\n', `\n${' '.repeat(9)}`)
const number = (value: number): string => value.toLocaleString('en')
const counted = (value: number, noun: string): string => `${number(value)} ${noun}${value === 1 ? '' : 's'}`
