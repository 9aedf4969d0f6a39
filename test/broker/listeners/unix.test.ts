// Covers `src/broker/listeners/listen.ts`.

import { once } from 'node:events'
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../support/hub.ts'
import { Peer } from '../../wire/peer.ts'
import { Client, connectPacket } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

let path: string

beforeEach(() => {
  path = join(temporaryFolder(), 'hub.sock')
})

async function listen(mode = 0o660) {
  const { broker, eventLog } = await startTestBroker()
  return { broker, eventLog, ...(await broker.listen({ kind: 'unix', path, mode })) }
}

async function begin(): Promise<Client> {
  const socket = connect(path)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const client = new Client(new Peer(socket), 5)
  client.send(connectPacket('lamp'))
  await client.expect('connack')
  return client
}

it('serves programs that open its file', async () => {
  const { url, eventLog } = await listen()
  expect(url).toBe(`unix:${path}`)
  const client = await begin()
  client.publish('a', 'x', { qos: 1 })
  await client.expect('puback')
  expect(eventLog.of('a')).toHaveLength(1)
})

it('may be opened by whom its mode says, and is gone with the hub', async () => {
  const before = process.umask()
  const { broker } = await listen(0o606)
  expect(statSync(path).mode & 0o777).toBe(0o606)
  expect(process.umask()).toBe(before)
  await broker.stop()
  expect(existsSync(path)).toBe(false)
})

it('takes the place of a socket that a killed hub has left behind', async () => {
  const killed = createServer().listen(`${path}.elsewhere`)
  await once(killed, 'listening')
  // Closing removes the file under the name that it was made with.
  renameSync(`${path}.elsewhere`, path)
  await new Promise((resolve) => killed.close(resolve))
  expect(existsSync(path)).toBe(true)
  await listen()
  await begin()
})

it('does not take the place of a hub that answers, nor of a file that is no socket', async () => {
  await listen()
  await expect(listen()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await begin()
  writeFileSync(`${path}.file`, 'precious')
  path = `${path}.file`
  await expect(listen()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(statSync(path).size).toBe(8)
})
