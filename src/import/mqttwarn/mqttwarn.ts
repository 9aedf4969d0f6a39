// `vigie import mqttwarn`: targets become channels or actions, sections become rules, the failover a route,
// and the cron section rules on a schedule.

import { Code, freeName, inComment, quoted, source, textIn } from '../code.ts'
import { type Imported, ImportError } from '../imported.ts'
import { Functions } from './functions.ts'
import { type IniSection, parseIni } from './ini.ts'
import { constantOf, cronOf, type Imports, type Means, ruleOf } from './rules.ts'
import { actionOf, channelOf, secretsOf, serviceSections, type Target } from './services.ts'
import { SUPPORT_FILE, SUPPORT_SOURCE } from './support.ts'

const LOCAL = new Set(['localhost', '127.0.0.1', '::1', ''])
const FUNCTIONS_FILE = 'rules/lib/functions.ts'

/** @param file what to call the file in what is written */
export function importMqttwarn(text: string, file: string): Imported {
  const sections = parseIni(text)
  if (sections.length === 0) throw new ImportError('it has no section such as [defaults] or [config:log]')
  return new Import(sections, file).run()
}

class Import {
  readonly #sections: readonly IniSection[]
  readonly #file: string
  readonly #services: ReadonlyMap<string, IniSection>
  readonly #notes: { readonly line: number; readonly text: string }[] = []
  readonly #functions = new Functions()
  readonly #secrets = secretsOf()
  /** Made by need, by target. */
  readonly #channels = new Map<
    string,
    { readonly name: string; readonly maker: string; readonly options: object }
  >()
  readonly #channelNames = new Set<string>()
  readonly #saidUnknown = new Set<string>()

  constructor(sections: readonly IniSection[], file: string) {
    this.#sections = sections
    this.#file = file
    this.#services = serviceSections(sections)
  }

