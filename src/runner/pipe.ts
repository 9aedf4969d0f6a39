// Pipes of the operating system for the outputs of a command. Node itself gives a child sockets, which cannot
// be opened anew by name: `echo … > /dev/stderr` in a script would fail, and so would whoever asks for a
// pipe.

import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

export interface PipeEnd {
  /** What is written arrives here. */
  readonly from: Readable
  /** The descriptor for the child; to be closed here when the child has it. */
  readonly to: number
}

/**
 * As many pipes as asked for; `undefined` where none can be made, such as without `mkfifo` or a folder for
 * it.
 */
export function openPipes(count: number): readonly PipeEnd[] | undefined {
  let folder: string | undefined
  const open: number[] = []
  const opened = (name: string, flags: number): number => {
    const descriptor = openSync(name, flags)
    open.push(descriptor)
    return descriptor
  }
  try {
    folder = mkdtempSync(join(tmpdir(), 'vigie-run-'))
    const names = Array.from({ length: count }, (_each, index) => join(folder!, String(index)))
    execFileSync('mkfifo', ['-m', '600', ...names], { stdio: 'ignore' })
    // The reading end does not wait for a writer, so that the writing end finds a reader.
    return names
      .map((name) => ({
        from: opened(name, constants.O_RDONLY | constants.O_NONBLOCK),
        to: opened(name, constants.O_WRONLY),
      }))
      .map(({ from, to }) => ({ from: new Socket({ fd: from, readable: true, writable: false }), to }))
  } catch {
    for (const descriptor of open) closeSync(descriptor)
    return undefined
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}
