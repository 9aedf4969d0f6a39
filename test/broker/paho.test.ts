// Eclipse Paho for Python: the client that most scripts and many devices are written with.

import { execa } from 'execa'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { itWith, pythonWith } from '../support/tools.ts'
import { startTestBroker } from './test-broker.ts'

const SCRIPT = fileURLToPath(new URL('./paho-client.py', import.meta.url))
const COUNTED = Array.from({ length: 50 }, (_, number) => number)

itWith('python3 with paho-mqtt').each(['3.1', '3.1.1', '5'])(
  'serves Paho: order at every QoS, retained messages, a session that waits, a will (MQTT %s)',
  async (version) => {
    const { port } = await startTestBroker()
    const { stdout } = await execa(pythonWith('paho.mqtt.client') ?? '', [SCRIPT, String(port), version])
    expect(JSON.parse(stdout)).toEqual({
      heard: { 0: COUNTED, 1: COUNTED, 2: COUNTED },
      retained: ['state/lamp', 'on', 1, true],
      present_first: false,
      // MQTT 3.1 has no such flag.
      present_again: version !== '3.1',
      mail: ['0', '1', '2'],
      will: ['will/mortal', 'gone', 1, false],
    })
  },
)
