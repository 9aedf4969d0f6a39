import { expect, it } from 'vitest'
import { senderOf } from '../../../src/page/words/sender.ts'

it.each([
  ['lamp', 'live', 'lamp'],
  [null, 'hub', 'the hub'],
  [null, 'http', 'HTTP'],
  [null, 'retained', 'retained'],
])('names the client %j of a message of the origin %s as %s', (client, origin, words) => {
  expect(senderOf({ client, origin })).toBe(words)
})
