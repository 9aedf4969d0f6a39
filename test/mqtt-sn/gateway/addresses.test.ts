import { expect, it } from 'vitest'
import { AddressTable } from '../../../src/mqtt-sn/gateway/addresses.ts'

it('has the stranger go that was silent for longest, and nobody who is no stranger', () => {
  const evicted: string[] = []
  const table = new AddressTable<string>(3, (client) => evicted.push(client))
  for (const name of ['a', 'b', 'c']) expect(table.add(name, name)).toBe(true)
  table.prove('a')
  table.get('b') // was heard
  expect(table.add('d', 'd')).toBe(true)
  expect(evicted).toEqual(['c'])
  table.prove('b')
  table.prove('d')
  table.prove('nobody')
  expect([table.add('e', 'e'), table.size, [...table.values()]]).toEqual([false, 3, ['a', 'b', 'd']])
  table.delete('a', 'somebody else')
  expect(table.get('a')).toBe('a')
  table.delete('a', 'a')
  expect([table.get('a'), table.add('e', 'e'), table.size]).toEqual([undefined, true, 3])
})
