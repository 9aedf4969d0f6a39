import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Orders } from '../../src/agent/orders.ts'
import { AgentStore } from '../../src/agent/store.ts'
import { silentLog } from '../../src/base/log.ts'
import type { HostAnswer } from '../../src/model/host.ts'
import { openSecrets } from '../../src/secrets/secrets.ts'
import { temporaryFolder } from '../support/hub.ts'
import { thisMachine } from '../../src/process/table.ts'
import { until } from './running.ts'

/** The orders of an agent that may run a shell. The hub acknowledges an answer when `acknowledged` resolves. */
function agent({ dir = temporaryFolder(), most = 100, acknowledged = async () => {} } = {}) {
  const store = AgentStore.open(dir)
  const answers: (HostAnswer & { readonly key: string })[] = []
  const orders = new Orders({
    root: 'vigie',
    store,
    log: silentLog,
    secrets: openSecrets({}, null),
    allowed: { actions: [], programs: ['/bin/sh'], users: [] },
    answer: (key, answer) => {
      answers.push({ key, ...answer })
      return acknowledged()
    },
    foundBy: async () => [],
    view: async () => ({ watches: [], zombies: [] }),
    most,
  })
  const take = (order: object): void => orders.take(Buffer.from(JSON.stringify(order)), 60_000)
  const stop = async (): Promise<void> => {
    await orders.stop()
    store.close()
  }
  return { answers, orders, store, take, stop }
}

const shell = (key: string, script: string, attempt = 1) => ({
  kind: 'step',
  key,
  attempt,
  rule: 'r',
  run: 1,
  step: '0',
  event: { id: 9, at: 1, topic: 't', payload: '' },
  spec: {
    kind: 'shell',
    argv: [],
    script,
    timeoutMs: 30_000,
    retry: { attempts: 3, minMs: 1, maxMs: 1 },
  },
})

const kill = (key: string) => ({
  ...shell(key, ''),
  spec: {
    kind: 'kill',
    target: { select: { name: 'x' } },
    graceMs: 1,
    timeoutMs: 1_000,
    retry: { attempts: 1, minMs: 1, maxMs: 1 },
  },
})

it('makes the next attempt of an order when the one under way has failed, also after a late acknowledgement', async () => {
  const dir = temporaryFolder()
  const acknowledgement = Promise.withResolvers<void>()
  const first = agent({ dir, acknowledged: () => acknowledgement.promise })
  const log = join(dir, 'log')
  const made = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  const script = (n: number): string =>
    `echo ${n} >> ${log}; while ! test -e ${dir}/go-${n}; do sleep 0.02; done`

  first.take(shell('k', `${script(1)}; exit 3`, 1))
  await until(() => made().length === 1)
  first.take(shell('k', `${script(2)}; exit 3`, 2))
  first.take(shell('k', `${script(2)}; exit 3`, 2))
  writeFileSync(join(dir, 'go-1'), '')
  await until(() => made().length === 2)
  expect(first.answers).toEqual([])
  writeFileSync(join(dir, 'go-2'), '')
  await until(() => first.answers.length === 1)

  first.take(shell('k', script(3), 3))
  await until(() => made().length === 3)
  acknowledgement.resolve()
  await new Promise(setImmediate)
  first.take(shell('k', script(3), 3))
  await first.stop()
  expect(made()).toEqual(['1', '2', '3'])

  writeFileSync(join(dir, 'go-3'), '')
  const second = agent({ dir })
  onTestFinished(second.stop)
  second.orders.start()
  await until(() => second.answers.length === 1)
  expect(second.answers).toMatchObject([{ key: 'k', attempt: 3, outcome: { kind: 'done' } }])
  expect(made()).toEqual(['1', '2', '3', '3'])
})

it('ends what it carries out when the run is cancelled at the hub, and begins no later attempt of it', async () => {
  const dir = temporaryFolder()
  const { answers, take, stop } = agent({ dir })
  onTestFinished(stop)
  const cancel = { kind: 'cancel', key: 'c', cancels: 'k', reason: 'cancelled by hand' }
  take(cancel)
  take(shell('k', `echo $$ > ${dir}/pid; exec sleep 60`))
  await until(() => existsSync(`${dir}/pid`) && readFileSync(`${dir}/pid`, 'utf8') !== '')
  take(cancel)
  await until(() => answers.length === 1)
  expect(answers).toMatchObject([
    { key: 'k', attempt: 1, outcome: { kind: 'retry', reason: '/bin/sh cancelled by hand' } },
  ])
  expect(thisMachine.look(Number(readFileSync(`${dir}/pid`, 'utf8')))?.state ?? 'zombie').toBe('zombie')
  take(cancel)
  expect(answers).toHaveLength(1)
})

it('begins no order that was cancelled before it could go on with it', async () => {
  const dir = temporaryFolder()
  const first = agent({ dir })
  const stopped = first.orders.stop()
  first.take(shell('k', `touch ${dir}/begun`))
  first.take({ kind: 'cancel', key: 'c', cancels: 'k', reason: 'cancelled by hand' })
  await stopped
  first.store.close()
  const second = agent({ dir })
  onTestFinished(second.stop)
  second.orders.start()
  second.orders.tellAll()
  await until(() => second.answers.length + first.answers.length > 0)
  expect(first.answers).toMatchObject([
    { key: 'k', outcome: { kind: 'give-up', reason: 'cancelled by hand' } },
  ])
  expect(existsSync(`${dir}/begun`)).toBe(false)
})

it('leaves an order that comes while it stops to the next agent', async () => {
  const dir = temporaryFolder()
  const first = agent({ dir })
  const stopped = first.orders.stop()
  first.take(kill('k'))
  await stopped
  first.store.close()
  expect(first.answers).toEqual([])

  const second = agent({ dir })
  onTestFinished(second.stop)
  second.orders.start()
  await until(() => second.answers.length === 1)
  expect(second.answers).toMatchObject([{ key: 'k', outcome: { kind: 'give-up' } }])
})

it('remembers so many answers, and forgets the oldest without being started anew', async () => {
  const { answers, store, take, stop } = agent({ most: 3 })
  onTestFinished(stop)
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    take(kill(key))
    await until(() => answers.some((answer) => answer.key === key))
  }
  expect(store.keysUnder('order ')).toEqual(['order c', 'order d', 'order e'])
  take(kill('e'))
  expect(answers.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e', 'e'])
})
