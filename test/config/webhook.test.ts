import { expect, it } from 'vitest'
import { webhookSchema } from '../../src/config/webhook.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'

it('reads an address alone as a POST', () => {
  expect(webhookSchema.parse('https://ntfy.example/house')).toEqual({
    url: 'https://ntfy.example/house',
    method: 'POST',
    headers: {},
  })
})

it('keeps of a secret its name alone', () => {
  const { url, method, headers, auth } = webhookSchema.parse({
    url: ['https://hooks.example/', secret('PATH')],
    method: 'put',
    headers: { 'x-key': ['a ', secret('KEY')] },
    auth: { bearer: secret('TOKEN') },
  })
  expect({ url, method, headers, auth }).toEqual({
    url: ['https://hooks.example/', { secret: 'PATH' }],
    method: 'PUT',
    headers: { 'x-key': ['a ', { secret: 'KEY' }] },
    auth: { bearer: { secret: 'TOKEN' } },
  })
})

it.each([
  ['ftp://host/a'],
  ['no address'],
  [{}],
  [{ url: 'https://a.example', header: {} }],
  [{ url: 'https://a.example', auth: { user: 'u' } }],
  [{ url: 'https://a.example', headers: { n: 1 } }],
  [{ url: 'https://a.example', redirects: -1 }],
])('refuses %o', (given) => {
  expect(webhookSchema.safeParse(given).success).toBe(false)
})
