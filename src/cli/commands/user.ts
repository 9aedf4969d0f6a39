// `vigie user`: who may log in. A hub that runs notices the change by itself.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { changeUsers, readUsers } from '../../access/change-users.ts'
import { parseMosquittoAcl } from '../../access/mosquitto-acl.ts'
import { parseMosquittoPasswords } from '../../access/mosquitto-passwords.ts'
import { hashPassword, takeOverHash } from '../../access/passwords.ts'
import { type UserRecord, type UsersFile, userNameProblem } from '../../access/users-file.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { configOption, jsonOption } from '../frame/options.ts'
import { readPassword } from '../frame/secret.ts'
import { loadSettings } from '../frame/settings.ts'

const VERBS = ['add', 'rm', 'passwd', 'list', 'import']

export const user: Command = {
  argument: ([verb]) =>
    verb === undefined || verb === 'add' ? undefined : verb === 'import' ? 'file' : 'user',
  options: [
    new Option('--file <file>', 'the users file (default: that of the configuration, ./users.json)'),
    new Option('--no-scram', 'keep only the scrypt hash: the user cannot log in by SCRAM-SHA-256'),
    new Option('--acl <file>', 'with import: also import the permissions of this Mosquitto ACL file'),
    jsonOption(),
    configOption(),
  ],
  help: `The command asks for the password, or reads it from the first line of its input:
vigie user add bob < password.txt
"import" adds the users of a Mosquitto password file: vigie user import /etc/mosquitto/passwd`,
  async run({ args, options, terminal }) {
    const [verb = '', name = ''] = args
    if (!VERBS.includes(verb)) {
      throw new UserError(`"vigie user" knows ${VERBS.join(', ')}, not ${JSON.stringify(verb)}.`)
    }
    const file =
      typeof options.file === 'string'
        ? resolve(terminal.cwd, options.file)
        : (await loadSettings(options, terminal.cwd)).users
    if (verb === 'list') list(file, options.json === true, terminal)
    else if (verb === 'import') terminal.out(await takeOver(filesOf(name, options.acl, terminal), file))
    else terminal.out(await change(verb, name, file, options.scram !== false, terminal))
    return EXIT.ok
  },
}

function list(file: string, json: boolean, { out, error, isTty }: Terminal): void {
  const names = Object.keys(readUsers(file).users).toSorted()
  for (const name of names) out(`${json ? JSON.stringify({ user: name }) : printable(name)}\n`)
  if (names.length === 0 && isTty) error(`There is no user in ${file}.\n`)
}

async function change(
  verb: string,
  name: string,
  file: string,
  scram: boolean,
  { input, error }: Terminal,
): Promise<string> {
  const problem = userNameProblem(name)
  if (problem !== undefined) throw new UserError(problem)
  check(readUsers(file), verb, name)
  const password = () => readPassword({ input: input(), prompt: error }, name)
  const record = verb === 'rm' ? undefined : await hashPassword(await password(), scram)
  changeUsers(file, (before) => {
    check(before, verb, name)
    const { [name]: _, ...others } = before.users
    return withUsers(before, record === undefined ? others : { ...before.users, [name]: record })
  })
  return `${DONE[verb]} user "${name}" in ${file}. ${NOTICED}\n`
}

function filesOf(name: string, acl: unknown, { cwd }: Terminal) {
  if (name === '') throw new UserError('Name the password file: vigie user import /etc/mosquitto/passwd')
  return { passwords: resolve(cwd, name), acl: typeof acl === 'string' ? resolve(cwd, acl) : undefined }
}

/** Imports users and permissions. Users and permissions that exist already stay as they are. */
async function takeOver(
  names: { passwords: string; acl: string | undefined },
  file: string,
): Promise<string> {
  const { passwords, acl } = names
  const read = await parseMosquittoPasswords(readText(passwords), passwords)
  const permissions = acl === undefined ? undefined : parseMosquittoAcl(readText(acl), acl)
  const { users: there, permissions: before } = readUsers(file)
  if (permissions && before)
    throw new UserError(`${file} has permissions already; remove them from it to take over those of ${acl}.`)
  const fresh = read.filter(({ name }) => !Object.hasOwn(there, name))
  const records: [string, UserRecord][] = []
  for (const { name, digest, hash } of fresh) records.push([name, await takeOverHash(digest, hash)])
  if (fresh.length > 0 || permissions)
    changeUsers(file, (now) => ({
      // Whoever was added in the meantime stays too.
      ...withUsers(now, { ...Object.fromEntries(records), ...now.users }),
      permissions: now.permissions ?? permissions,
    }))

  const said = [`Imported ${fresh.length} of ${read.length} users from ${passwords} into ${file}.`]
  if (permissions) said.push(`Imported the permissions of ${acl}.`)
  if (fresh.length > 0 || permissions) said.push(NOTICED)
  if (fresh.length > 0)
    said.push(
      'The passwords stay the same. A user needs a new one for SCRAM-SHA-256: "vigie user passwd NAME".',
    )
  const stayed = read.filter((each) => !fresh.includes(each)).map(({ name }) => `"${printable(name)}"`)
  if (stayed.length > 0) said.push(`Not imported, because they exist already: ${stayed.join(', ')}.`)
  return `${said.join('\n')}\n`
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${systemReason(error) ?? messageOf(error)}.`)
  }
}

const withUsers = (before: UsersFile, users: UsersFile['users']): UsersFile => ({
  ...before,
  secret: before.secret ?? randomBytes(32).toString('base64'),
  users,
})

const NOTICED = 'A running hub notices the change by itself.'

const DONE: Readonly<Record<string, string>> = {
  add: 'Added',
  rm: 'Removed',
  passwd: 'Changed the password of',
}

function check({ users }: UsersFile, verb: string, name: string): void {
  const exists = Object.hasOwn(users, name)
  if (verb === 'add' && exists)
    throw new UserError(
      `The user "${name}" exists already; "vigie user passwd ${name}" changes the password.`,
    )
  if (verb === 'add' || exists) return
  const meant = nearMiss(name, Object.keys(users))
  const hint = meant === undefined ? '"vigie user list" lists them' : `did you mean "${meant}"?`
  throw new UserError(`There is no user "${name}"; ${hint}`)
}
