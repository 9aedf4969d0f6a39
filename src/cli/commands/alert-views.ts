// `vigie alert list` and `vigie alert show`: what the store knows of alerts.

import { localSecond } from '../../base/local-time.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { printable } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import { alertReport } from '../../alerts/report.ts'
import { ALERT_STATES, SEVERITIES } from '../../model/alert.ts'
import type { Alert, AlertState, NotificationRecord, Silence } from '../../model/alert.ts'
import type { AlertStory } from '../../model/queries.ts'
import { type CommandInput, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { paintFor } from '../show/paint.ts'
import type { Paint } from '../show/paint.ts'
import { withQuestions } from '../frame/questions.ts'

const OPEN = ALERT_STATES.filter((state) => state !== 'resolved')
/** Among so many keys the one that was meant is looked for. */
const MOST_KEYS = 10_000

export async function listAlerts(input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const states = options['all'] === true ? ALERT_STATES : OPEN
  const limit = options['limit'] as number
  const { alerts, silences } = await withQuestions(input, async (ask) => ({
    alerts: await ask.alerts({ states, limit }),
    silences: await ask.silences(),
  }))
  if (options['json'] === true) {
    for (const alert of alerts) terminal.out(`${JSON.stringify(alertReport(alert))}\n`)
    return EXIT.ok
  }
  tellAlerts(alerts.toSorted(byNeed), terminal)
  for (const silence of silences) terminal.out(`${describeSilence(silence)}\n`)
  if (alerts.length === 0 && terminal.isTty)
    terminal.error(options['all'] === true ? 'There is no alert.\n' : 'No alert is open.\n')
  return EXIT.ok
}

/** In which order they want somebody; then the worst first, then the newest. */
const ORDER: readonly AlertState[] = ['firing', 'pending', 'acknowledged', 'silenced', 'resolved']

const byNeed = (one: Alert, other: Alert): number =>
  ORDER.indexOf(one.state) - ORDER.indexOf(other.state) ||
  SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity) ||
  other.sinceAt - one.sinceAt

function tellAlerts(alerts: readonly Alert[], terminal: Terminal): void {
  const paint = paintFor(terminal)
  const width = Math.max(0, ...alerts.map(({ key }) => printable(key, 60).length))
  for (const alert of alerts) {
    const { key, state, severity, title, sinceAt } = alert
    const cells = [
      paintAlert(state, paint)(state.padEnd(12)),
      severity.padEnd(8),
      paint.dim(localSecond(sinceAt)),
      paint.bold(printable(key, 60).padEnd(width)),
      `${printable(title, 200)}${paint.dim(whoOf(alert))}`,
    ]
    terminal.out(`${cells.join('  ').trimEnd()}\n`)
  }
}

function whoOf({ acknowledgedBy, silencedBy }: Alert): string {
  if (silencedBy !== null) return ` (${printable(silencedBy, 200)})`
  return acknowledgedBy === null ? '' : ` (acknowledged by ${printable(acknowledgedBy, 200)})`
}

function describeSilence({ name, match, untilAt, author, comment }: Silence): string {
  const why = comment === '' ? '' : `: ${printable(comment, 200)}`
  const what = Object.keys(match).length === 1 && match.key === name ? '' : ` of ${JSON.stringify(match)}`
  const title = `silence ${JSON.stringify(printable(name))}${printable(what, 500)}`
  return `${title} until ${localSecond(untilAt)}, by ${printable(author, 200)}${why}`
}

export async function showAlert(key: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const { story, keys } = await withQuestions(input, async (ask) => {
    const found = await ask.alert(key)
    const others = found ? [] : await ask.alerts({ limit: MOST_KEYS })
    return { story: found, keys: others.map((alert) => alert.key) }
  })
  if (story === undefined) throw new UserError(unknownKey(key, keys))
  if (options['json'] === true) {
    const { alert, flips, notifications } = story
    terminal.out(`${JSON.stringify({ ...alertReport(alert), flips, notifications })}\n`)
    return EXIT.ok
  }
  for (const line of linesOf(story, terminal)) terminal.out(`${line.trimEnd()}\n`)
  return EXIT.ok
}

function unknownKey(key: string, keys: readonly string[]): string {
  const meant = nearMiss(key, keys)
  const hint =
    meant === undefined
      ? '"vigie alert list --all" lists those that are kept.'
      : `Did you mean ${JSON.stringify(meant)}?`
  return `There is no alert ${JSON.stringify(key)}. ${hint}`
}

function linesOf({ alert, flips, notifications }: AlertStory, terminal: Terminal): readonly string[] {
  const paint = paintFor(terminal)
  const { key, state, severity, title, body, labels, parent, rule, count, sinceAt, cause } = alert
  const length = formatDuration(Math.max(0, terminal.now() - sinceAt))
  const labelled = Object.entries(labels).map(([name, value]) => `${printable(name)}=${printable(value)}`)
  return [
    `alert ${paint.bold(printable(key))}: ${paintAlert(state, paint)(state)}, ${severity}`,
    `  ${printable(title, 500)}`,
    ...(body === '' ? [] : body.split('\n').map((line) => `  ${paint.dim('│')} ${printable(line, 2_000)}`)),
    `  since ${localSecond(sinceAt)} (${length}), raised ${count === 1 ? 'once' : `${count} times`}`,
    ...(whoOf(alert) === '' ? [] : [` ${whoOf(alert)}`]),
    ...(labelled.length === 0 ? [] : [`  labels ${labelled.join(', ')}`]),
    ...(parent === null ? [] : [`  muted while ${printable(parent)} is open`]),
    ...(rule === null ? [] : [`  raised by the rule ${paint.bold(printable(rule))}`]),
    ...(cause === null ? [] : [`  because of event #${cause.event} ${paint.bold(printable(cause.topic))}`]),
    'changes',
    ...flips.map(
      ({ at, from, to, by, event }) =>
        `  ${paint.dim(localSecond(at))} ${from ?? 'new'} → ${to}, by ${printable(by, 200)}` +
        paint.dim(event === null ? '' : ` (event #${event})`),
    ),
    'told',
    ...(notifications.length === 0
      ? ['  nobody']
      : notifications.map((each) => `  ${describeTelling(each)}`)),
  ]
}

function describeTelling({ channel, subject, tellings, told, dueAt, telling }: NotificationRecord): string {
  const group = subject.startsWith('group/') ? ' (with others)' : ''
  const times = tellings === 1 ? 'once' : `${tellings} times`
  const past = told === null ? 'not told' : `told ${times}, last ${localSecond(told.at)} (run #${told.run})`
  const next =
    telling === null
      ? dueAt === null
        ? ''
        : `, next ${localSecond(dueAt)}`
      : `, being told (run #${telling})`
  return `${printable(channel)}${group}: ${past}${next}`
}

function paintAlert(state: AlertState, paint: Paint): (text: string) => string {
  switch (state) {
    case 'firing':
      return paint.bad
    case 'acknowledged':
    case 'pending':
      return paint.warn
    case 'silenced':
      return paint.dim
    case 'resolved':
      return paint.good
  }
  return state satisfies never
}
