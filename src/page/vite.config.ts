// Builds the page into dist/page: one HTML file, and scripts and styles that are named by their content, so that
// a browser may keep them for ever. The service worker alone has a fixed name, at the root. Views and what few of them need are files of their own, loaded when shown.

import { join } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname

export default defineConfig({
  root,
  base: '/',
  cacheDir: join(root, '../../node_modules/.cache/vite-page'),
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: join(root, '../../dist/page'),
    emptyOutDir: true,
    // The browsers since May 2024: the styles use light-dark().
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // An address such as data:… would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: [join(root, 'index.html'), join(root, 'worker/push-worker.ts')],
      output: {
        entryFileNames: ({ name }) => (name === 'push-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
      onLog(level, log, handle) {
        // A module of Node that came in through an import would fail in the browser alone.
        // How long the build took on a busy machine is no fault of the page.
        if (level === 'warn' && log.code !== 'PLUGIN_TIMINGS')
          throw new Error(`The page cannot be built: ${log.message}`)
        handle(level, log)
      },
    },
  },
  // `npx vite -c src/page/vite.config.ts` serves the sources while they are written; a hub answers the rest.
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
