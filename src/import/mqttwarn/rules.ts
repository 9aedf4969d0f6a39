// A section of mqttwarn.ini becomes a rule: its topic, its filter, and what it does for each of its targets.

import { topicFilterProblem } from '../../topics/names.ts'
import { freeName, quoted, textIn } from '../code.ts'
import { type FunctionKind, Functions } from './functions.ts'
import type { IniSection } from './ini.ts'
import type { ActionDraft } from './services.ts'
import { textOf } from './texts.ts'

/** A target that is there: it tells over a channel, or is an action. */
export type Means = { readonly channel: string } | { readonly action: ActionDraft }

export interface RulesPorts {
  readonly functions: Functions
  /** What a target such as `file:f01` is; `undefined` when nothing here can do it. */
  readonly meansOf: (target: string, line: number) => readonly Means[]
  readonly note: (line: number, sentence: string) => void
}

/** What the rules of a file import. */
export interface Imports {
  readonly vigie: Set<string>
  readonly modules: Set<string>
  readonly support: Set<string>
  usesFunctions: boolean
}

const NEEDLESS = new Set([
  'topic',
  'targets',
  'qos',
  'format',
  'title',
  'filter',
  'datamap',
  'alldata',
  'priority',
])

export function ruleOf(
  section: IniSection,
  taken: Set<string>,
  imports: Imports,
  { functions, meansOf, note }: RulesPorts,
): string | undefined {
  const { name, line, settings } = section
  const of = (key: string): string | undefined => settings.get(key)?.text
  const topic = textIn(settings.get('topic')?.value ?? name)
  const problem = topicFilterProblem(topic)
  if (problem !== undefined) {
    note(line, `The section [${name}] is not imported: its topic ${problem}.`)
    return undefined
  }
  for (const [key, setting] of settings)
    if (!NEEDLESS.has(key)) note(setting.line, `"${key}" of [${name}] is not imported.`)
  const targets = targetsOf(section)
  if (targets === undefined) {
    note(
      settings.get('targets')?.line ?? line,
      `The section [${name}] has no list of targets: write its rule by hand.`,
    )
    return undefined
  }
  const means = targets.flatMap((target) => meansOf(target, line))
  if (means.length === 0) {
    note(line, `The section [${name}] is not imported: none of its targets is.`)
    return undefined
  }

  const call = (key: string, kind: FunctionKind): string | undefined => {
    const called = Functions.calledBy(of(key) ?? '')
    if (called === undefined) return undefined
    imports.usesFunctions = true
    return `functions.${functions.use(called, kind, `${key} = ${of(key)}`, settings.get(key)!.line)}`
  }
  const filter = call('filter', 'filter')
  const data = [call('datamap', 'data'), call('alldata', 'data')].filter((each) => each !== undefined)
  const formatBy = call('format', 'text')
  const read = (key: string, otherwise: string) => {
    const format = settings.get(key)?.value
    if (format === undefined || format === null || format === '')
      return { code: otherwise, usesFields: false }
    const { code, usesFields, plain } = textOf(textIn(format))
    for (const each of plain) note(settings.get(key)!.line, `${each} is taken over without its format.`)
    return { code: code.text, usesFields }
  }
  const text =
    formatBy === undefined
      ? read('format', 'event.text')
      : { code: `${formatBy}(topic, payload)`, usesFields: false }
  const title = read('title', quoted(name))
  if (text.usesFields || title.usesFields) imports.support.add('field')

  const channels = means.flatMap((each) => ('channel' in each ? [each.channel] : []))
  const steps = means.flatMap((each) => {
    if ('channel' in each) return []
    for (const part of each.action.imports) imports.vigie.add(part)
    for (const part of each.action.modules ?? []) imports.modules.add(part)
    const code = each.action.code('text')
    if (code.includes('filled(')) imports.support.add('filled')
    return [`      ${code},`]
  })
  if (channels.length > 0) imports.support.add('tell')
  if (data.length > 0) imports.support.add('merged')
  const priority = Number(settings.get('priority')?.value ?? 0)
  const severity = priority >= 1 ? ", severity: 'critical'" : ''
  const ruleName = freeName(name, taken, 'rule')
  const payload = data.reduce((code, each) => `merged(${code}, ${each}(topic, sent))`, 'sent')
  return [
    `/** Section [${name}], line ${line}. */`,
    `export const ${constantOf(ruleName)} = rule(${quoted(ruleName)}, {`,
    `  on: ${quoted(topic)},`,
    ...(filter === undefined ? [] : [`  when: ({ topic, payload }) => !${filter}(topic, payload),`]),
    `  do: ({ topic, payload${data.length > 0 ? ': sent' : ''}, event }) => {`,
    ...(data.length > 0 ? [`    const payload = ${payload}`] : []),
    `    const text = ${text.code}`,
    '    return [',
    ...steps,
    ...(channels.length === 0
      ? []
      : [
          `      ...tell(event, { targets: [${channels.map((each) => quoted(each)).join(', ')}], ` +
            `title: ${title.code}, body: text${severity} }),`,
        ]),
    '    ]',
    '  },',
    '})',
  ]
    .join('\n')
    .replace(/\n {2}do: \(\{ topic, payload, event \}\) => \{/, (head) => head)
}

/** The targets of a section; `undefined` when a function or a dictionary makes them. */
function targetsOf({ settings }: IniSection): readonly string[] | undefined {
  const setting = settings.get('targets')
  if (setting === undefined) return undefined
  const { value } = setting
  if (Array.isArray(value)) return value.map(String)
  if (typeof value !== 'string' || Functions.calledBy(value) !== undefined) return undefined
  return value
    .split(/[,\n]/)
    .map((target) => target.trim())
    .filter((target) => target !== '')
}

/** A name for a constant: letters and digits in camel case. */
export const constantOf = (name: string): string =>
  name.replaceAll(/[-_]+(\w?)/g, (_whole, next: string) => next.toUpperCase()).replace(/^(?=\d)/, 'rule')

/** A schedule for a length in seconds; `undefined` when none is so long. */
export function cronOf(seconds: number): string | undefined {
  if (Number.isInteger(seconds) && seconds >= 1 && 60 % seconds === 0 && seconds < 60)
    return `*/${seconds} * * * * *`
  const minutes = seconds / 60
  if (Number.isInteger(minutes) && minutes >= 1 && 60 % minutes === 0 && minutes < 60)
    return `*/${minutes} * * * *`
  const hours = minutes / 60
  if (Number.isInteger(hours) && hours >= 1 && 24 % hours === 0)
    return hours === 24 ? '0 0 * * *' : `0 */${hours} * * *`
  return undefined
}
