// A hub that starts again under limits that forbid the topics of what it has promised: it keeps its word all the same.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectClient } from '../broker/client.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { KEPT } from './load.ts'

const PROMISED = ['deep/down/here/1', 'deep/down/here/2', 'deep/down/here/retained', 'deep/down/here/will']

it('delivers what it owes, what is retained and wills, on topics that are too deep or too long by now', async () => {
  const data = temporaryFolder()
  const config = join(temporaryFolder(), 'vigie.config.ts')
  writeFileSync(config, `export default { limits: { topicLevels: 2, topicSize: '12B' } }`)
  const args = ['--data', data, '--rules', temporaryFolder()]

  const first = await startHubProcess(args)
  const client = await connectClient(first.mqtt, 'owed', { ...KEPT })
  await client.subscribe('deep/down/here/#', 2)
  await client.subscribe('$share/group/deep/down/there/#', 1)
  const publisher = await connectClient(first.mqtt, 'publisher')
  const publish = async (topic: string, qos: 1 | 2, retain = false): Promise<void> => {
    const packetId = publisher.publish(topic, topic, { qos, retain })
    if (qos === 1) return void (await publisher.expect('puback'))
    await publisher.expect('pubrec')
    publisher.send({ type: 'pubrel', packetId, reasonCode: 0 })
    await publisher.expect('pubcomp')
  }
  await publish('deep/down/here/1', 2)
  expect((await client.expect('publish')).qos).toBe(2) // and stays under way
  client.disconnect()
  await client.expectClosed()
  await publish('deep/down/here/2', 1)
  await publish('deep/down/there/shared', 1)
  await publish('deep/down/here/retained', 1, true)
  await connectClient(first.mqtt, 'mortal', {
    will: {
      topic: 'deep/down/here/will',
      payload: Buffer.from('deep/down/here/will'),
      qos: 1,
      retain: false,
      properties: undefined,
    },
  })
  await first.end('SIGKILL')

  const second = await startHubProcess([...args, '--config', config])
  const again = await connectClient(second.mqtt, 'owed', { ...KEPT })
  expect(again.connack.sessionPresent).toBe(true)
  const heard = new Set<string>()
  while (heard.size < PROMISED.length + 1) {
    const packet = await again.next()
    if (packet?.type === 'pubrel') continue
    if (packet?.type !== 'publish') throw new Error(`Not a message came, but ${JSON.stringify(packet)}`)
    const { payload, qos, packetId } = packet
    heard.add(payload.toString())
    again.send({ type: qos === 2 ? 'pubrec' : 'puback', packetId: packetId!, reasonCode: 0 })
  }
  expect([...heard].toSorted()).toEqual([...PROMISED, 'deep/down/there/shared'].toSorted())

  // What comes now is held to the limits.
  const late = await connectClient(second.mqtt, 'late')
  late.publish('deep/down/here/1', 'x', { qos: 1 })
  expect(await late.expect('disconnect')).toMatchObject({ reasonCode: 0x90 })
})
