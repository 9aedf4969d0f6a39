import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { watchVitalSigns } from '../../../src/engine/supervise/vital-signs.ts'

function watched() {
  const clock = new ManualClock()
  const said: string[] = []
  let answers: (() => void)[] = []
  const unwatch = watchVitalSigns(
    {
      ask: () => new Promise<void>((resolve) => answers.push(resolve)),
      silent: (isSilent) => said.push(isSilent ? 'silent' : 'speaks'),
      lost: (silentMs) => said.push(`lost after ${silentMs}`),
    },
    clock,
    1_000,
  )
  /** Time goes on, look by look; the engine answers unless it is frozen. */
  const goOn = async (looks: number, isFrozen = false): Promise<void> => {
    for (let look = 0; look < looks; look++) {
      clock.advance(1_000)
      if (!isFrozen) for (const answer of answers.splice(0)) answer()
      await new Promise((resolve) => setImmediate(resolve))
    }
    answers = isFrozen ? answers : []
  }
  return { clock, said, goOn, unwatch }
}

test('an engine that answers is left alone', async () => {
  const { said, goOn } = watched()
  await goOn(500)
  expect(said).toEqual([])
})

test('an engine that does not answer for a while is told, and so is that it answers again', async () => {
  const { said, goOn } = watched()
  await goOn(3)
  await goOn(20, true)
  expect(said).toEqual(['silent'])
  await goOn(3)
  expect(said).toEqual(['silent', 'speaks'])
})

test('an engine that does not answer for long is lost', async () => {
  const { said, goOn } = watched()
  await goOn(3)
  await goOn(100, true)
  expect(said).toEqual(['silent', 'lost after 40000'])
})

test('an engine that has yet to load its code is given more time', async () => {
  const { said, goOn } = watched()
  await goOn(50, true)
  expect(said).toEqual([])
  await goOn(1)
  await goOn(10)
  expect(said).toEqual([])
})

test('a hub that slept finds one look missing, and judges nobody', async () => {
  const { clock, said, goOn } = watched()
  await goOn(3)
  clock.set(clock.now() + 3_600_000)
  await goOn(3)
  expect(said).toEqual([])
})

test('an engine that is watched no more is not asked', async () => {
  const { said, goOn, unwatch } = watched()
  await goOn(3)
  unwatch()
  await goOn(100, true)
  expect(said).toEqual([])
})
