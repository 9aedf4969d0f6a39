// Builds the page before the tests that open it in a browser: they see the sources as they are.

import { build } from 'vite'
import { ROOT } from './hub.ts'

export default async function buildPage(): Promise<void> {
  await build({ configFile: `${ROOT}/src/page/vite.config.ts` })
}
