import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { lookup, openLookup } from '../../src/http-client/lookup.ts'

test('a name is looked up once at a time, for all who ask meanwhile', () => {
  const asked: string[] = []
  const answers: ((error: Error | null, address: string, family: number) => void)[] = []
  const told: unknown[] = []
  const once = openLookup((host, _options, callback) => {
    asked.push(host)
    answers.push(callback)
  })
  const tell = (error: unknown, address: unknown): void => void told.push(error ?? address)
  once('nas', {}, tell)
  once('nas', {}, tell)
  once('nas', { family: 6 }, tell)
  once('router', {}, tell)
  expect(asked).toEqual(['nas', 'nas', 'router'])
  answers[0]?.(null, '192.0.2.1', 4)
  expect(told).toEqual(['192.0.2.1', '192.0.2.1'])
  const gone = new Error('ENOTFOUND')
  answers[2]?.(gone, '', 4)
  expect(told.at(-1)).toBe(gone)
  once('nas', {}, tell)
  expect(asked).toHaveLength(4)
})

test('the lookup is that of the system', async () => {
  expect(await promisify(lookup)('127.0.0.1', {})).toBe('127.0.0.1')
})
