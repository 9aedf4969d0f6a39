// The rules that commands become. Each command is a rule of its name: it refuses what must not be done, and
// does the rest with the actions that any rule has, and an answer. One rule of the hub's own answers all
// refusals, those of commands that do not exist included; another takes what is asked of watches.
//
// Always: which processes are meant stands in the rule file. A message chooses a verb, a nice value and a dry
// run, never a process.

import { printable } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { show } from '../../base/show.ts'
import type { JsonObject } from '../../model/json.ts'
import { COMMAND_VERBS } from '../../model/command.ts'
import type { CommandAnswer, CommandOrder, CommandVerb } from '../../model/command.ts'
import { topicLevel } from '../../topics/escape.ts'
import { ACTION } from '../authoring/actions/action.ts'
import type { Action, Actions, ActionOptions, Failure, Results } from '../authoring/actions/action.ts'
import { kill } from '../authoring/actions/kill.ts'
import { list } from '../authoring/actions/list.ts'
import { publish } from '../authoring/actions/publish.ts'
import { renice } from '../authoring/actions/renice.ts'
import { reply } from '../authoring/actions/reply.ts'
import { restart } from '../authoring/actions/restart.ts'
import type { CommandOptions } from '../authoring/command.ts'
import type { OnHostOptions } from '../authoring/host.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import { commanded } from '../authoring/triggers/commanded.ts'
import type { AnyContext } from '../context/context.ts'

/** A rule of the hub's own. */
interface OwnRule {
  readonly name: string
  readonly definition: RuleDefinition
}

/** A command as its rule needs it. */
export interface CommandSpec extends Pick<
  CommandOptions,
  'target' | 'on' | 'users' | 'run' | 'grace' | 'ttl'
> {
  readonly allow: readonly CommandVerb[]
}

const TTL = '1m'
const NICE = 10
/** Within which a command with the same correlation data is the same one, delivered again. */
const REPEATED_WITHIN = '1h'

/** The rule of one command. */
export const commandRule = (name: string, spec: CommandSpec, root: string): RuleDefinition => ({
  on: commanded(name),
  refuses: (context) => whyRefused(context, spec, root),
  dedupe: { key: ({ event, params }) => repetition(event, params['verb']!), window: REPEATED_WITHIN },
  do: (context) => carryOut(context, spec, root),
})

/** What `vigie kill` asks of watches. No client may: their watches have no users. */
export const watchRule = (specs: ReadonlyMap<string, CommandSpec>, root: string): OwnRule => ({
  name: '@watches',
  definition: {
    on: commanded(undefined, (name) => specs.has(name)),
    refuses: (context) => whyRefused(context, specs.get(context.params['command']!)!, root),
    do: (context) => carryOut(context, specs.get(context.params['command']!)!, root),
  },
})

/** Answers what no other rule takes. */
export const refusalRule = (specs: ReadonlyMap<string, CommandSpec>, root: string): OwnRule => {
  const reasonOf = (context: AnyContext): string | undefined => {
    const name = context.params['command']!
    const spec = specs.get(name)
    if (spec !== undefined) return whyRefused(context, spec, root)
    return `there is no command ${JSON.stringify(name)}`
  }
  return {
    name: '@refused-commands',
    definition: {
      on: commanded(),
      when: (context) => reasonOf(context) !== undefined,
      do: (context) => answer(context, { ok: false, error: reasonOf(context)! }, root),
    },
  }
}

/** The sentence that the verdict, the log and the answer give; `undefined` when the command is carried out. */
function whyRefused(context: AnyContext, { allow, users }: CommandSpec, root: string): string | undefined {
  const { event, params } = context
  const verb = params['verb']!
  if (event.retain) return 'the command was sent with the retain flag: a command is for now'
  if (event.origin === 'will') return 'a will gives no command'
  if (event.origin === 'bridge') return 'a command over a bridge is not taken'
  if (!isOneOf(COMMAND_VERBS, verb)) return `there is no verb ${JSON.stringify(verb)}`
  if (!allow.includes(verb)) return `${verb} is not allowed; allowed: ${allow.join(', ')}`
  if (event.origin === 'live') {
    const user = userOf(context, root)
    if (user === null) return `the client ${JSON.stringify(event.client)} has no user name`
    if (!users.includes(user)) return `the user ${JSON.stringify(user)} is not among those who may`
  }
  return whyMalformed(orderOf(context))
}

