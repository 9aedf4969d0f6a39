import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BlackBoxWriter, openBlackBox } from '../../../src/engine/contain/black-box.ts'
import { temporaryFolder } from '../../journal/fixtures.ts'

test('the black box tells whose code ran last, and nothing when it is not kept', () => {
  const folder = temporaryFolder()
  const box = openBlackBox(folder)
  expect(readdirSync(folder)).toEqual([])
  expect(box.read()).toBeUndefined()
  const writer = new BlackBoxWriter(box.fd)
  expect(box.read()).toBeNull()
  writer.enter({ kind: 'rule', name: 'a rather long name – of a rule' })
  writer.enter({ kind: 'file', name: 'rules/a.ts' })
  expect(box.read()).toEqual({ kind: 'file', name: 'rules/a.ts' })
  writer.leave()
  expect(box.read()).toBeNull()
  writer.enter({ kind: 'rule', name: 'b' })
  writer.stop()
  expect(box.read()).toBeUndefined()
  writer.enter({ kind: 'rule', name: 'c' })
  expect(box.read()).toBeUndefined()
  box.close()
})
