// Enhanced authentication as the broker conducts it, whatever the method: a door that wants to hear "two" after "one".
//
// Covers `src/broker/connection/admission.ts`, `src/broker/connection/authentication.ts`, too.

import { expect, it } from 'vitest'
import type { Door, ExchangeStep, Pass } from '../../../src/model/access.ts'
import { type Client, connectPacket, openClient } from '../client.ts'
import { startTestBroker } from '../test-broker.ts'

const pass: Pass = { user: 'u', rights: null, proof: null, realm: null }
const counting: Door = {
  admit: () => ({ kind: 'admitted', pass }),
  begin: (method) => (method === 'COUNT' ? { next: (word) => Promise.resolve(answer(word)) } : undefined),
  renew: () => pass,
  onChanged: () => {},
}

function answer(word: Uint8Array): ExchangeStep {
  const text = Buffer.from(word).toString()
  if (text === 'one') return { kind: 'continue', word: Buffer.from('and then?') }
  if (text === 'two') return { kind: 'admitted', pass, word: Buffer.from('so it is') }
  return { kind: 'refused', refusal: 'credentials', sentence: 'A secret of the house.' }
}

const said = (word: string, method = 'COUNT') => ({
  authenticationMethod: method,
  authenticationData: Buffer.from(word),
})

async function begin(word: string, method?: string): Promise<Client> {
  const { broker } = await startTestBroker()
  const { port } = await broker.listen({ host: '127.0.0.1', port: 0 }, counting)
  const client = await openClient(port)
  client.send(connectPacket('a', { properties: said(word, method) }))
  return client
}

async function letIn(): Promise<Client> {
  const client = await begin('one')
  await client.expect('auth')
  client.send({ type: 'auth', reasonCode: 0x18, properties: said('two') })
  await client.expect('connack')
  return client
}

it('asks on with AUTH 0x18 and the method, without words of its own, and then lets in [MQTT-4.12.0-2] [MQTT-4.12.0-5] [MQTT-3.15.2-1] [MQTT-3.15.2-2] [MQTT-3.15.2-3]', async () => {
  const client = await begin('one')
  expect(await client.expect('auth')).toEqual({
    type: 'auth',
    reasonCode: 0x18,
    properties: said('and then?'),
  })
  client.send({ type: 'auth', reasonCode: 0x18, properties: said('two') })
  expect(await client.expect('connack')).toMatchObject({ reasonCode: 0, properties: said('so it is') })
})

it('ends the connection of one who cannot answer, and tells nothing of why [MQTT-4.12.0-4]', async () => {
  const client = await begin('three')
  expect(await client.expect('connack')).toEqual({
    type: 'connack',
    sessionPresent: false,
    reasonCode: 0x86,
    properties: undefined,
  })
  await client.expectClosed()
})

it('refuses a method that it does not offer [MQTT-4.12.0-1]', async () => {
  const client = await begin('one', 'GUESS')
  expect(await client.expect('connack')).toMatchObject({ reasonCode: 0x8c })
  await client.expectClosed()
})

it('takes nothing but AUTH and DISCONNECT before the client is in', async () => {
  const client = await begin('one')
  await client.expect('auth')
  client.publish('t', 'too early')
  expect(await client.next()).toBeUndefined()
})

it('authenticates anew while the connection goes on', async () => {
  const client = await letIn()
  client.send({ type: 'auth', reasonCode: 0x19, properties: said('one') })
  expect(await client.expect('auth')).toMatchObject({ reasonCode: 0x18, properties: said('and then?') })
  client.send({ type: 'auth', reasonCode: 0x18, properties: said('two') })
  expect(await client.expect('auth')).toMatchObject({ reasonCode: 0, properties: said('so it is') })
  expect(await client.sentSoFar()).toEqual([])
})

it('ends the connection of one who fails to authenticate anew, or by another method [MQTT-4.12.1-2] [MQTT-4.12.0-5]', async () => {
  const failing = await letIn()
  failing.send({ type: 'auth', reasonCode: 0x19, properties: said('three') })
  expect(await failing.expect('disconnect')).toEqual({
    type: 'disconnect',
    reasonCode: 0x87,
    properties: undefined,
  })
  await failing.expectClosed()
  const changing = await letIn()
  changing.send({ type: 'auth', reasonCode: 0x19, properties: said('one', 'GUESS') })
  expect(await changing.expect('disconnect')).toMatchObject({ reasonCode: 0x82 })
  await changing.expectClosed()
})
