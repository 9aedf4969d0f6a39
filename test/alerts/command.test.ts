// Covers `src/model/command-payload.ts`.

import { describe, expect, test } from 'vitest'
import { heardIn } from '../../src/alerts/command.ts'
import { commandEvent } from './house.ts'

const said = (verb: string, payload?: object, more = {}) =>
  heardIn(commandEvent('nas/disk', verb, payload, more), 'vigie')
const live = { origin: 'live', client: 'phone-1' } as const

describe('a command', () => {
  test('raises with defaults', () => {
    expect(said('raise', { title: 'full' })).toEqual({
      command: {
        verb: 'raise',
        key: 'nas/disk',
        raised: {
          title: 'full',
          body: '',
          severity: 'warning',
          labels: {},
          parent: null,
          rule: null,
          pendingMs: 0,
        },
      },
      by: 'the hub',
      step: null,
    })
  })

  test('names who says it', () => {
    expect(said('ack', undefined, live)).toMatchObject({ by: 'client "phone-1"' })
    expect(said('ack', { by: 'anna' }, live)).toMatchObject({ by: 'anna (client "phone-1")' })
    const asAnna = heardIn(commandEvent('nas/disk', 'ack', { by: 'me' }, live), 'vigie', () => 'anna')
    expect(asAnna).toMatchObject({ by: 'me (client "phone-1", user "anna")' })
    expect(said('ack', { by: 'anna' }, { origin: 'http' })).toMatchObject({ by: 'anna' })
    expect(said('raise', { title: 'x', rule: 'door', step: '1.0' })).toMatchObject({
      by: 'rule "door"',
      step: '1.0',
      command: { raised: { rule: 'door' } },
    })
  })

  test('silences the alert of its key, or what it says', () => {
    expect(said('silence', { for: '2h' })).toMatchObject({
      command: { match: { key: 'nas/disk' }, forMs: 7_200_000, comment: '' },
    })
    expect(
      said('silence', { for: '1m', match: { severity: 'info', labels: { room: 'hall' } } }),
    ).toMatchObject({
      command: { match: { severity: ['info'], labels: { room: 'hall' } } },
    })
  })

  test('keeps the beginning of words that have no end', () => {
    const heard = said('raise', { title: 'a'.repeat(1_000), body: 'b'.repeat(100_000) })
    expect(heard).toMatchObject({ command: { raised: { title: `${'a'.repeat(499)}…` } } })
    expect(JSON.stringify(heard).length).toBeLessThan(10_000)
  })

  test.each([
    ['ack', [1], 'its payload is no JSON object'],
    ['silence', {}, 'for is missing'],
    ['silence', { for: '2 hours' }, /^for: "2 hours" is not a duration such as/],
    ['silence', { for: '200000000d' }, 'for: "200000000d" is longer than a hundred years'],
    ['silence', { for: '1h', match: { kye: 'x' } }, 'match.kye means nothing here; did you mean key?'],
    ['silence', { for: '1h', match: { key: 'a/#/b' } }, /^match\.key: /],
    ['raise', {}, 'title is missing'],
    ['raise', { title: 'x', sevrity: 'info' }, 'sevrity means nothing here; did you mean severity?'],
    ['raise', { title: 'x', severity: 'bad' }, /^severity: /],
    ['akc', {}, 'nobody can "akc" an alert (did you mean ack?)'],
  ])('%s %j is refused with a sentence', (verb, payload, sentence) => {
    expect(said(verb, payload)).toMatch(sentence)
  })

  test('is refused when it is retained, when it names no alert, and when it speaks as a rule', () => {
    expect(said('ack', undefined, { retain: true })).toMatch(/^it is a retained message/)
    expect(said('raise', { title: 'x', rule: 'door' }, live)).toMatch(/^rule and step are what rules/)
    expect(heardIn({ ...commandEvent('x', 'ack'), topic: 'vigie/commands/alerts/ack' }, 'vigie')).toMatch(
      /^the topic names no alert/,
    )
  })

  test('is none when it is the answer to one, or on another topic', () => {
    expect(said('ack/result')).toBeNull()
    expect(heardIn({ ...commandEvent('x', 'ack'), topic: 'vigie/alerts/x' }, 'vigie')).toBeNull()
  })
})
