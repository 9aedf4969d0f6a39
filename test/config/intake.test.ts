import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { secret } from '../../src/index.ts'

const intakes = (intake: unknown) => parseConfig({ intake }, 'vigie.config.ts').intake

test('a service that the hub knows needs no more than its name and a secret', () => {
  expect(intakes({ hub: { from: 'github', secret: secret('GITHUB') } })).toEqual({
    hub: {
      topic: { texts: ['in/hub/', ''], places: ['header:x-github-event'] },
      delivery: { texts: ['', ''], places: ['header:x-github-delivery'] },
      signature: { header: 'x-hub-signature-256', secret: { secret: 'GITHUB' } },
      token: null,
    },
  })
})

test('any other has the topic of its name, and what the configuration says', () => {
  expect(intakes({ form: {} })).toEqual({
    form: { topic: { texts: ['in/form'], places: [] }, delivery: null, signature: null, token: null },
  })
  expect(
    intakes({
      shop: {
        topic: 'shop/{kind}',
        delivery: '{id}',
        secret: secret('S'),
        signature: 'X-Sign',
        token: secret('T'),
      },
    }),
  ).toMatchObject({
    shop: { signature: { header: 'x-sign', secret: { secret: 'S' } }, token: { secret: 'T' } },
  })
})

test.each([
  [{ 'a/b': {} }, /intake\["a\/b"\]: a name is made of letters/],
  [{ a: { topic: 'x/{y' } }, /intake\.a\.topic: has a brace without a partner/],
  [{ a: { topic: 'x/#' } }, /intake\.a\.topic: .*#/],
  [{ a: { secret: 'open' } }, /intake\.a\.secret: is a secret: write secret\('NAME'\)/],
  [{ a: { secret: secret('S') } }, /intake\.a\.secret: needs the name of the header of the signature/],
  [{ a: { from: 'jenkins', secret: secret('S') } }, /jenkins is not known to sign; or write token/],
  [{ a: { signature: 'x-sign' } }, /intake\.a\.signature: needs secret/],
  [{ a: { from: 'githab' } }, /intake\.a\.from: /],
])('what is wrong in case %# has a sentence', (intake, sentence) => {
  expect(() => intakes(intake)).toThrow(sentence)
})