function whyMalformed(order: unknown): string | undefined {
  if (typeof order !== 'object' || order === null || Array.isArray(order))
    return `the payload is to be empty or such as {"dryRun":true}, not ${show(order)}`
  const { dryRun = false, nice = NICE, by = '', ...others } = order as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    return `the payload has the unknown key ${JSON.stringify(printable(unknown, 80))}`
  if (typeof dryRun !== 'boolean') return `dryRun is to be true or false, not ${show(dryRun)}`
  if (typeof by !== 'string') return `by is to be a text, not ${show(by)}`
  if (!Number.isInteger(nice) || (nice as number) < -20 || (nice as number) > 19)
    return `nice is to be a whole number from -20 to 19, not ${show(nice)}`
  return undefined
}

function carryOut(context: AnyContext, spec: CommandSpec, root: string): Actions {
  const { dryRun = false, nice = NICE } = orderOf(context) as CommandOrder
  const verb = context.params['verb'] as CommandVerb
  const { target, on, run = [], grace = '10s' } = spec
  const options: ActionOptions & OnHostOptions = {
    ...(on && { on }),
    onFailure: [
      (_results: Results, failure?: Failure) =>
        answer(context, { ...failure?.result, ok: false, error: failure?.reason ?? 'it failed' }, root),
    ],
  }
  const acts: Readonly<Record<CommandVerb, () => Action>> = {
    kill: () => kill(target, { ...options, grace, dryRun }),
    list: () => list(target, options),
    renice: () => renice(target, nice, { ...options, dryRun }),
    restart: () => restart(run, { ...options, stop: target, grace, dryRun }),
  }
  return [
    untilExpired(acts[verb](), context, spec),
    ([result]: Results) => answer(context, { ...result, ok: true }, root),
  ]
}

/** The same action, which no attempt begins once the command has expired. */
function untilExpired(action: Action, { event }: AnyContext, { ttl = TTL }: CommandSpec): Action {
  const body = action[ACTION]
  if (body.kind !== 'spec') return action
  const ownMs = event.messageExpiryInterval === undefined ? Infinity : event.messageExpiryInterval * 1_000
  const notAfter = event.at + Math.min(parseDuration(ttl), ownMs)
  return { ...action, [ACTION]: { ...body, spec: { ...body.spec, notAfter } as typeof body.spec } }
}

/** To the response topic (MQTT 5), or to the topic of results. */
function answer(context: AnyContext, said: JsonObject & Pick<CommandAnswer, 'ok'>, root: string): Action {
  const { event, params } = context
  const order = orderOf(context) as Readonly<Record<string, unknown>> | null
  const full: CommandAnswer = {
    ...said,
    command: params['command']!,
    verb: params['verb']!,
    dryRun: order?.['dryRun'] === true,
    client: event.client,
    user: event.origin === 'live' ? userOf(context, root) : null,
  }
  if (event.responseTopic !== undefined) return reply(full)
  return publish(`${root}/commands/${topicLevel(params['command']!)}/result`, full)
}

/** The payload; an empty one orders nothing more. */
function orderOf({ event, payload }: AnyContext): unknown {
  return event.payload.length === 0 ? {} : payload
}

/**
 * The user of the client that gave the command, as the hub itself has said when the client connected: before
 * the command, so that it is the newest word.
 */
function userOf({ event, last }: AnyContext, root: string): string | null {
  const presence = last(`${root}/clients/${topicLevel(event.client ?? '')}`)?.payload
  const { user } = (presence ?? {}) as { readonly user?: unknown }
  return typeof user === 'string' ? user : null
}

/** Commands with the same correlation data of one client are one; each other command is one of its own. */
function repetition(
  { id, client, correlationData }: Pick<AnyContext['event'], 'id' | 'client' | 'correlationData'>,
  verb: string,
): string {
  if (correlationData === undefined || correlationData.length === 0) return String(id)
  return `${verb} ${client} ${Buffer.from(correlationData).toString('base64')}`
}

const isOneOf = <T extends string>(all: readonly T[], one: string): one is T =>
  (all as readonly string[]).includes(one)
