// Covers `src/model/access.ts`, `src/access/tokens.ts`, `src/access/tokens-file.ts`,
// `src/access/replace-file.ts`.

import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  changeTokens,
  hashOfToken,
  newToken,
  readTokens,
  tokenNameProblem,
  type TokenRecord,
} from '../../src/access/tokens-file.ts'
import { Tokens } from '../../src/access/tokens.ts'
import type { Clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Pass } from '../../src/model/access.ts'
import { temporaryFolder } from '../support/hub.ts'

const CREATED = '2026-11-30T10:00:00.000Z'
const BOB: Pass = { user: 'bob', rights: null, proof: 'p', realm: '' }

let file: string
let now: number
/** How long attempts were made to wait. */
let waits: number[]
let logged: string[]

beforeEach(() => {
  file = join(temporaryFolder(), 'tokens.json')
  now = Date.parse('2026-11-30T12:00:00Z')
  waits = []
  logged = []
})

const clock: Clock = {
  now: () => now,
  steady: () => now,
  awake: () => now,
  after(delayMs, callback) {
    waits.push(delayMs)
    setImmediate(() => {
      now += delayMs
      callback()
    })
    return () => {}
  },
}

function add(name: string, record: Partial<TokenRecord> = {}): string {
  const token = newToken()
  const sha256 = hashOfToken(token).toString('base64')
  changeTokens(file, ({ tokens }) => ({
    tokens: { ...tokens, [name]: { sha256, scopes: ['read'], createdAt: CREATED, ...record } },
  }))
  return token
}

function open(passOf: (user: string) => Pass | null = () => null): Tokens {
  const say = (line: unknown): void => void logged.push(String(line))
  const tokens = new Tokens({ file, clock, log: { ...silentLog, info: say, warn: say, error: say }, passOf })
  onTestFinished(() => tokens.stop())
  return tokens
}

const caller = (address = '10.0.0.7') => ({
  clientId: '',
  address,
  certificateName: undefined,
  isWaiting: () => true,
})

describe('a token', () => {
  it('has 256 random bits behind a prefix by which it is known, and its file holds the hash alone', () => {
    const token = add('laptop')
    expect(token).toMatch(/^vigie_[\w-]{43}$/)
    expect(newToken()).not.toBe(token)
    expect(readFileSync(file, 'utf8')).not.toContain(token.slice('vigie_'.length))
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('lets in with its scopes, and with the permissions of its user', async () => {
    const [plain, bobs] = [add('plain'), add('bobs', { user: 'bob', scopes: ['publish', 'write'] })]
    const tokens = open((user) => (user === 'bob' ? BOB : null))
    expect(await tokens.admit(plain, caller())).toMatchObject({
      kind: 'admitted',
      name: 'plain',
      pass: { user: null, rights: null },
    })
    const admitted = await tokens.admit(bobs, caller())
    expect(admitted).toMatchObject({ name: 'bobs', pass: BOB, scopes: new Set(['publish', 'write']) })
  })

  it('lets nobody in when it has expired, or its user is gone', async () => {
    const short = add('short', { expiresAt: '2026-11-30T12:00:01.000Z' })
    const lost = add('lost', { user: 'bob' })
    const tokens = open()
    expect((await tokens.admit(short, caller())).kind).toBe('admitted')
    now += 1_000
    expect(await tokens.admit(short, caller())).toMatchObject({ kind: 'refused', refusal: 'credentials' })
    expect(await tokens.admit(lost, caller())).toMatchObject({ kind: 'refused', refusal: 'credentials' })
  })

  it('that is wrong is answered later each time, and a right one never', async () => {
    const right = add('right')
    const tokens = open()
    for (let guess = 0; guess < 13; guess++)
      expect(await tokens.admit(newToken(), caller())).toMatchObject({ kind: 'refused' })
    expect(waits).toEqual([250, 500, 1_000])
    expect((await tokens.admit(right, caller())).kind).toBe('admitted')
    expect((await tokens.admit(newToken(), caller('10.0.0.8'))).kind).toBe('refused')
    expect(waits).toHaveLength(3)
  })

  it('has a name that can stand in a sentence and a table', () => {
    for (const name of ['laptop', 'build-server.2', 'Küche']) expect(tokenNameProblem(name)).toBeUndefined()
    for (const name of ['', '-x', 'a b', 'a\n', 'x'.repeat(65)])
      expect(tokenNameProblem(name)).toContain('The name of a token has')
  })
})

describe('the tokens file', () => {
  it('is read again while the hub runs', async () => {
    const tokens = open()
    expect(tokens.count).toBe(0)
    const token = add('late')
    tokens.reload()
    expect((await tokens.admit(token, caller())).kind).toBe('admitted')
    changeTokens(file, () => ({ tokens: {} }))
    tokens.reload()
    expect((await tokens.admit(token, caller())).kind).toBe('refused')
  })

  it('changes nothing when it is broken or gone, and says so', async () => {
    const token = add('laptop')
    const tokens = open()
    writeFileSync(file, '{"tokens": {"laptop": {}}}')
    tokens.reload()
    expect(logged.join('\n')).toContain('tokens.laptop.sha256')
    rmSync(file)
    tokens.reload()
    expect(logged.join('\n')).toContain(`${file} is gone. The previous tokens stay in force.`)
    expect((await tokens.admit(token, caller())).kind).toBe('admitted')
  })

  it('is said to be readable by others', () => {
    add('laptop')
    chmodSync(file, 0o644)
    open().reload()
    expect(logged.join('\n')).toContain(`chmod 600 ${file}`)
  })

  it('that is no JSON, or is not one of tokens, is refused with its place', () => {
    writeFileSync(file, '{')
    expect(() => readTokens(file)).toThrow(`${file} is not JSON`)
    writeFileSync(file, '{"tokns": {}}')
    expect(() => readTokens(file)).toThrow('tokns')
  })
})
