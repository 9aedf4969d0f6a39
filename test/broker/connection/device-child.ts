// A device that is a process of its own, so that a test can give it a network and take that away. Says every 100 ms
// that it is alive; writes to its standard output, as lines of JSON, each connect and each order that it gets.
//
//   node device-child.ts ADDRESS, with the password in VIGIE_PASSWORD

import { connect } from 'mqtt'

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const client = connect(process.argv[2] ?? '', {
  protocolVersion: 5,
  clientId: 'thermometer',
  username: 'thermometer',
  password: process.env['VIGIE_PASSWORD'] ?? '',
  clean: false,
  properties: { sessionExpiryInterval: 60 },
  keepalive: 1,
  reschedulePings: false,
  reconnectPeriod: 100,
  will: { topic: 'thermometer/state', payload: Buffer.from('gone'), qos: 1, retain: true },
})
client.on('connect', ({ sessionPresent }) => {
  if (!sessionPresent) client.subscribe('thermometer/orders', { qos: 1 })
  say({ msg: 'connected', sessionPresent })
})
client.on('message', (topic, payload) => say({ msg: 'told', topic, payload: payload.toString() }))
// What it is while the network is gone; it tries again.
client.on('error', () => {})
setInterval(() => {
  if (client.connected) client.publish('thermometer/alive', 'yes', { qos: 0 })
}, 100)
