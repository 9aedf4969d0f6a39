// Writes one event after the other, each while its disk fails in another way, and tells on its standard output what it was told.
// Then it kills itself. Beginning and end of an event stand among the calls that the library notes, too.

import SQLite from 'better-sqlite3'
import { appendFileSync, copyFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { openJournal } from '../../src/journal/thread/client.ts'
import { databasePath } from '../../src/journal/database/open.ts'
import type { NewEvent } from '../../src/model/event.ts'

const FAULTS = ['write EIO', 'sync EIO', 'write EFBIG', 'write EROFS']
const dataDir = process.argv[2]!
const faultFile = process.env['VIGIE_FAULT']!
const note = (line: string): void => appendFileSync(process.env['VIGIE_CALLS']!, `${line}\n`)
const tell = (line: string): void => void writeSync(1, `${line}\n`)

const { eventLog } = await openJournal({
  dataDir,
  durability: 'full',
  log: { level: 'silent', pretty: false },
})
eventLog.onCommitted((id) => {
  tell(`event ${id}`)
  note(`told ${id}`)
})
const append = (topic: string): number => {
  const id = eventLog.append(newEvent(topic))
  note(`append ${id}`)
  return id
}
const committed = async (id: number): Promise<void> => {
  while (eventLog.committedId < id) await turn()
  await turn()
}

await committed(append('first'))
for (const fault of FAULTS) {
  writeFileSync(faultFile, fault)
  tell(`fault ${fault}`)
  const id = append(fault)
  while (eventLog.trouble === null) await turn()
  tell(`trouble ${eventLog.trouble}`)
  rmSync(faultFile)
  while (eventLog.trouble !== null) await turn()
  tell('trouble null')
  await committed(id)
  if (fault === 'sync EIO') tell(`database ${String(newestInDatabase())}`)
}
process.kill(process.pid, 'SIGKILL')

/** What the database file holds by itself, without its log. */
function newestInDatabase(): number | undefined {
  const copy = join(dataDir, 'copy.db')
  copyFileSync(databasePath(dataDir), copy)
  return new SQLite(copy).prepare<[], number>('SELECT max(id) FROM events').pluck().get()
}

function newEvent(topic: string): NewEvent {
  return {
    at: 1_000_000,
    topic,
    payload: Buffer.from('x'),
    qos: 1,
    retain: false,
    origin: 'live',
    client: null,
    properties: null,
    cause: null,
    recorded: true,
  }
}
