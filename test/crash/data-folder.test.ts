// A whole hub whose data folder goes away: it acknowledges nothing that the next start would not find.

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { connectClient } from '../broker/client.ts'
import { spawnHub, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'

itWith('Linux')(
  'acknowledges nothing once its files are removed, says so, and lets no other hub take the folder',
  async () => {
    const dataDir = temporaryFolder()
    const args = ['--data', dataDir, '--rules', temporaryFolder()]
    const hub = await startHubProcess(args)
    const client = await connectClient(hub.mqtt, 'a')
    client.publish('kept', 'x', { qos: 1 })
    await client.expect('puback')
    for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true })
    const sentence = 'is no longer the file that the hub has open'
    await hub.line(({ msg }) => msg.includes(sentence))
    client.publish('lost', 'x', { qos: 1 })
    expect(await client.sentSoFar()).toEqual([])
    const health = await fetch(`http://127.0.0.1:${hub.http}/healthz`)
    expect([health.status, await health.text()]).toEqual([503, expect.stringContaining(sentence)])

    const other = spawnHub(args)
    expect((await other.ended).code).toBe(1)
    expect(other.output()).toContain(`while a hub (pid ${hub.pid}) uses it`)
    expect(await client.sentSoFar()).toEqual([])
  },
)
