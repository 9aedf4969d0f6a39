import { expect, it } from 'vitest'
import { loadPeer } from '../../src/channels/peer.ts'

it('names the package that is to be installed', async () => {
  const missing = 'no-such-package-here'
  expect(await loadPeer('irc-framework@4', () => import(missing))).toEqual({
    kind: 'gone',
    reason: 'the package irc-framework@4 is not installed: run "npm install irc-framework@4" where vigie is',
  })
})

it('hides no other mistake of a package', async () => {
  await expect(loadPeer('odd@1', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})
