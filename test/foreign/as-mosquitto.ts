// Stands in for the `mosquitto` program in its own tests: takes its flags and its configuration file, and runs vigie with
// what they ask for. Exit 3, before anything listens, when they ask for something that vigie does not have.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hashPassword } from '../../src/access/passwords.ts'
import type { UsersFile } from '../../src/access/users-file.ts'

const HAS_NOT = 3
/** What the suite's hashes are of, but for one of no letters, with which Mosquitto lets nobody in. */
const PASSWORDS = ['password', 'test']

type Line = readonly [key: string, value: string]

const lines = readLines(process.argv.slice(2))
const port = Number(lines.find(([key]) => key === 'port')?.[1] ?? 1883)
const folder = mkdtempSync(join(tmpdir(), 'vigie-foreign-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** What Mosquitto offers by default, where its tests build on it. */
const limits: Record<string, number | string> = { inflight: 20, receiveMaximum: 20, topicAliases: 10 }
const rules = join(folder, 'rules')
mkdirSync(rules)
const listeners: Record<string, unknown>[] = []
let current: Record<string, unknown> = { type: 'tcp', host: '127.0.0.1', port }
let hasListener = false
let isOpen: boolean | undefined
let usersFile: UsersFile = { users: {} }
let data = join(folder, 'data')
let isKept = false
let keptIn = 'mosquitto.db'

for (const [key, value] of lines) await take(key, value)
listeners.push(current)
if (isKept) data = kept()

// Access holds for all listeners: none of the tests that run here has two kinds of it.
const anonymous = isOpen ?? !process.argv.includes('-c')
writeFileSync(join(folder, 'users.json'), JSON.stringify(usersFile))
const config = {
  data,
  rules,
  // Mosquitto keeps none, and says so in PUBACK when nobody has asked for a message.
  history: { exclude: ['#'] },
  limits,
  users: join(folder, 'users.json'),
  http: { port: 0, mqtt: false },
  listeners: listeners.map((one) => ({ ...one, anonymous: anonymous && !one['userFromCertificate'] })),
}
writeFileSync(join(folder, 'vigie.config.ts'), `export default ${JSON.stringify(config)}\n`)
process.argv.splice(2, Infinity, 'start', '--config', join(folder, 'vigie.config.ts'))
await import('../../src/bin.ts')

async function take(key: string, value: string): Promise<void> {
  switch (key) {
    case 'port':
      hasListener = true
      current['port'] = Number(value)
      return
    case 'log_type':
    case 'sys_interval':
    case 'per_listener_settings':
    case 'max_connections':
    case 'autosave_interval':
      return
    case 'listener':
      if (hasListener) listeners.push(current)
      hasListener = true
      current = { type: 'tcp', host: '127.0.0.1', port: Number(value.split(' ')[0]) }
      return
    case 'allow_anonymous':
      isOpen = value === 'true'
      return
    case 'persistence':
      isKept = value === 'true'
      return
    case 'persistence_file':
      keptIn = value
      return
    case 'max_inflight_messages':
      limits['inflight'] = limits['receiveMaximum'] = Number(value) || 65_535
      return
    case 'max_queued_messages':
      limits['queueMessages'] = Number(value) || 1_000_000
      return
    case 'max_packet_size':
      limits['packetSize'] = `${value}B`
      return
    case 'max_keepalive':
      limits['keepAlive'] = `${value}s`
      return
    case 'cafile':
      current['ca'] = resolve(value)
      return
    case 'certfile':
      Object.assign(current, { type: 'tls', cert: resolve(value) })
      return
    case 'keyfile':
      current['key'] = resolve(value)
      return
    case 'crlfile':
      current['crl'] = resolve(value)
      return
    case 'require_certificate':
      if (value === 'true') current['clientCertificate'] = 'required'
      return
    case 'use_identity_as_username':
      if (value !== 'true') return
      current['userFromCertificate'] = true
      current['clientCertificate'] ??= 'optional'
      return
    case 'password_file':
      usersFile = { ...usersFile, users: await usersOf(value) }
      return
    case 'acl_file':
      usersFile = { ...usersFile, permissions: permissionsOf(value) }
      return
    default:
      process.stderr.write(`vigie has no ${key}.\n`)
      process.exit(HAS_NOT)
  }
}

/** The data of the last start, unless the test has taken away the file that Mosquitto would have left. */
function kept(): string {
  const found = resolve(`${keptIn}.vigie`)
  if (!existsSync(keptIn)) rmSync(found, { recursive: true, force: true })
  writeFileSync(keptIn, '')
  return found
}

function readLines(args: readonly string[]): Line[] {
  const found: Line[] = []
  for (let at = 0; at < args.length; at++) {
    if (args[at] === '-p') found.push(['port', args[++at] ?? ''])
    else if (args[at] === '-c') {
      const text = existsSync(args[at + 1] ?? '') ? readFileSync(args[++at] ?? '', 'utf8') : ''
      for (const line of text.split('\n')) {
        const [key = '', ...rest] = line.trim().split(' ')
        if (key !== '') found.push([key, rest.join(' ').trim()])
      }
    }
  }
  return found
}

/** Lines that are no user are passed over, as in Mosquitto; what is no hash of its kind fits no password. */
async function usersOf(file: string): Promise<UsersFile['users']> {
  const users: UsersFile['users'] = {}
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [name = '', secret = ''] = line.trim().split(':')
    if (name === '') continue
    const password = passwordOf(secret)
    if (password !== undefined) users[name] = await hashPassword(password, false)
  }
  return users
}

function passwordOf(secret: string): string | undefined {
  const [, kind, salt = '', hash] = secret.split('$')
  if (kind !== '6') return undefined
  const bytes = Buffer.from(salt, 'base64')
  return PASSWORDS.find((one) => createHash('sha512').update(one).update(bytes).digest('base64') === hash)
}

/** An ACL file: `topic` lines for everybody without a name, or for the `user` above them; `pattern` lines for all. */
function permissionsOf(file: string): NonNullable<UsersFile['permissions']> {
  const permissions: NonNullable<UsersFile['permissions']> = []
  let who: object = { anonymous: true }
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [key = '', ...words] = line.trim().split(/\s+/)
    if (key === 'user') who = { users: words }
    if (key !== 'topic' && key !== 'pattern') continue
    const access = words.length > 1 ? words.shift() : 'readwrite'
    const topic = words.join(' ')
    const subject = key === 'pattern' ? {} : who
    const both = { publish: [topic], receive: [topic] }
    // In an ACL file every SUBSCRIBE is granted; reading is asked for when a message is on its way.
    if (access === 'deny') permissions.push({ ...subject, deny: both })
    else if (access === 'read') permissions.push({ ...subject, receive: [topic] })
    else if (access === 'write') permissions.push({ ...subject, publish: [topic] })
    else permissions.push({ ...subject, ...both })
  }
  return [...permissions, { subscribe: ['#'] }]
}
