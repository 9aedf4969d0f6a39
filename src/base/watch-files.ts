// Notices that one of a few files has got another content: certificates, users. It polls their state, which
// costs next to nothing for a handful of files, and sees what events miss: links that turn to another target,
// folders that are swapped whole, mounts over the network.

import { stat, type Stats, statSync } from 'node:fs'

const POLL_MS = 1_000

/**
 * Calls back after a file has changed, come or gone; who is called reads the files and decides. The result
 * ends the watch.
 */
export function watchFiles(files: readonly string[], changed: () => void): () => void {
  const seen = new Map(files.map((file) => [file, signOf(statSync(file, { throwIfNoEntry: false }))]))
  let watching = true
  const look = (file: string): void =>
    stat(file, (error, stats) => {
      const sign = signOf(error === null ? stats : undefined)
      if (!watching || sign === seen.get(file)) return
      seen.set(file, sign)
      changed()
    })
  const timer = setInterval(() => files.forEach(look), POLL_MS).unref()
  return () => {
    watching = false
    clearInterval(timer)
  }
}

const signOf = (stats: Stats | undefined): string =>
  stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