  run(): Imported {
    const imports: Imports = {
      vigie: new Set(['rule']),
      modules: new Set(),
      support: new Set(),
      usesFunctions: false,
    }
    const taken = new Set<string>()
    const topics = this.#sections.filter(
      ({ name }) => !name.startsWith('config:') && !['defaults', 'failover', 'cron'].includes(name),
    )
    const rules = topics.flatMap((section) => {
      const code = ruleOf(section, taken, imports, {
        functions: this.#functions,
        meansOf: (target, line) => this.#meansOf(target, line),
        note: (line, sentence) => this.#note(line, sentence),
      })
      return code === undefined ? [] : [code]
    })
    rules.push(...this.#cronRules(taken, imports))
    const failover = this.#failover()
    const config = this.#config(topics, failover)
    const files = [{ name: 'vigie.config.ts', text: config }]
    if (rules.length > 0) files.push({ name: 'rules/mqttwarn.ts', text: this.#rulesFile(rules, imports) })
    if (imports.support.size > 0) files.push({ name: SUPPORT_FILE, text: SUPPORT_SOURCE })
    if (this.#functions.names.length > 0)
      files.push({ name: FUNCTIONS_FILE, text: this.#functions.source(this.#file) })
    return { files, notes: this.#allNotes(), next: [] }
  }

  #note(line: number, text: string): void {
    this.#notes.push({ line, text })
  }

  #meansOf(target: string, line: number): readonly Means[] {
    const [service = '', ...rest] = target.split(':')
    const section = this.#services.get(service)
    const known = section?.settings.get('targets')?.value
    const addresses =
      known !== null && typeof known === 'object' ? (known as Record<string, Target['address']>) : {}
    // A target without a name stands for all of its service.
    const names = rest.length === 0 ? Object.keys(addresses) : [rest.join(':')]
    return names.flatMap((name): readonly Means[] => {
      const address = addresses[name]
      if (section === undefined || address === undefined) {
        this.#note(
          line,
          `The target "${target}" is not imported: there is no such target in [config:${service}].`,
        )
        return []
      }
      if (service === 'log') {
        this.#once('log', line, 'Targets of "log" are not imported: the history holds every message.')
        return []
      }
      const drawn = { service: moduleOf(section, service), name, settings: section.settings, address }
      const channel = channelOf(drawn, this.#secrets.secret)
      if (channel !== undefined) return [{ channel: this.#channel(`${service}:${name}`, channel) }]
      const action = actionOf(drawn, this.#secrets.secret)
      if (action !== undefined) return [{ action }]
      this.#once(
        service,
        section.line,
        `The service "${service}" has no counterpart here: the channel apprise reaches most of them.`,
      )
      return []
    })
  }

  #once(what: string, line: number, sentence: string): void {
    if (this.#saidUnknown.has(what)) return
    this.#saidUnknown.add(what)
    this.#note(line, sentence)
  }

  #channel(target: string, { maker, options }: { readonly maker: string; readonly options: object }): string {
    if (!this.#channels.has(target))
      this.#channels.set(target, { name: freeName(target, this.#channelNames, 'channel'), maker, options })
    if (maker === 'telegram' && (options as { chat?: unknown }).chat === 0)
      this.#once(
        target,
        0,
        `The channel "${target}" needs the number of its chat: mqttwarn found it by a name.`,
      )
    return target
  }

  #cronRules(taken: Set<string>, imports: Imports): readonly string[] {
    const section = this.#sections.find(({ name }) => name === 'cron')
    const rules: string[] = []
    for (const [name, { text, line }] of section?.settings ?? []) {
      const schedule = cronOf(Number(text.split(';')[0]))
      if (schedule === undefined) {
        this.#note(
          line,
          `"${name}" of [cron] is not imported: no schedule comes every ${text.split(';')[0]} seconds.`,
        )
        continue
      }
      const called = this.#functions.use(name, 'task', `${name} = ${text}`, line)
      imports.usesFunctions = true
      for (const part of ['call', 'cron']) imports.vigie.add(part)
      const ruleName = freeName(name, taken, 'cron')
      rules.push(
        [
          `/** ${name} of [cron], line ${line}. */`,
          `export const ${constantOf(ruleName)} = rule(${quoted(ruleName)}, {`,
          `  on: cron(${quoted(schedule)}),`,
          `  do: () => [call(() => functions.${called}())],`,
          '})',
        ].join('\n'),
      )
    }
    return rules
  }

  /** The channels that are told of what goes wrong with the hub itself. */
  #failover(): readonly string[] {
    const section = this.#sections.find(({ name }) => name === 'failover')
    const targets = textIn(section?.settings.get('targets')?.value)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '')
    const means = targets.flatMap((target) => this.#meansOf(target, section?.line ?? 0))
    return means.flatMap((each) => ('channel' in each ? [this.#channels.get(each.channel)!.name] : []))
  }

  #config(topics: readonly IniSection[], failover: readonly string[]): string {
    const channels = [...this.#channels]
    const settings = {
      ...this.#bridge(topics),
      ...(channels.length > 0 && {
        alerts: {
          channels: Object.fromEntries(
            channels.map(([, { name, maker, options }]) => [
              name,
              new Code(`${maker}(${source(options, 6)})`),
            ]),
          ),
          routes: [
            ...channels.map(([target, { name }]) => ({
              labels: { mqttwarn: target },
              to: [name],
              resolved: false,
            })),
            ...(failover.length > 0 ? [{ to: failover }] : []),
          ],
        },
      }),
    }
    if (channels.length > 0 && failover.length === 0)
      this.#note(
        0,
        'No route tells of alerts of the hub itself: there is no [failover]. Add { to: [CHANNEL] } as the last.',
      )
    const makers = [...new Set(channels.map(([, { maker }]) => maker))].toSorted()
    const body = source(settings)
    const fromVigie = body.includes('secret(') ? 'defineConfig, secret' : 'defineConfig'
    return [
      `// Imported from ${inComment(this.#file)}; see docs/from-mqttwarn.md for what means what.`,
      '',
      `import { ${fromVigie} } from 'vigie'`,
      ...(makers.length > 0 ? [`import { ${makers.join(', ')} } from 'vigie/channels'`] : []),
      '',
      `export default defineConfig(${body})`,
      '',
    ].join('\n')
  }

  /** The broker that mqttwarn listened to, if it is another machine's. */
  #bridge(topics: readonly IniSection[]): object {
    const settings = this.#sections.find(({ name }) => name === 'defaults')?.settings
    const host = textIn(settings?.get('hostname')?.value)
    if (LOCAL.has(host)) {
      this.#note(
        0,
        'vigie is the broker: let the clients of the one on this machine connect to it, or set up a bridge.',
      )
      return {}
    }
    const user = settings?.get('username')?.value
    const isSafe = settings?.get('tls')?.value === true
    const filters = [
      ...new Set(topics.map(({ name, settings: of }) => textIn(of.get('topic')?.value ?? name))),
    ]
    if (filters.length === 0) return {}
    return {
      bridges: {
        broker: {
          url: `${isSafe ? 'mqtts' : 'mqtt'}://${host}:${Number(settings?.get('port')?.value ?? 1883)}`,
          ...(typeof user === 'string' && { user, password: this.#secrets.secret('broker', 'password') }),
          topics: filters.map((filter) => ({ filter, direction: 'in' })),
        },
      },
    }
  }

  #rulesFile(rules: readonly string[], { vigie, modules, support, usesFunctions }: Imports): string {
    return [
      `// Imported from ${inComment(this.#file)}; see docs/from-mqttwarn.md for what means what.`,
      '',
      ...Array.from(
        modules,
        (each) => `import { ${each.split(' from ')[0]} } from ${each.split(' from ')[1]}`,
      ).toSorted(),
      `import { ${[...vigie].toSorted().join(', ')} } from 'vigie'`,
      ...(usesFunctions ? ["import * as functions from './lib/functions.ts'"] : []),
      ...(support.size > 0
        ? [`import { ${[...support].toSorted().join(', ')} } from './lib/mqttwarn.ts'`]
        : []),
      '',
      rules.join('\n\n'),
      '',
    ].join('\n')
  }

  #allNotes(): readonly string[] {
    const functions = this.#functions.names
    return [
      ...this.#notes
        .toSorted((a, b) => a.line - b.line)
        .map(({ line, text }) => (line > 0 ? `Line ${line}: ${text}` : text)),
      ...(functions.length > 0
        ? [
            `Write what these did in Python into ${FUNCTIONS_FILE}; until then each throws: ` +
              `${functions.join(', ')}.`,
          ]
        : []),
      ...this.#secrets.names.map(
        (name) => `A secret is not copied: put it into the environment variable ${name}.`,
      ),
    ]
  }
}

/** A section may name the module of its service, so that there can be two of one service. */
const moduleOf = ({ settings }: IniSection, service: string): string =>
  textIn(settings.get('module')?.value ?? service)
