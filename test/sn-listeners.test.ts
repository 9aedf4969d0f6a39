// A whole hub with a listener for MQTT-SN: `src/sn-listeners.ts`.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { spawnHub, startHubProcess, temporaryFolder } from './support/hub.ts'

let folder: string
let args: string[]

beforeEach(() => {
  folder = temporaryFolder()
  args = ['--config', join(folder, 'vigie.config.ts'), '--data', join(folder, 'data'), '--rules', folder]
})

const configure = (listener: object): void =>
  writeFileSync(
    join(folder, 'vigie.config.ts'),
    `export default ${JSON.stringify({ listeners: [{ type: 'tcp' }, { type: 'mqtt-sn', port: 0, ...listener }] })}\n`,
  )

async function sensor(port: number) {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  return async (text: string): Promise<string> => {
    const answered = once(socket, 'message') as Promise<[Buffer]>
    socket.send(Buffer.from(text.replaceAll(' ', ''), 'hex'), port, '127.0.0.1')
    return (await answered)[0].toString('hex')
  }
}

async function failure(listener: object): Promise<string> {
  configure(listener)
  const hub = spawnHub(args)
  await hub.ended
  return hub.output()
}

it('takes what a sensor publishes into the history, and shows the sensor among the clients', async () => {
  writeFileSync(join(folder, 'predefinedTopic.conf'), 'meter-1,house/power,7\n')
  writeFileSync(
    join(folder, 'power.ts'),
    `import { publish, rule } from 'vigie'
export default rule('power', { on: 'house/power', do: ({ event }) => publish('house/seen', event.text) })
`,
  )
  configure({ predefinedFile: 'predefinedTopic.conf', user: 'sensors' })
  const hub = await startHubProcess(args)
  const { port } = await hub.line(({ listener }) => listener === 'mqtt-sn')
  const say = await sensor(port as number)
  expect(await say('0d 04 04 01 00 3c 6d 65 74 65 72 2d 31')).toBe('030500')
  expect(await say('0a 0c 21 00 07 00 01 32 33 30')).toBe('070d0007000100')
  expect(await say('04 18 01 2c')).toBe('0218')
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${hub.http}${path}`)).json()
  expect(await get('/api/events?filter=house/power')).toMatchObject([{ payload: 230, client: 'meter-1' }])
  expect(await get('/api/clients?state=asleep')).toMatchObject([
    { client: 'meter-1', state: 'asleep', protocol: 'MQTT-SN 1.2', user: 'sensors' },
  ])
  await expect
    .poll(() => get('/api/events?filter=house/seen'), { timeout: 10_000 })
    .toMatchObject([{ payload: 230 }])
})

describe('a hub does not start', () => {
  it('when nobody could connect', async () => {
    expect(await failure({ host: '0.0.0.0' })).toContain(
      "MQTT-SN has neither user names nor passwords. Write user: 'NAME' at the listener",
    )
  })

  it('when the file of predefined topics is missing, or wrong', async () => {
    expect(await failure({ predefinedFile: 'absent.conf' })).toContain('absent.conf cannot be read')
    writeFileSync(join(folder, 'wrong.conf'), '*,a,1\n*,b\n')
    expect(await failure({ predefinedFile: 'wrong.conf' })).toContain(
      'wrong.conf, line 2: it must be CLIENT, TOPIC, ID',
    )
  })

  it('when the port is taken', async () => {
    const socket = createSocket('udp4')
    onTestFinished(() => void socket.close())
    socket.bind({ address: '127.0.0.1' })
    await once(socket, 'listening')
    expect(await failure({ port: socket.address().port })).toContain('is taken by another program')
  })
})
