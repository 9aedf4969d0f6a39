// Builds what is published: `dist/`, with a file for each module that is begun or imported by its name, and what
// these share in `dist/chunks/`. A hub of the sources loads over a thousand modules in its four threads and takes a
// third more of the processor until it is ready. Packages stay imports, except zod: of its hundred files, half of
// which are languages, the build keeps what is used. Rule files import the package itself.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname

/** What `moduleAt` (`src/base/package.ts`) and the exports of package.json name; and `bin.js`. */
const ENTRIES = [
  'channels',
  'engine/contain/warden',
  'engine/inspect/inspector',
  'engine/worker',
  'index',
  'journal/thread/reader',
  'journal/thread/worker',
  'testing',
]

export default defineConfig({
  root,
  publicDir: false,
  logLevel: 'warn',
  cacheDir: `${root}/node_modules/.cache/vite`,
  plugins: [
    {
      name: 'nothing of an earlier build but the page',
      buildStart() {
        const { outDir } = this.environment.config.build
        for (const name of existsSync(outDir) ? readdirSync(outDir) : [])
          if (name !== 'page') rmSync(join(outDir, name), { recursive: true, force: true })
      },
    },
  ],
  ssr: { noExternal: ['zod'] },
  build: {
    ssr: true,
    target: 'node24',
    minify: false,
    emptyOutDir: false,
    license: { fileName: 'LICENSES.md' },
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        bin: `${root}/src/bin.js`,
        ...Object.fromEntries(ENTRIES.map((name) => [name, `${root}/src/${name}.ts`])),
      },
      output: {
        chunkFileNames: 'chunks/[name]-[hash].js',
        // Names stay, so that a stack says where it was.
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
})
