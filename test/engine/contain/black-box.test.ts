// Covers `src/engine/contain/box-writer.ts`.

import { ftruncateSync, readdirSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openBlackBox } from '../../../src/engine/contain/black-box.ts'
import { BlackBoxWriter } from '../../../src/engine/contain/box-writer.ts'
import { keepBox } from '../../../src/engine/contain/box-keeper.ts'
import type { Looked } from '../../../src/engine/contain/box-keeper.ts'
import { temporaryFolder } from '../../journal/fixtures.ts'

test('the black box tells whose code ran last, and nothing when it is not kept', () => {
  const folder = temporaryFolder()
  const box = openBlackBox(folder)
  expect(readdirSync(folder)).toEqual([])
  expect(box.read()).toBeUndefined()
  const writer = new BlackBoxWriter(box.fd)
  writer.enter(null)
  expect(box.read()).toEqual({ unit: null, item: null })
  writer.turnTo({ kind: 'event', id: 2 ** 40 })
  writer.enter({ kind: 'rule', name: 'a rather long name – of a rule' })
  writer.enter({ kind: 'file', name: 'rules/a.ts' })
  const item = { kind: 'event', id: 2 ** 40 }
  expect(box.read()).toEqual({ unit: { kind: 'file', name: 'rules/a.ts' }, item })
  writer.enter(null)
  expect(box.read()).toEqual({ unit: null, item })
  writer.enter({ kind: 'rule', name: 'b' })
  writer.stop()
  expect(box.read()).toBeUndefined()
  writer.enter({ kind: 'rule', name: 'c' })
  expect(box.read()).toBeUndefined()
  box.close()
})

test.each([
  ['a text', Buffer.from('{"unit":null}')],
  ['a length, and no record', Buffer.from([8, 0, 0, 0, ...Buffer.from('garbage!')])],
  ['another record', Buffer.from([15, 0, 0, 0, ...Buffer.from('{"unit":{"a":1}}')])],
  ['zeros', Buffer.alloc(100)],
])('the black box tells nothing when code of the user has written %s there', (_what, bytes) => {
  const box = openBlackBox(temporaryFolder())
  writeSync(box.fd, bytes, 0, bytes.length, 2 ** 20)
  expect(box.read()).toBeUndefined()
  box.close()
})

test('the black box keeps its record when code of the user writes to its descriptor', () => {
  const box = openBlackBox(temporaryFolder())
  new BlackBoxWriter(box.fd).enter({ kind: 'rule', name: 'r' })
  writeSync(box.fd, 'by accident')
  expect(box.read()).toMatchObject({ unit: { name: 'r' } })
  box.close()
})

test('the black box is read in bounded memory, however large code of the user has made it', () => {
  const box = openBlackBox(temporaryFolder())
  new BlackBoxWriter(box.fd).enter({ kind: 'rule', name: 'r' })
  ftruncateSync(box.fd, 2 ** 42)
  expect(box.read()).toMatchObject({ unit: { name: 'r' } })
  box.close()
})

test('a warden notes what its thread is at for longer than a look, and forgets it when that is over', () => {
  const box = openBlackBox(temporaryFolder())
  const unit = { kind: 'rule', name: 'slow' } as const
  let at: Looked = { progress: '1.1', isBoxed: false, record: { unit, item: null } }
  const keeper = keepBox(box.fd, () => at)
  keeper.look()
  expect(box.read()).toBeUndefined()
  keeper.look()
  expect(box.read()).toEqual({ unit, item: null })
  at = { ...at, progress: '1.2' }
  keeper.look()
  expect(box.read()).toBeUndefined()
  at = { ...at, record: { unit: null, item: null } }
  keeper.look()
  keeper.look()
  expect(box.read()).toBeUndefined()
  box.close()
})
