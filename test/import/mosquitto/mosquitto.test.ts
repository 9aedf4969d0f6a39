// Covers `src/import/mosquitto/conf.ts`, `src/import/mosquitto/listeners.ts`, `src/import/mosquitto/bridges.ts`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { importMosquitto } from '../../../src/import/mosquitto/mosquitto.ts'
import { ROOT } from '../../support/hub.ts'

const whole = () =>
  importMosquitto(readFileSync(join(ROOT, 'test/import/files/mosquitto.conf'), 'utf8'), 'mosquitto.conf')
const configOf = (text: string): string => importMosquitto(text, 'x').files[0]!.text

it('makes listeners, limits and bridges', () => {
  expect(whole().files.map(({ name }) => name)).toEqual(['vigie.config.ts'])
  expect(whole().files[0]!.text)
    .toBe(`// Imported from mosquitto.conf; see docs/from-mosquitto.md for what means what.

import { defineConfig, secret } from 'vigie'

export default defineConfig({
  listeners: [
    { type: 'tcp', host: '192.168.1.2', port: 1883, anonymous: false },
    {
      type: 'tls',
      host: '0.0.0.0',
      port: 8883,
      cert: '/etc/letsencrypt/live/house/fullchain.pem',
      key: '/etc/letsencrypt/live/house/privkey.pem',
      ca: '/etc/mosquitto/ca.crt',
      clientCertificate: 'required',
      userFromCertificate: true,
      anonymous: false,
    },
    { type: 'ws', host: '0.0.0.0', port: 9001, anonymous: false },
    { type: 'unix', path: '/run/mosquitto/mosquitto.sock', anonymous: false },
  ],
  limits: { queueMessages: 5000, packetSize: '65536B', keepAlive: '300s' },
  bridges: {
    'cloud-bridge': {
      url: ['mqtts://mqtt.cloud.example:8883', 'mqtts://mqtt2.cloud.example:1883'],
      prefer: 'any',
      user: 'site',
      password: secret('CLOUD_BRIDGE_PASSWORD'),
      clientId: 'site-7',
      keepAlive: '30s',
      reconnect: { first: '5s', longest: '60s' },
      tls: {
        ca: '/etc/ssl/certs/cloud.pem',
        cert: '/etc/mosquitto/site.crt',
        key: '/etc/mosquitto/site.key',
        alpn: ['mqtt'],
      },
      retain: false,
      status: 'sites/7/state',
      topics: [
        { filter: 'sensors/#', to: 'site-7/', qos: 1 },
        { direction: 'in', from: 'site-7/commands/', to: 'commands/', qos: 2 },
        { filter: '', direction: 'both', from: 'mode', to: 'site-7/mode', qos: 1 },
      ],
    },
    'lazy-one': { url: 'mqtt://10.0.0.9:1883', onDemand: '120s', topics: [{ filter: 'log/#', qos: 0 }] },
  },
})
`)
})

it('names what it leaves out by its line, with what to do, and the command for users', () => {
  const { notes, next } = whole()
  expect(notes).toEqual([
    'Line 17: "persistent_client_expiration" is not imported; sessions of 3.1.1 clients are kept up to limits.sessions.',
    'Line 18: "include_dir" is not imported; import those files, too, or join them to one first.',
    'Line 32: "tls_version" is not imported; Node chooses it: 1.2 or later.',
    'Line 33: "max_connections" is not imported; limits.connections holds for all listeners together.',
    'Line 37: "http_dir" is not imported; the hub serves no files.',
    'Line 48: "bridge_tls_version" is not imported; Node chooses it: 1.2 or later.',
    'Line 65: "topic broken sideways" is not imported: it is no topic line of a connection.',
    'Line 73: the connection "empty" is not imported: it has no topic.',
    'Line 52: the password is not copied. Put it into the environment variable CLOUD_BRIDGE_PASSWORD.',
  ])
  expect(next).toEqual(['vigie user import /etc/mosquitto/passwd --acl /etc/mosquitto/acl'])
})

it('listens on this machine only where Mosquitto does', () => {
  expect(configOf('')).toContain("listeners: [{ type: 'tcp', host: '127.0.0.1', port: 1883 }]")
})

it('takes the listener of old, and settings that hold for each listener alone', () => {
  expect(configOf('port 1884\nbind_address 10.0.0.1\nallow_anonymous true')).toContain(
    "[{ type: 'tcp', host: '10.0.0.1', port: 1884, anonymous: true }]",
  )
  const each =
    'per_listener_settings true\nallow_anonymous true\nlistener 1883\nlistener 1884\nallow_anonymous true'
  expect(configOf(each)).toContain(
    "{ type: 'tcp', host: '0.0.0.0', port: 1883, anonymous: false },\n    " +
      "{ type: 'tcp', host: '0.0.0.0', port: 1884, anonymous: true },",
  )
})
