// `vigie token`: who may ask the hub over HTTP with a token. A hub that runs notices the change by itself.

import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { readUsers } from '../../access/change-users.ts'
import {
  changeTokens,
  hashOfToken,
  newToken,
  readTokens,
  tokenNameProblem,
  type TokenRecord,
  tokensFileOf,
} from '../../access/tokens-file.ts'
import { localTime } from '../../base/local-time.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { printable } from '../../base/printable.ts'
import { type Scope, SCOPES } from '../../model/access.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { configOption, jsonOption, readLength } from '../frame/options.ts'
import { loadSettings } from '../frame/settings.ts'
import { aligned } from '../show/columns.ts'

const VERBS = ['add', 'rm', 'list']

export const token: Command = {
  argument: ([verb]) => (verb === 'rm' ? 'token' : undefined),
  options: [
    new Option(
      '--scope <scope>',
      `with add: ${SCOPES.join(', ')}; may be given more than once (default: read)`,
    )
      .default([])
      .argParser(readScopes),
    new Option('--expires <length>', 'with add: how long it is good for: 90d (default: until it is removed)'),
    new Option('--user <name>', 'with add: the user whose permissions hold for whoever has the token'),
    new Option('--file <file>', 'the tokens file (default: tokens.json beside the users file)'),
    jsonOption(),
    configOption(),
  ],
  help: `"add" prints the token, once: only its hash is kept. A hub takes it as "Authorization: Bearer TOKEN".
Scopes: "read" looks, "publish" publishes messages, "write" changes things in the hub and gives commands.
Without --user the scopes alone decide; with it, the permissions of that user hold as well.
Examples:
  vigie token add laptop --scope read --scope write
  vigie token add doorbell --scope publish --user doorbell --expires 90d
  VIGIE_TOKEN=… vigie history --hub http://nas:7883`,
  async run({ args, options, terminal }) {
    const [verb = '', name = ''] = args
    if (!VERBS.includes(verb))
      throw new UserError(`"vigie token" knows ${VERBS.join(', ')}, not ${JSON.stringify(verb)}.`)
    const { users } = await loadSettings(options, terminal.cwd)
    const file = typeof options.file === 'string' ? resolve(terminal.cwd, options.file) : tokensFileOf(users)
    if (verb === 'list') list(file, options.json === true, terminal)
    else if (verb === 'rm') remove(name, file, terminal)
    else add(name, file, recordFrom(options, users, terminal.now()), options.json === true, terminal)
    return EXIT.ok
  },
}

function readScopes(text: string, before: readonly Scope[]): readonly Scope[] {
  const scopes = text.split(',').map((each) => {
    const scope = SCOPES.find((known) => known === each.trim())
    if (scope === undefined) throw new InvalidArgumentError(`It must be ${SCOPES.join(', ')}.`)
    return scope
  })
  return [...new Set([...before, ...scopes])]
}

/** All but the hash. */
function recordFrom(
  { scope, expires, user }: Readonly<Record<string, unknown>>,
  usersFile: string,
  now: number,
): Omit<TokenRecord, 'sha256'> {
  if (typeof user === 'string') requireUser(user, usersFile)
  const scopes = scope as readonly Scope[]
  return {
    scopes: scopes.length === 0 ? ['read'] : [...scopes],
    ...(typeof user === 'string' && { user }),
    createdAt: new Date(now).toISOString(),
    ...(expires !== undefined && {
      expiresAt: new Date(now + readLength('--expires', expires)).toISOString(),
    }),
  }
}

function requireUser(user: string, usersFile: string): void {
  const known = Object.keys(readUsers(usersFile).users)
  if (known.includes(user)) return
  const meant = nearMiss(user, known)
  const hint = meant === undefined ? `"vigie user add ${user}" adds one` : `did you mean "${meant}"?`
  throw new UserError(`There is no user "${printable(user)}" in ${usersFile}; ${hint}`)
}

function add(
  name: string,
  file: string,
  record: Omit<TokenRecord, 'sha256'>,
  json: boolean,
  { out, error, isTty }: Terminal,
): void {
  const problem = tokenNameProblem(name)
  if (problem !== undefined) throw new UserError(problem)
  const text = newToken()
  changeTokens(file, ({ tokens }) => {
    if (Object.hasOwn(tokens, name))
      throw new UserError(`The token "${name}" exists already; remove it first: vigie token rm ${name}`)
    return { tokens: { ...tokens, [name]: { sha256: hashOfToken(text).toString('base64'), ...record } } }
  })
  out(json ? `${JSON.stringify({ name, token: text, ...record })}\n` : `${text}\n`)
  if (isTty && !json) error('This is the only time that it is shown. A running hub notices it by itself.\n')
}

function remove(name: string, file: string, { out }: Terminal): void {
  changeTokens(file, ({ tokens }) => {
    if (!Object.hasOwn(tokens, name)) {
      const meant = nearMiss(name, Object.keys(tokens))
      const hint = meant === undefined ? '"vigie token list" lists them' : `did you mean "${meant}"?`
      throw new UserError(`There is no token "${printable(name)}" in ${file}; ${hint}`)
    }
    const { [name]: _, ...others } = tokens
    return { tokens: others }
  })
  out(`Removed the token "${name}" from ${file}. A running hub notices the change by itself.\n`)
}

function list(file: string, json: boolean, { out, error, isTty, now }: Terminal): void {
  const tokens = Object.entries(readTokens(file).tokens)
  if (json) for (const [name, { sha256: _, ...rest }] of tokens) out(`${JSON.stringify({ name, ...rest })}\n`)
  else
    for (const cells of aligned(tokens.map(([name, record]) => cellsOf(name, record, now()))))
      out(`${cells.join('  ').trimEnd()}\n`)
  if (tokens.length === 0 && isTty) error(`There is no token in ${file}.\n`)
}

function cellsOf(name: string, { scopes, user, createdAt, expiresAt }: TokenRecord, now: number): string[] {
  const ends = expiresAt === undefined ? undefined : Date.parse(expiresAt)
  const says =
    ends === undefined ? '' : ends <= now ? `expired ${localTime(ends)}` : `until ${localTime(ends)}`
  return [
    name,
    scopes.join(','),
    user === undefined ? '-' : printable(user),
    `since ${localTime(Date.parse(createdAt))}`,
    says,
  ]
}
