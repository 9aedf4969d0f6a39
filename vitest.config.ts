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

/**
 * Files with a process of their own: they measure the memory of their process, or put hooks into its module loader. All
 * others follow one another in as many processes as there are workers, which saves each of them half a second of the
 * processor. They change nothing that another file would notice.
 */
const ALONE = ['test/broker/rubbish.test.ts', 'test/engine/load/*.test.ts', 'test/engine/runs/weight.test.ts']
const LONG = 'test/**/*.long.test.ts'
/** Files that open the page in a browser: it is built before the first of them. */
const pages = globSync('test/page/**/*.test.ts').filter((file) => /\bopenPage\(/.test(read(file)))
/** Files that start hubs or engines, which takes seconds. */
const hubs = globSync('test/**/*.test.ts', { exclude: [LONG, ...ALONE, ...pages] }).filter(startsHubs)

export default defineConfig({
  test: {
    // For two cores: tests that start hubs wait a sixth of their time. The long hunts keep a core busy each.
    maxWorkers: IS_LONG ? 2 : 3,
    globalSetup: './test/support/build.ts',
    setupFiles: './test/support/built-threads.ts',
    pool: quietForks,
    reporters: ['default', new MissingTools()],
    silent: 'passed-only',
    // Long enough for a machine that is busy with something else: no test is about speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Native imports: the rule loader's own resolve hook and worker threads must see what Node sees.
    experimental: { viteModuleRunner: false },
    execArgv: ['--conditions=vigie-source'],
    projects: IS_LONG
      ? [{ extends: true, test: { include: long() } }]
      : [
          // Vitest takes projects by their names: what is long comes first, so that the workers end together.
          { extends: true, test: { name: 'alone', include: ALONE } },
          { extends: true, test: { name: 'hubs', include: hubs, isolate: false } },
          {
            extends: true,
            test: {
              name: 'page',
              include: pages,
              isolate: false,
              globalSetup: ['./test/support/build.ts', './test/support/build-page.ts'],
            },
          },
          {
            extends: true,
            test: {
              name: 'quick',
              include: ['test/**/*.test.ts'],
              exclude: [LONG, ...ALONE, ...hubs, ...pages],
              isolate: false,
            },
          },
        ],
  },
})

function startsHubs(file: string): boolean {
  return /\b(startHubProcess|spawnHub|startVigie|startAgent|SmallHub|inspectRules|runCommand)\(/.test(
    read(file),
  )
}

function read(file: string): string {
  return readFileSync(file, 'utf8')
}

/** The files of `npm run test:long`: those that have a longer reach there, and those that run nowhere else. */
function long() {
  const goesFurther = (file: string) => /^import .*\/(reach|hunt|long-test)\.ts'$/m.test(read(file))
  return globSync('test/**/*.test.ts').filter((file) => file.endsWith('.long.test.ts') || goesFurther(file))
}
