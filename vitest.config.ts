// better-sqlite3 crashes without a word below Node 22.14: say it in one sentence instead.
if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `The tests need Node 24; this is ${process.version}. "npm test" runs them on the pinned one.`,
  )
}

// Many tests begin hubs and engines: what Node compiles for the first, it need not compile for the others.
process.env.NODE_COMPILE_CACHE ??= `${import.meta.dirname}/node_modules/.cache/vigie`

const { globSync, readFileSync } = await import('node:fs')
const { defineConfig } = await import('vitest/config')
const { quietForks } = await import('./test/support/quiet-forks.ts')
const { IS_LONG } = await import('./test/support/reach.ts')
const { MissingTools } = await import('./test/support/missing-tools.ts')

export default defineConfig({
  test: {
    include: IS_LONG ? long() : ['test/**/*.test.ts'],
    exclude: IS_LONG ? [] : ['test/**/*.long.test.ts'],
    maxWorkers: 2,
    pool: quietForks,
    isolate: true,
    reporters: ['default', new MissingTools()],
    silent: 'passed-only',
    // Long enough for a machine that is busy with something else: no test is about speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Native imports: the rule loader's own resolve hook and worker threads must see what Node sees.
    experimental: { viteModuleRunner: false },
    execArgv: ['--conditions=vigie-source'],
  },
})

/** The files of `npm run test:long`: those that have a longer reach there, and those that run nowhere else. */
function long() {
  const goesFurther = (file: string) => /^import .*\/(reach|hunt)\.ts'$/m.test(readFileSync(file, 'utf8'))
  return globSync('test/**/*.test.ts').filter((file) => file.endsWith('.long.test.ts') || goesFurther(file))
}
