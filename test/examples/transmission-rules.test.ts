// The rule alone, in virtual time; transmission.test.ts goes the whole way.

import { expect, test } from 'vitest'
import torrentDone from '../../examples/transmission/transmission.ts'
import { simulate } from '../../src/testing.ts'

const done = { hash: '497bf21d4fb8c2abc57a91a19ad5aadfdd11c0e7', name: 'a film', dir: '/srv/downloads' }

test('moves a download once, though Transmission tells of it twice', async () => {
  const hub = simulate(torrentDone)
  await hub.publish('transmission/nas/done', done)
  await hub.advance('7d')
  await hub.restart()
  await hub.publish('transmission/nas/done', done)
  expect(hub.actions.map(({ kind }) => kind)).toEqual(['shell', 'alert'])
  expect(hub.verdicts.at(-1)).toMatchObject({ stage: 'dedupe' })
})

test('hands the name over as a variable, never as a piece of a script', async () => {
  const hub = simulate(torrentDone)
  await hub.publish('transmission/nas/done', { ...done, name: '$(touch pwned)/x' })
  expect(hub.actions[0]).toMatchObject({
    script: 'test -e "$TO" || mv -- "$FROM" "$TO"',
    env: { FROM: '/srv/downloads/$(touch pwned)_x' },
  })
})

test('says nothing when the file could not be moved', async () => {
  const hub = simulate(torrentDone)
  hub.fail('shell')
  await hub.publish('transmission/nas/done', done)
  expect(hub.runs).toMatchObject([{ state: 'dead', steps: [{ state: 'dead' }, { state: 'skipped' }] }])
})
