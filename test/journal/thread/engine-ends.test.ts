import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { callsTo } from '../../../src/base/calls.ts'
import type { FramedPort } from '../../../src/base/framed-port.ts'
import { EngineEnds, framed } from '../../../src/journal/thread/engine-ends.ts'
import type { Event } from '../../../src/model/event.ts'
import type { Change, EngineJournal } from '../../../src/model/store.ts'
import { event } from '../nouns.ts'

function open() {
  const committed: Change[] = []
  const ends = new EngineEnds(async (change) => void committed.push(change))
  const end = () => {
    const { port1, port2 } = new MessageChannel()
    ends.open(port1)
    onTestFinished(() => port2.close())
    const messages = framed(port2)
    return { port: port2, messages, journal: callsTo<EngineJournal>(messages).remote }
  }
  return { ends, end, committed }
}

const firstMessage = (end: FramedPort): Promise<unknown> =>
  new Promise((resolve) => end.on('message', resolve))

describe("the engine's ends", () => {
  it('serve commits, and tell what is committed', async () => {
    const { ends, end, committed } = open()
    const engine = end()
    await engine.journal.commit({ cursor: 1 })
    expect(committed).toEqual([{ cursor: 1 }])
    const told = firstMessage(engine.messages)
    ends.tell(7, { after: 5, events: [event(6)] })
    expect(await told).toEqual({ committed: 7, events: { after: 5, events: [event(6)] } })
  })

  it('hand over few and small events beside the word of their commit, and no others', async () => {
    const { ends, end } = open()
    const { messages } = end()
    const tell = async (events: readonly Event[]): Promise<unknown> => {
      const told = new Promise((resolve) => messages.on('message', resolve))
      ends.tell(100, { after: 0, events })
      return told
    }
    const many = (count: number) => Array.from({ length: count }, (_, index) => event(index + 1))
    expect(await tell(many(16))).toHaveProperty('events.events.length', 16)
    expect(await tell(many(17))).toEqual({ committed: 100 })
    expect(await tell([event(1, { payload: Buffer.alloc(16_385) })])).toEqual({ committed: 100 })
    expect(await tell([event(1, { properties: Buffer.alloc(16_385) })])).toEqual({ committed: 100 })
  })

  it('leave an engine in charge until its successor commits, and then refuse what it commits', async () => {
    const { end, committed } = open()
    const old = end()
    const successor = end()
    await old.journal.commit({ cursor: 1 })
    await successor.journal.commit({})
    await expect(old.journal.commit({ cursor: 2 })).rejects.toThrow('A newer engine has taken over')
    await successor.journal.commit({ cursor: 3 })
    expect(committed).toEqual([{ cursor: 1 }, {}, { cursor: 3 }])
  })

  it('forget an engine that is gone', async () => {
    const { ends, end } = open()
    const gone = end()
    const other = end()
    gone.port.close()
    await once(gone.port, 'close')
    const told = firstMessage(other.messages)
    ends.tell(1, { after: 1, events: [] })
    expect(await told).toEqual({ committed: 1, events: { after: 1, events: [] } })
  })
})
