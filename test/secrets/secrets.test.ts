import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import { Disclosure, openSecrets } from '../../src/secrets/secrets.ts'
import { desk, manner } from '../actions/attempt.ts'

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-secrets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

describe('a secret', () => {
  test('comes from its variable first, then from its file, then from the folder', async () => {
    const folder = await folderWith({ TOKEN: 'from the folder\n', elsewhere: 'from its file\r\n' })
    const file = join(folder, 'elsewhere')
    expect(openSecrets({ TOKEN: 'from the variable', TOKEN_FILE: file }, folder)('TOKEN')).toBe(
      'from the variable',
    )
    expect(openSecrets({ TOKEN_FILE: file }, folder)('TOKEN')).toBe('from its file')
    expect(openSecrets({}, folder)('TOKEN')).toBe('from the folder')
  })

  test('keeps spaces and all line endings but the last', async () => {
    const folder = await folderWith({ KEY: ' two\nlines \n\n' })
    expect(openSecrets({}, folder)('KEY')).toBe(' two\nlines \n')
  })

  test('that is missing is told with where it was looked for', async () => {
    const folder = await folderWith({ EMPTY: '\n' })
    expect(() => openSecrets({}, null)('TOKEN')).toThrow('set the variable TOKEN, or TOKEN_FILE')
    expect(() => openSecrets({}, folder)('TOKEN')).toThrow(
      `its file ${join(folder, 'TOKEN')} cannot be read (ENOENT)`,
    )
    expect(() => openSecrets({}, folder)('EMPTY')).toThrow('is empty')
    expect(() => openSecrets({}, folder)('../TOKEN')).toThrow('cannot be the name of a secret')
  })
})

describe('what an attempt leaves behind', () => {
  const value = 'p@ss "word"/\\ü'

  test.each([
    ['as it is', value],
    ['in an address', encodeURIComponent(value)],
    ['in JSON', JSON.stringify({ value })],
    ['in base64', Buffer.from(value).toString('base64')],
  ])('does not hold a secret %s', (_how, text) => {
    const disclosure = new Disclosure(() => value)
    disclosure.resolve(['Bearer ', { secret: 'TOKEN' }])
    const redacted = disclosure.redactJson({ [text]: [`<${text}>`, 1, null, { deep: text }] })
    const left = JSON.stringify(redacted)
    expect(left).toContain('[secret TOKEN]')
    for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64'), 'word'])
      expect(left).not.toContain(form)
  })

  test('does not hold half a secret where a long output was cut', async () => {
    const secret = 'abcdefghijklmnopqrstuvwxyz0123456789'
    // Every possible place of the cut within the secret.
    for (let shift = 0; shift <= secret.length; shift += 5) {
      const { context } = desk({}, { environment: { TOKEN: secret } })
      const rest = 8 * 1024 - shift
      const outcome = await perform(
        {
          kind: 'shell',
          argv: [],
          script: `printf %s%s%s "$(head -c 90000 /dev/zero | tr '\\0' .)" "$TOKEN" "$(head -c ${rest} /dev/zero | tr '\\0' '#')"`,
          env: { TOKEN: { secret: 'TOKEN' } },
          ...manner,
        },
        context,
      )
      expect(outcome.kind).toBe('done')
      expect(outcome.result?.stdout).toMatch(/^….{0,14}#+$|^….*\[secret TOKEN\]#+$/)
      expect(outcome.result?.stdout).not.toMatch(/[a-z]{6}\d|xyz|abc/)
    }
  })

  test('says of a missing secret which it is, and that there is no use in trying again', async () => {
    const { context } = desk()
    const outcome = await perform(
      { kind: 'shell', argv: ['true'], env: { TOKEN: { secret: 'TOKEN' } }, ...manner },
      context,
    )
    expect(outcome).toEqual({ kind: 'give-up', reason: expect.stringContaining('Secret TOKEN is not set') })
  })
})
