// Builds what is published before the tests: the hubs that they start are the sources as they are, in the form in which
// people run them. A hub of the sources takes a third more of the processor until it is ready.

import { build } from 'vite'
import { BUILT, ROOT } from './hub.ts'

/** Vitest calls this for each of its projects, with a module of its own. */
const run = globalThis as { vigieIsBuilt?: Promise<unknown> }

export default async function buildOnce(): Promise<void> {
  await (run.vigieIsBuilt ??= build({ configFile: `${ROOT}/vite.config.ts`, build: { outDir: BUILT } }))
}
