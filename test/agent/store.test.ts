import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { AgentStore } from '../../src/agent/store.ts'
import { temporaryFolder } from '../support/hub.ts'

function open(dir = temporaryFolder(), most?: number): AgentStore {
  const store = AgentStore.open(dir, most === undefined ? {} : { most })
  onTestFinished(() => store.close())
  return store
}

function drained(store: AgentStore): unknown[] {
  const all = []
  for (let next = store.next(); next; next = store.next()) {
    all.push([next.n, next.topic, next.payload])
    store.said(next.n)
  }
  return all
}

it('keeps messages in order until they are said, and never gives a number twice', () => {
  const dir = temporaryFolder()
  const first = AgentStore.open(dir)
  expect([first.say('ping/a', 1, true), first.say('ping/b', { x: 2 }, true)]).toEqual([1, 2])
  first.said(2)
  first.close()
  const second = open(dir)
  expect(second.id).toBe(first.id)
  second.say('ping/c', null, false)
  expect(drained(second)).toEqual([
    [1, 'ping/a', 1],
    [3, 'ping/c', null],
  ])
  expect(second.say('ping/d', 4, false)).toBe(4)
})

it('remembers states and other keys, until they are forgotten', () => {
  const store = open()
  store.say('ping/a', { state: 'up' }, true)
  store.say('ping/a', { state: 'down' }, true)
  store.keep('watch w', { holds: [] })
  expect(store.kept('state ping/a')).toEqual({ state: 'down' })
  expect(store.keysUnder('state ')).toEqual(['state ping/a'])
  store.keep('watch w', null)
  expect(store.kept('watch w')).toBeUndefined()
})

it('is bounded: plots of latencies go first, then what is oldest, and the loss is counted', () => {
  const store = open(temporaryFolder(), 3)
  for (const topic of ['ping/a', 'ping/a/minute', 'ping/b', 'ping/c', 'ping/d']) store.say(topic, 0, false)
  expect(store.lost).toBe(2)
  expect(drained(store)).toEqual([
    [3, 'ping/b', 0],
    [4, 'ping/c', 0],
    [5, 'ping/d', 0],
  ])
})

it('is held by one agent at a time', () => {
  const dir = temporaryFolder()
  open(dir)
  expect(() => AgentStore.open(dir)).toThrow(/another agent uses it; give each its own with --data/)
})

it('says why a folder cannot be used', () => {
  expect(() => AgentStore.open(join('/dev/null', 'x'))).toThrow(/The data folder .* cannot be used/)
})
