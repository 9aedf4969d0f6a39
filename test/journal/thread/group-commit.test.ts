import { execFileSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { Packer } from '../../../src/journal/thread/batch.ts'
import { GroupCommit } from '../../../src/journal/thread/group-commit.ts'
import { databasePath } from '../../../src/journal/database/open.ts'
import { displacedSentence } from '../../../src/journal/thread/trouble.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import { openBench, openRaw, temporaryFolder } from '../fixtures.ts'
import type { Bench } from '../fixtures.ts'
import { event, run, step } from '../nouns.ts'
import { itWith } from '../../support/tools.ts'

function open({ writer, clock, ...bench }: Bench) {
  const told: (number | string | null)[] = []
  const groups = new GroupCommit({
    writer,
    path: 'journal.db',
    clock,
    log: silentLog,
    onCommitted: (id) => told.push(id),
    onChanged: () => {},
    onTrouble: (sentence) => told.push(sentence),
  })
  const packer = new Packer()
  let lastId = 0
  /** Hands over a batch of `count` events. */
  const batch = (count: number, bytes = 5): void => {
    for (let index = 0; index < count; index++) {
      packer.event(++lastId, event(lastId, { payload: Buffer.alloc(bytes, 'x') }))
    }
    groups.takeBatch(packer.take())
  }
  return { ...bench, writer, clock, groups, told, batch, packer }
}

/** Waits turns of the loop until the condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn()
}

describe('group commit', () => {
  it('commits what has gathered as one group, then answers', async () => {
    const { groups, told, batch } = open(openBench())
    batch(3)
    batch(2)
    const change = groups.commit({ cursor: 5 }).then(() => told.push('change'))
    expect(told).toEqual([])
    await change
    expect(told).toEqual([5, 'change'])
  })

  it('takes no more into one group than an answer can wait for', async () => {
    const { told, batch } = open(openBench())
    for (let count = 0; count < 5; count++) batch(6_000)
    await until(() => told.includes(30_000))
    expect(told).toEqual([12_000, 24_000, 30_000])
  })

  it('counts what becomes of sessions, too, and takes apart nothing that was said together', async () => {
    const { groups, told, packer } = open(openBench())
    for (let mark = 1; mark <= 3; mark++) {
      for (let count = 0; count < 6_000; count++) packer.session({ kind: 'ended', session: count })
      packer.mark(mark)
      groups.takeBatch(packer.take())
    }
    await until(() => told.includes(3))
    expect(told).toEqual([2, 3])
    groups.stop()
  })

  it('rejects a change that the store refuses, in its place among the others', async () => {
    const { groups } = open(openBench())
    const change = { newRuns: [{ run: run(1), steps: [step(1, '0')] }] }
    const ends = await Promise.allSettled([groups.commit(change), groups.commit(change), groups.commit({})])
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it.each(['', '-wal', '-shm'])(
    'acknowledges nothing while journal.db%s is not the file that is open, and goes on when it is back',
    async (end) => {
      const { groups, told, batch, clock, dataDir } = open(openBench())
      groups.start()
      batch(1)
      await until(() => told.length === 1)
      const path = databasePath(dataDir) + end
      renameSync(path, `${path}.away`)
      writeFileSync(path, 'another file')
      clock.advance(500)
      expect(told).toEqual([1, displacedSentence(path)])
      batch(1)
      for (let turns = 0; turns < 10; turns++) await turn()
      clock.advance(5_000)
      expect(told).toHaveLength(2)
      renameSync(`${path}.away`, path)
      clock.advance(1_500)
      await until(() => told.length > 2)
      expect(told.slice(2)).toEqual([null, 2])
      groups.stop()
    },
  )

  it('says that its files are gone, and that they are back, while there is nothing to commit', () => {
    const { groups, told, clock, dataDir } = open(openBench())
    groups.start()
    renameSync(dataDir, `${dataDir}.away`)
    clock.advance(500)
    expect(told).toEqual([displacedSentence(databasePath(dataDir))])
    renameSync(`${dataDir}.away`, dataDir)
    clock.advance(500)
    expect(told).toEqual([displacedSentence(databasePath(dataDir)), null])
    groups.stop()
  })

  it('acknowledges nothing while the disk is full, says so, and heals by itself', async () => {
    const { groups, told, batch, clock, fill, dataDir } = open(openBench())
    batch(1)
    await until(() => told.length === 1)
    const makeRoom = fill()
    batch(20, 50_000)
    const change = groups.commit({ cursor: 1 }).then(() => told.push('change'))
    await until(() => told.length === 2)
    expect(told[1]).toMatch(
      /^The disk is full\. The journal cannot be written \(journal\.db: .*Make room on it\.$/,
    )
    batch(1)
    clock.advance(1_000)
    clock.advance(1_000)
    await turn()
    expect(told).toHaveLength(2)
    makeRoom()
    clock.advance(1_000)
    await change
    await until(() => told.includes(22))
    expect(told.slice(2)).toEqual([null, 22, 'change'])
    expect(openEngineReads(dataDir).eventsAfter(0, 99)).toHaveLength(22)
  })

  it('answers for no commit before it is on the disk, and commits nothing twice for that', async () => {
    const { groups, told, batch, clock, writer, dataDir } = open(openBench())
    const sync = vi.spyOn(writer, 'sync').mockImplementation(() => {
      throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
    })
    batch(3)
    const change = groups.commit({ cursor: 3 }).then(() => told.push('change'))
    await until(() => told.length > 0)
    batch(1)
    clock.advance(1_000)
    clock.advance(1_000)
    await turn()
    expect(told).toEqual([
      expect.stringMatching(/^The disk reports an error\. .*fdatasync.*See the system log\.$/),
    ])
    sync.mockRestore()
    clock.advance(1_000)
    await change
    await until(() => told.includes(4))
    expect(told.slice(1)).toEqual([null, 3, 'change', 4])
    expect(openEngineReads(dataDir).eventsAfter(0, 99)).toHaveLength(4)
  })

  itWith('root, who may mount')('outlasts a file system that is really full', async () => {
    const folder = temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder])
    onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
    const bench = openBench({ dataDir: folder })
    const { told, batch, clock, writer } = open(bench)
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1_500_000))
    let sent = 0
    while (!told.some((each) => typeof each === 'string')) {
      batch(10, 2_000)
      sent += 10
      await turn()
    }
    const acknowledged = Math.max(0, ...told.filter((each) => typeof each === 'number'))
    expect(told.at(-1)).toContain('The disk is full.')
    expect(acknowledged).toBeLessThan(sent)
    expect(openEngineReads(folder).eventsAfter(0, 10_000)).toHaveLength(acknowledged)
    rmSync(ballast)
    clock.advance(1_000)
    await until(() => told.includes(sent))
    expect(openEngineReads(folder).eventsAfter(0, 10_000)).toHaveLength(sent)
    writer.close()
  })

  it('commits on stopping what has gathered', () => {
    const { groups, told, batch } = open(openBench())
    for (let count = 0; count < 3; count++) batch(6_000)
    expect(groups.stop()).toBe(true)
    expect(told.at(-1)).toBe(18_000)
  })

  it('says on stopping that it could not', () => {
    const { groups, told, batch, fill } = open(openBench())
    fill()
    batch(20, 50_000)
    expect(groups.stop()).toBe(false)
    expect(told).toEqual([expect.stringContaining('The disk is full.')])
  })

  it('writes to the index when there is nothing else to do, and the rest at the heartbeat', async () => {
    const { groups, told, batch, clock, dataDir } = open(openBench())
    groups.start()
    batch(9_500)
    await until(() => told.includes(9_500))
    const statement = openRaw(dataDir).prepare<[], number>('SELECT indexed_to FROM journal').pluck()
    const indexedTo = (): number | undefined => statement.get()
    await until(() => indexedTo() === 9_500)
    batch(1_500)
    await until(() => told.includes(11_000))
    for (let count = 0; count < 5; count++) await turn()
    expect(indexedTo()).toBe(9_500)
    clock.advance(10_000)
    expect(indexedTo()).toBe(11_000)
    groups.stop()
  })
})
