import { expect, test } from 'vitest'
import { Raising } from '../../../src/engine/alerts/raising.ts'

test('an alert may be open as long as a command that raises it has not been taken', async () => {
  let cursor = 3
  const raising = new Raising({ isOpen: (key) => key === 'open', cursor: () => cursor, lastBefore: 4 })
  expect(raising.mayBeOpen('any')).toBe(true)
  cursor = 4
  expect([raising.mayBeOpen('any'), raising.mayBeOpen('open')]).toEqual([false, true])
  const command = Promise.withResolvers<number>()
  raising.raising('door', command.promise)
  cursor = 9
  expect(raising.mayBeOpen('door')).toBe(true)
  command.resolve(10)
  await command.promise
  await Promise.resolve()
  expect(raising.mayBeOpen('door')).toBe(true)
  cursor = 10
  expect(raising.mayBeOpen('door')).toBe(false)
  raising.raising('lost', Promise.reject(new Error('refused')))
  expect(raising.mayBeOpen('lost')).toBe(true)
})

test('a command stays on its way when an earlier one for the same alert is committed', async () => {
  const raising = new Raising({ isOpen: () => false, cursor: () => 20, lastBefore: 4 })
  raising.raising('door', Promise.resolve(10))
  const last = Promise.withResolvers<number>()
  raising.raising('door', last.promise)
  await Promise.resolve()
  await Promise.resolve()
  expect(raising.mayBeOpen('door')).toBe(true)
  last.resolve(11)
  await last.promise
  await Promise.resolve()
  expect(raising.mayBeOpen('door')).toBe(false)
})
