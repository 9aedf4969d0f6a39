// Covers `src/channels/open.ts`, `src/channels/request-settings.ts`, `src/channels.ts`,
// `src/model/channel.ts`.

import { expect, it } from 'vitest'
import { ntfy } from '../../src/channels/ntfy.ts'
import { openChannels } from '../../src/channels/open.ts'
import { isChannelSpec } from '../../src/model/channel.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'

it('returns plain data, which names its secrets', () => {
  const spec = ntfy({ topic: ['home-', secret('SUFFIX')], auth: { user: 'me', password: secret('WORD') } })
  expect(JSON.parse(JSON.stringify(spec))).toEqual({
    kind: 'ntfy',
    settings: {
      topic: ['home-', { secret: 'SUFFIX' }],
      server: 'https://ntfy.sh',
      auth: { user: 'me', password: { secret: 'WORD' } },
    },
  })
})

it('tells what a constructor has made from what looks like it', () => {
  const spec = ntfy({ topic: 'home' })
  expect(isChannelSpec(spec)).toBe(true)
  expect(isChannelSpec({ ...spec })).toBe(false)
  expect(isChannelSpec(null)).toBe(false)
})

it('says that a kind does not exist', () => {
  expect(() => openChannels({ phone: { kind: 'ntfi', settings: {} } })).toThrow(
    'the channel "phone" is of the kind "ntfi", which does not exist; did you mean "ntfy"?',
  )
})
