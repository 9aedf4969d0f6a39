import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { newPulse, PulseWriter } from '../../../src/engine/contain/pulse.ts'
import { watchPulse } from '../../../src/engine/contain/watchdog.ts'

const LIMIT_MS = 1_000

/** A thread that gets on, or not, and takes its share of the processor. */
class Thread {
  readonly clock = new ManualClock()
  readonly pulse = newPulse()
  readonly writer = new PulseWriter(this.pulse)
  /** Of one processor. */
  share = 1
  answers = true
  hung = 0
  #cpuMs = 500
  readonly unwatch = watchPulse(
    { pulse: this.pulse, cpuMs: () => (this.answers ? Promise.resolve(this.#cpuMs) : new Promise(() => {})) },
    this.clock,
    LIMIT_MS,
    () => this.hung++,
  )

  async pass(lengthMs: number, beating = false): Promise<void> {
    for (let left = lengthMs; left > 0; left -= 100) {
      this.#cpuMs += this.share * 100
      if (beating) this.writer.beat()
      this.clock.advance(100)
      await Promise.resolve()
      await Promise.resolve()
    }
  }
}

let thread: Thread
beforeEach(async () => {
  thread = new Thread()
  await thread.pass(500, true)
})

test('a thread that runs without a sign of life hangs, and is told once', async () => {
  await thread.pass(LIMIT_MS / 2)
  expect(thread.hung).toBe(0)
  await thread.pass(2 * LIMIT_MS)
  expect(thread.hung).toBe(1)
  await thread.pass(10 * LIMIT_MS)
  expect(thread.hung).toBe(1)
})

test('a thread that the machine has no time for does not hang', async () => {
  thread.share = 0.1
  await thread.pass(5 * LIMIT_MS)
  expect(thread.hung).toBe(0)
})

test('a thread that works hard and gets on does not hang', async () => {
  await thread.pass(10 * LIMIT_MS, true)
  expect(thread.hung).toBe(0)
})

test('what it used before its last sign of life does not count', async () => {
  await thread.pass(LIMIT_MS - 200)
  await thread.pass(100, true)
  await thread.pass(LIMIT_MS - 200)
  expect(thread.hung).toBe(0)
})

test('a thread that is blocked hangs after much longer, whether it answers or not', async () => {
  for (const answers of [true, false]) {
    const blocked = new Thread()
    await blocked.pass(500, true)
    Object.assign(blocked, { share: 0, answers })
    await blocked.pass(5 * LIMIT_MS)
    expect(blocked.hung).toBe(0)
    await blocked.pass(2 * LIMIT_MS)
    expect(blocked.hung).toBe(1)
  }
})

test('a thread that has not begun is given its time', async () => {
  const young = new Thread()
  await young.pass(100 * LIMIT_MS)
  expect(young.hung).toBe(0)
})

test('nothing is told once the watch has ended', async () => {
  thread.unwatch()
  await thread.pass(10 * LIMIT_MS)
  expect(thread.hung).toBe(0)
})
