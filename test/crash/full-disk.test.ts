// A whole hub on a disk that fills up: nothing is acknowledged that is not kept, it says why, and it heals.

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { expect, onTestFinished, vi } from 'vitest'
import { vigieJson } from '../support/cli.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'

itWith('root, who may mount')(
  'acknowledges nothing while the disk is full, says so, and goes on when there is room',
  async () => {
    const disk = temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    // Lazily: the hub still has its files open when this runs.
    onTestFinished(() => void execFileSync('umount', ['--lazy', disk]))
    const filler = join(disk, 'filler')
    const hub = await startHubProcess(['--data', join(disk, 'data'), '--rules', temporaryFolder()])
    writeFileSync(filler, Buffer.alloc(2_500_000))

    const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
    const acknowledged: string[] = []
    const sent = Array.from({ length: 60 }, async (_, number) => {
      const topic = `big/${number}`
      await client.publishAsync(topic, Buffer.alloc(50_000, 'x'), { qos: 1 })
      acknowledged.push(topic)
    })
    await hub.line(({ msg }) => msg.startsWith('The disk is full.'))
    // What is forgotten for want of room may let a small commit through in between.
    await vi.waitFor(async () => {
      const health = await fetch(`http://127.0.0.1:${hub.http}/healthz`)
      expect([health.status, await health.text()]).toEqual([503, expect.stringContaining('Make room on it.')])
    }, 20_000)
    const before = acknowledged.length
    expect(before).toBeLessThan(sent.length)

    // Room for some of them; the history is bounded by the disk, so all of it is not needed to see it heal.
    rmSync(filler)
    while (acknowledged.length === before) await pause(20)
    await client.endAsync(true)
    await Promise.allSettled(sent)

    const kept = new Set(
      (
        await vigieJson<{ topic: string }>('history', 'big/#', '--limit', '100', '--data', join(disk, 'data'))
      ).map(({ topic }) => topic),
    )
    expect(acknowledged.filter((topic) => !kept.has(topic))).toEqual([])
    await hub.end('SIGKILL')
  },
)
