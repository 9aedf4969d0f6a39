// Compiles loaded modules to a rule set. A problem costs its own declaration only and is told with all
// others; the caller decides whether a set with problems goes to work.

import { DECLARED_NAME, NAME_SENTENCE, taskDoName } from '../model/declarations.ts'
import type { PingSpec } from '../model/probe.ts'
import type { WatchSpec } from '../model/watch.ts'
import { nearMiss } from '../base/near-miss.ts'
import { messageOf, printable } from '../base/printable.ts'
import { compilePing, dependenceProblem } from './compile/compile-ping.ts'
import { hostRule, hostRuleName } from './compile/host-rules.ts'
import { hostShape } from './compile/host-shape.ts'
import { compileTask } from './compile/compile-task.ts'
import { compileWatch } from './compile/compile-watch.ts'
import { compileCommand } from './compile/compile-command.ts'
import { commandRule, refusalRule, watchRule } from './compile/command-rules.ts'
import type { CommandSpec } from './compile/command-rules.ts'
import { compileRule } from './compile/compile-rule.ts'
import type { CompiledOne, CompileOptions } from './compile/compile-rule.ts'
import { DECLARATION } from './authoring/declared.ts'
import type { HostOptions } from './authoring/host.ts'
import { isDeclaration } from './authoring/declaration.ts'
import type { Declaration } from './authoring/declaration.ts'
import { checkExamples } from './explain/examples.ts'
import { ruleSet } from './compile/rule-set.ts'
import type { RuleSet } from './compile/rule-set.ts'
import { problem, problemsOf, spotOf } from './compile/problem.ts'
import type { Problem, Spot } from './compile/problem.ts'

/** A rule file as it was loaded. */
export interface RuleModule {
  /** As people write it: `rules/door.ts`. */
  readonly file: string
  readonly exports: Readonly<Record<string, unknown>>
  /** `rules` unless given. */
  readonly part?: ModulePart
}

/**
 * What a module of the rules folder is there for. `helper`: another file imports it, so it need not hold
 * rules. `either`: it lies in a subfolder, where files that nobody imports (any more) are no mistake.
 * `rules`: anything else.
 */
export type ModulePart = 'rules' | 'either' | 'helper'

interface LoadOptions extends CompileOptions {
  /** Is told the file whose code runs next, as its examples are held: it may never come back. */
  readonly entering?: (file: string) => void
}

/** Rules of the hub's own, which stand beside those of the files. */
export const isOwnRule = (name: string): boolean => name.startsWith('@')

