// Notices that one of a few files has got another content: certificates, users. It polls their stat, which costs next to
// nothing for a handful of files, and sees what events miss: links that turn to another target, folders that are swapped whole,
// mounts over the network.

import { type StatsListener, unwatchFile, watchFile } from 'node:fs'

const POLL_MS = 1_000

/** Calls back after a file has changed, come or gone; who is called reads the files and decides. The result ends the watch. */
export function watchFiles(files: readonly string[], changed: () => void): () => void {
  const compare: StatsListener = (now, before) => {
    const same = now.mtimeMs === before.mtimeMs && now.size === before.size && now.ino === before.ino
    if (!same || now.mode !== before.mode) changed()
  }
  for (const file of files) watchFile(file, { persistent: false, interval: POLL_MS }, compare)
  return () => {
    for (const file of files) unwatchFile(file, compare)
  }
}
