import { expect, it } from 'vitest'
import { nearMiss } from '../../src/base/near-miss.ts'

const keys = ['debounce', 'throttle', 'when', 'payload', 'mqtt']

it.each([
  ['debonce', 'debounce'],
  ['Throttle', 'throttle'],
  ['paylaod', 'payload'],
  ['mqqt', 'mqtt'],
  ['wehn', 'when'],
  ['colour', undefined],
  ['', undefined],
])('takes %j for %j', (word, meant) => {
  expect(nearMiss(word, keys)).toBe(meant)
})