export function compile(
  modules: readonly RuleModule[],
  { root, place, entering = () => {} }: LoadOptions,
): RuleSet {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const declaredPings: { readonly ping: PingSpec; readonly spot: Spot }[] = []
  const watches: WatchSpec[] = []
  const tasks: string[] = []
  const hosts = new Map<string, HostOptions>()
  const commands = new Map<string, CommandSpec>()
  /** What may be asked of the watches, on the machine of the hub alone. */
  const watched = new Map<string, CommandSpec>()
  const compiled: { readonly one: CompiledOne; readonly spot: Spot }[] = []
  const take = (one: CompiledOne | readonly Problem[], spot: Spot): boolean => {
    if (isProblems(one)) problems.push(...one)
    else compiled.push({ one, spot })
    return !isProblems(one)
  }

  for (const { declaration, spot } of uniquelyNamed(
    declarationsIn(modules, { problems, warnings }),
    problems,
  )) {
    entering(spot.file)
    const { name, definition } = declaration
    held(spot, problems, () => {
      if (declaration[DECLARATION] === 'rule')
        take(compileRule(name, definition as never, spot, { root, place }), spot)
      else if (declaration[DECLARATION] === 'ping') {
        const ping = compilePing(name, definition as never, spot)
        if (isProblems(ping)) problems.push(...ping)
        else declaredPings.push({ ping, spot })
      } else if (declaration[DECLARATION] === 'task') {
        const task = compileTask(name, definition as never, spot, root)
        if (isProblems(task)) problems.push(...task)
        else if (
          Object.entries(task.rules).every(([of, each]) =>
            take(compileRule(of, each, spot, { root, place }), spot),
          )
        )
          tasks.push(name)
      } else if (declaration[DECLARATION] === 'command') {
        const command = compileCommand(name, definition as never, spot)
        if (isProblems(command)) problems.push(...command)
        else if (take(compileRule(name, commandRule(name, command, root), spot, { root, place }), spot))
          commands.set(name, command)
      } else if (declaration[DECLARATION] === 'host') {
        const parsed = hostShape.safeParse(definition)
        if (parsed.success) hosts.set(name, definition as HostOptions)
        else problems.push(...problemsOf(spot, parsed.error, hostShape))
      } else {
        const watch = compileWatch(name, definition as never, spot)
        if (isProblems(watch)) problems.push(...watch)
        else if (take(compileRule(name, watch.rule, spot, { root, place }), spot)) {
          watches.push(watch.spec)
          watched.set(name, { target: declaration, allow: ['kill', 'list'], users: [] })
        }
      }
    })
  }

  const pingsByName = new Map(declaredPings.map(({ ping }) => [ping.name, ping]))
  const pings = declaredPings.flatMap(({ ping, spot }) => {
    const sentence = dependenceProblem(ping, pingsByName)
    if (sentence === undefined) return [ping]
    problems.push(problem(spot, sentence))
    return []
  })
  const named = new Map([...hostsOf([...pings, ...watches]), ...hosts])
  for (const [name, options] of named) {
    const rule = hostRule({ ...options, name, ...probesOf(name, pings, watches) }, root)
    take(compileRule(hostRuleName(name), rule, OWN, { root, place }), OWN)
  }
  if (commands.size + watched.size > 0) {
    const rules = [watchRule(watched, root), refusalRule(new Map([...watched, ...commands]), root)]
    for (const { name, definition } of rules) take(compileRule(name, definition, OWN, { root, place }), OWN)
  }

  const names = new Set(pings.map(({ name }) => name))
  const sound = compiled.filter(({ one, spot }) => {
    entering(spot.file)
    const before = problems.length
    held(spot, problems, () => {
      problems.push(...unknownPings(one, names, spot), ...checkExamples(one.rule, spot, root))
    })
    return problems.length === before
  })
  return ruleSet(
    root,
    sound.map(({ one }) => one.rule),
    {
      pings,
      watches: watches.filter(({ name }) => sound.some(({ one }) => one.rule.name === name)),
      hosts: [...named.keys()],
      tasks,
      commands: [...commands.keys()].filter((name) => sound.some(({ one }) => one.rule.name === name)),
      expectations: sound.flatMap(({ one }) => (one.rule.enabled ? one.expectations : [])),
      schedules: sound.flatMap(({ one }) => (one.rule.enabled ? one.schedules : [])),
      problems,
      warnings: [...warnings, ...sound.flatMap(({ one }) => one.warnings)],
    },
  )
}

/** The hosts that probes name. Whoever does not export a host takes it as it is. */
const hostsOf = (probes: readonly { readonly host?: string }[]): [string, HostOptions][] =>
  probes.flatMap(({ host }) => (host === undefined ? [] : [[host, {}]]))

const probesOf = (host: string, pings: readonly PingSpec[], watches: readonly WatchSpec[]) => {
  const namesOf = (probes: readonly (PingSpec | WatchSpec)[]): ReadonlySet<string> =>
    new Set(probes.filter((probe) => probe.host === host).map(({ name }) => name))
  return { pings: namesOf(pings), watches: namesOf(watches) }
}

/** Where the hub's own rules stand. */
const OWN: Spot = { file: 'vigie', line: 'vigie', title: 'a rule of the hub' }

interface Found {
  readonly declaration: Declaration
  readonly spot: Spot
}

/**
 * What a file exports is code of the user, down to its getters: whatever reading it throws is a problem of
 * that file.
 */
