import { expect, it } from 'vitest'
import { NameNumbers, Names } from '../../../src/journal/database/names.ts'
import { openBench, openRaw } from '../fixtures.ts'

it('gives a name one number for ever, which readers translate back', () => {
  const db = openRaw(openBench().dataDir)
  const readers = new Names(db, 'topics')
  expect([readers.number('a'), readers.name(1)]).toEqual([undefined, ''])
  const topics = new NameNumbers(db, 'topics')
  const [a, b] = [topics.of('a'), topics.of('b')]
  expect(a).not.toBe(b)
  expect([topics.of('a'), new NameNumbers(db, 'topics').of('b')]).toEqual([a, b])
  expect([readers.number('a'), readers.number('b'), readers.name(b)]).toEqual([a, b, 'b'])
})

it('adds a client with its newest event', () => {
  const db = openRaw(openBench().dataDir)
  const id = new NameNumbers(db, 'clients').of('c', 7)
  expect(db.prepare('SELECT name, last_event FROM clients WHERE id = ?').get(id)).toEqual({
    name: 'c',
    last_event: 7,
  })
})

it('adds a name anew once its row is gone, by pruning or by a rollback', () => {
  const db = openRaw(openBench().dataDir)
  const topics = new NameNumbers(db, 'topics')
  const first = topics.of('a')
  db.exec('DELETE FROM topics')
  topics.drop('a')
  const second = topics.of('a')
  db.exec('DELETE FROM topics')
  topics.clear()
  const third = topics.of('a')
  expect(new Set([first, second, third]).size).toBe(3)
  expect(db.prepare('SELECT id FROM topics').pluck().all()).toEqual([third])
})
