// Writes the pages of the documentation that are made of code: node packages/site/generate.ts. A test holds them to it
// (test/docs/generated.test.ts).

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generated } from './generated.ts'

const root = join(import.meta.dirname, '../..')
for (const [file, text] of Object.entries(generated(root))) writeFileSync(join(root, file), text)