function held(spot: Pick<Spot, 'file'> & Partial<Spot>, problems: Problem[], read: () => void): void {
  try {
    read()
  } catch (thrown) {
    const { file, line = file, title } = spot
    const whose = title === undefined ? '' : ` ${title}:`
    problems.push({
      file,
      message: `${line}:${whose} it cannot be read: ${printable(messageOf(thrown), 500)}`,
    })
  }
}

function declarationsIn(modules: readonly RuleModule[], said: Said): Found[] {
  const seen = new Set<unknown>()
  const all: Found[] = []
  for (const module of modules)
    held(module, said.problems, () => void all.push(...declarationsOf(module, seen, said)))
  return all
}

/** What is said of a folder while it is compiled. */
interface Said {
  readonly problems: Problem[]
  readonly warnings: Problem[]
}

/** The default export (one, or an array of them), and every named export that is a declaration. */
function declarationsOf(module: RuleModule, seen: Set<unknown>, { problems, warnings }: Said): Found[] {
  const { file, part = 'rules' } = module
  const { listed, odd, named } = exportsOf(module)
  const found = [...listed, ...named].filter(isDeclaration).filter((each) => {
    const isNew = !seen.has(each)
    seen.add(each)
    return isNew
  })
  if (part !== 'helper') {
    const told = odd.map((each) => oddSentence(file, each))
    if (part === 'rules') problems.push(...told)
    else warnings.push(...told)
  }
  if (part === 'rules' && found.length === 0 && odd.length === 0) {
    // What exports something else is a helper that nobody imports at the moment.
    if (named.length === 0) problems.push(noRuleSentence(file))
    else warnings.push(noRuleSentence(file))
  }
  return found.map((declaration) => ({ declaration, spot: spotOf(file, declaration) }))
}

function exportsOf({ exports: { default: main, ...named } }: RuleModule) {
  const listed = Array.isArray(main) ? (main as unknown[]) : main === undefined ? [] : [main]
  return { listed, odd: listed.filter((each) => !isDeclaration(each)), named: Object.values(named) }
}

const oddSentence = (file: string, odd: unknown): Problem => ({
  file,
  message:
    `${file}: the default export holds ${kindOf(odd)}; ` +
    'expected a rule, a ping, a watch, a host, a task, a command, or an array of them',
})

const noRuleSentence = (file: string): Problem => ({
  file,
  message:
    `${file}: it exports no rule; write export default rule('name', { … }), ` +
    'or move what is only for other files into a subfolder such as lib/',
})

function uniquelyNamed(found: readonly Found[], problems: Problem[]): Found[] {
  const owners = new Map<string, Spot>()
  return found.filter(({ declaration, spot }) => {
    const { name } = declaration
    if (typeof name !== 'string' || !DECLARED_NAME.test(name)) {
      problems.push(problem(spot, NAME_SENTENCE))
      return false
    }
    const ids = namesTaken(declaration)
    const owner = ids.map((id) => owners.get(id)).find((each) => each !== undefined)
    if (owner)
      problems.push(problem(spot, `the name is taken by ${owner.title} in ${owner.line}; give it another`))
    else for (const id of ids) owners.set(id, spot)
    return owner === undefined
  })
}

/** Rules, watches and tasks share the names of runs; pings and hosts have their own. */
function namesTaken({ name, [DECLARATION]: kind }: Declaration): readonly string[] {
  if (kind === 'ping' || kind === 'host') return [`${kind} ${name}`]
  return kind === 'task' ? [`rule ${name}`, `rule ${taskDoName(name)}`] : [`rule ${name}`]
}

const unknownPings = ({ pings }: CompiledOne, names: ReadonlySet<string>, spot: Spot): Problem[] =>
  pings
    .filter((name) => !names.has(name))
    .map((name) => {
      const meant = nearMiss(name, names)
      const hint =
        meant === undefined ? `declare one: ping('${name}', { host: … })` : `did you mean '${meant}'?`
      return problem(spot, `on: there is no ping named ${JSON.stringify(name)}; ${hint}`)
    })

const isProblems = (value: object): value is readonly Problem[] => Array.isArray(value)

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object'
    ? 'an object that none of rule(…), ping(…), watch(…), host(…), task(…) and command(…) made'
    : `a ${typeof value}`
}
