import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readRuleFolder } from '../../../src/engine/load/rule-folder.ts'
import { temporaryFolder } from '../../support/hub.ts'

let root: string
let dir: string
beforeEach(() => {
  root = temporaryFolder()
  dir = join(root, 'rules')
  mkdirSync(dir)
  write('rules/door.ts')
})

/** A file below the root. */
function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const link = (path: string, target: string): void => symlinkSync(target, join(root, path))
const read = () => readRuleFolder(dir)

describe('a link', () => {
  test('to a file is that file', () => {
    write('shared/bell.ts')
    link('rules/bell.ts', '../shared/bell.ts')
    expect(read()).toMatchObject({ files: ['bell.ts', 'door.ts'], failures: [], warnings: [] })
  })

  test('to a folder brings its files', () => {
    write('shared/deep/bell.ts')
    link('rules/lib', '../shared')
    const before = read()
    expect(before).toMatchObject({ files: ['door.ts', 'lib/deep/bell.ts'], failures: [], warnings: [] })
    write('shared/deep/bell.ts', 'other')
    expect(read().version).not.toBe(before.version)
  })

  test('to a folder inside of a folder that another link leads to is followed', () => {
    write('shared/bell.ts')
    write('more/lamp.ts')
    link('shared/more', '../more')
    link('rules/lib', '../shared')
    expect(read().files).toEqual(['door.ts', 'lib/bell.ts', 'lib/more/lamp.ts'])
  })

  test.each([
    ['the rules folder itself', '.'],
    ['a folder above it', '..'],
    ['the root of the machine', '/'],
    ['a folder of it', 'parts'],
  ])('to %s is left out, by name', (_where, target) => {
    write('rules/parts/bell.ts')
    link('rules/again', target)
    expect(read()).toMatchObject({
      files: ['door.ts', 'parts/bell.ts'],
      failures: [],
      warnings: [expect.stringMatching(/^rules\/again is a link to .* it is left out\.$/)],
    })
  })

  test('of two to one folder brings it once', () => {
    write('shared/bell.ts')
    link('rules/one', '../shared')
    link('rules/two', '../shared')
    const { files, warnings } = read()
    expect(files).toHaveLength(2)
    expect(warnings).toHaveLength(1)
  })

  test('to a folder of more files than rules can be is left out whole, by name', () => {
    mkdirSync(join(root, 'many'))
    for (let number = 0; number <= 20; number++) mkdirSync(join(root, 'many', String(number)))
    write('shared/bell.ts')
    link('rules/many', '../many')
    link('rules/shared', '../shared')
    expect(readRuleFolder(dir, { mostLinked: 20 })).toMatchObject({
      files: ['door.ts', 'shared/bell.ts'],
      failures: [expect.stringMatching(/^rules\/many is a link to .* more than 20 files/)],
    })
  })

  test('that leads nowhere is a failure where its name is that of a rule file, and else a warning', () => {
    link('rules/old.ts', '/nowhere/old.ts')
    link('rules/README', '/nowhere')
    expect(read()).toMatchObject({
      files: ['door.ts'],
      failures: ['rules/old.ts is a link that leads nowhere; mend or remove it.'],
      warnings: ['rules/README is a link that leads nowhere; it is left out.'],
    })
  })

  test('that leads back to itself is told', () => {
    link('rules/a.ts', 'b.ts')
    link('rules/b.ts', 'a.ts')
    const { files, failures } = read()
    expect(files).toEqual(['door.ts'])
    expect(failures.toSorted()).toEqual([
      'rules/a.ts is a link that leads back to itself; mend or remove it.',
      'rules/b.ts is a link that leads back to itself; mend or remove it.',
    ])
  })

  test('that is mended makes another version', () => {
    link('rules/old.ts', '/nowhere/old.ts')
    const { version } = read()
    link('rules/new', 'door.ts')
    renameSync(join(dir, 'new'), join(dir, 'old.ts'))
    expect(read().version).not.toBe(version)
  })
})

describe('what is no file', () => {
  test('a named pipe is told and not waited for', () => {
    execFileSync('mkfifo', [join(dir, 'pipe.ts'), join(dir, 'pipe')])
    link('rules/to-pipe.ts', 'pipe')
    expect(read()).toMatchObject({
      files: ['door.ts'],
      failures: [
        'rules/pipe.ts is a named pipe and not a file; mend or remove it.',
        'rules/to-pipe.ts leads to a named pipe and not to a file; mend or remove it.',
      ],
      warnings: ['rules/pipe is a named pipe and not a file; it is left out.'],
    })
  })

  test('a socket is told', async () => {
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(join(dir, 'mqtt.sock'), resolve))
    expect(read()).toMatchObject({
      files: ['door.ts'],
      warnings: ['rules/mqtt.sock is a socket and not a file; it is left out.'],
    })
  })

  test('a folder with the name of a rule file is a folder', () => {
    write('rules/old.ts/bell.ts')
    expect(read()).toMatchObject({ files: ['door.ts', 'old.ts/bell.ts'], failures: [], warnings: [] })
  })
})

/** Reads as somebody who is not root: root may read everything. */
function readAsNobody() {
  if (process.geteuid?.() !== 0) return read()
  chmodSync(root, 0o755)
  process.seteuid?.(65_534)
  try {
    return read()
  } finally {
    process.seteuid?.(0)
  }
}

test('what this user may not read is told', () => {
  write('rules/secret.ts')
  write('rules/secret.json')
  write('rules/closed/a.ts')
  execFileSync('chmod', ['0', join(dir, 'secret.ts'), join(dir, 'secret.json'), join(dir, 'closed')])
  onTestFinished(() => void execFileSync('chmod', ['700', join(dir, 'closed')]))
  expect(readAsNobody()).toMatchObject({
    files: ['door.ts'],
    failures: [
      'rules/closed cannot be read: this user may not read the folder (EACCES); mend or remove it.',
      'rules/secret.ts cannot be read: this user may not read the file (EACCES); mend or remove it.',
    ],
    warnings: ['rules/secret.json cannot be read: this user may not read the file (EACCES); it is left out.'],
  })
})

test('a data folder inside of the rules folder is no part of the rules', () => {
  write('rules/data/journal.db', '1')
  const before = readRuleFolder(dir, { dataDir: join(dir, 'data') })
  write('rules/data/journal.db', '2')
  write('rules/data/odd.ts')
  expect(readRuleFolder(dir, { dataDir: join(dir, 'data') })).toEqual(before)
})

test('a large file that is no rule file counts by its size and time', () => {
  write('rules/film.mkv', 'x'.repeat(2 ** 20 + 1))
  const before = read()
  expect(read()).toEqual(before)
  write('rules/film.mkv', 'x'.repeat(2 ** 20 + 2))
  expect(read().version).not.toBe(before.version)
})

test('a folder that cannot be read as a whole throws', () => {
  expect(() => readRuleFolder(join(root, 'gone'))).toThrow(/ENOENT/)
  expect(() => readRuleFolder(join(dir, 'door.ts'))).toThrow(/ENOTDIR/)
  link('loop', 'loop')
  expect(() => readRuleFolder(join(root, 'loop'))).toThrow(/ELOOP/)
})
