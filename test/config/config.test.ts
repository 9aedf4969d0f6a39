import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'

const errorOf = (input: unknown): string => {
  try {
    parseConfig(input, 'vigie.config.ts')
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was accepted')
}

it('has a default for everything', () => {
  expect(parseConfig({}, 'the defaults')).toEqual({
    root: 'vigie',
    data: './data',
    rules: './rules',
    mqtt: { host: '127.0.0.1', port: 1883 },
    http: { host: '127.0.0.1', port: 7883 },
    durability: 'full',
    history: { keep: 2_592_000_000, maxSize: 2_147_483_648, exclude: [], topics: [] },
    alerts: {},
    actions: { concurrency: 16, perRule: 8 },
    log: { level: 'info', format: 'auto' },
  })
})

it('turns lengths and sizes into numbers', () => {
  const { history } = parseConfig(
    { history: { keep: '90m', maxSize: '1KiB', topics: [{ filter: 'a/#', keep: '1d' }] } },
    'x',
  )
  expect(history).toMatchObject({
    keep: 5_400_000,
    maxSize: 1_024,
    topics: [{ filter: 'a/#', keep: 86_400_000 }],
  })
})

it.each([
  [{ mqqt: {} }, 'mqqt: there is no such setting; did you mean "mqtt"?'],
  [{ history: { exlude: [] } }, 'history.exlude: there is no such setting; did you mean "exclude"?'],
  [
    { history: { topics: [{ filter: 'a', filtre: 'b' }] } },
    'history.topics[0].filtre: there is no such setting; did you mean "filter"?',
  ],
  [{ http: { colour: 1 } }, 'http.colour: there is no such setting (there are: host, port)'],
  [{ mqtt: { port: 70_000 } }, 'mqtt.port: Too big: expected number to be <=65535'],
  [{ mqtt: { port: '1883' } }, 'mqtt.port: Invalid input: expected number, received string'],
  [{ history: { keep: 30 } }, "history.keep: 30 is not a duration such as '250ms'"],
  [{ history: { keep: '30 days' } }, 'history.keep: "30 days" is not a duration'],
  [{ history: { exclude: ['a/b#'] } }, 'history.exclude[0]: '],
  [{ root: 'a/b' }, 'root: must be one topic level'],
  [{ alerts: { webhook: 'file:///etc/passwd' } }, 'alerts.webhook: '],
])('says what is wrong with %j', (input, sentence) => {
  expect(errorOf(input)).toContain(`vigie.config.ts is not a valid configuration:\n  ${sentence}`)
})

it('names every problem, not only the first', () => {
  expect(errorOf({ root: '', mqtt: { port: -1 } }).split('\n')).toHaveLength(3)
})
