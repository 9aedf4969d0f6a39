import { pbkdf2Sync } from 'node:crypto'
import { expect, it } from 'vitest'
import { keysFrom, prepared, readClientFirst, serverFinal, serverFirst } from '../../src/access/scram.ts'

// The conversation of RFC 7677, section 3.
const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ=='
const OWN_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const CLIENT_FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO'
const SERVER_FIRST = `r=rOprNGfwEbeRWgbNEkqO${OWN_NONCE},s=${SALT},i=4096`
const CLIENT_FINAL = `c=biws,r=rOprNGfwEbeRWgbNEkqO${OWN_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

const keys = {
  iterations: 4_096,
  salt: SALT,
  ...keysFrom(pbkdf2Sync('pencil', Buffer.from(SALT, 'base64'), 4_096, 32, 'sha256')),
}

it('holds the conversation of RFC 7677', () => {
  const first = readClientFirst(CLIENT_FIRST)!
  expect(first.user).toBe('user')
  expect(serverFirst(first, OWN_NONCE, keys)).toBe(SERVER_FIRST)
  expect(serverFinal(first, SERVER_FIRST, CLIENT_FINAL, keys)).toBe(SERVER_FINAL)
})

it.each([
  ['another proof', CLIENT_FINAL.replace('dHzb', 'dHzc')],
  ['a shorter proof', CLIENT_FINAL.replace(/p=.*/, 'p=AAAA')],
  ['another nonce', CLIENT_FINAL.replace('rOpr', 'rOps')],
  ["the client's nonce alone", CLIENT_FINAL.replace(OWN_NONCE, '')],
  ['another channel binding', CLIENT_FINAL.replace('biws', 'eSws')],
  ['rubbish', 'x'],
])('refuses %s', (_, final) => {
  expect(serverFinal(readClientFirst(CLIENT_FIRST)!, SERVER_FIRST, final, keys)).toBeUndefined()
})

it('refuses a first message that is bound to a channel, acts for another user, or is malformed', () => {
  expect(readClientFirst('p=tls-unique,,n=user,r=abc')).toBeUndefined()
  expect(readClientFirst('n,a=root,n=user,r=abc')).toBeUndefined()
  expect(readClientFirst('n,,n=us=er,r=abc')).toBeUndefined()
  expect(readClientFirst('n,,n=user,r=')).toBeUndefined()
  expect(readClientFirst('n=user,r=abc')).toBeUndefined()
})

it('reads names with commas and equals signs', () => {
  expect(readClientFirst('y,,n=a=2Cb=3Dc,r=abc')!.user).toBe('a,b=c')
  expect(readClientFirst('n,a=bob,n=bob,r=abc')!.user).toBe('bob')
})

it('brings passwords into one form', () => {
  expect(prepared('I\u00ADX')).toBe('IX')
  expect(prepared('a\u00A0b')).toBe('a b')
  expect(prepared('\u2168')).toBe('IX')
})
