// The Debian package: made, and used on a copy of this machine as a user would:
// installed, started as its unit starts it, upgraded over a changed configuration, removed.
//
// Covers `packages/deb.ts`, `packages/manual.ts`, `packages/systemd/vigie.service`.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'
import { throwawayMachine } from './throwaway.ts'

const NEEDED = [
  'dpkg-deb',
  'lintian',
  'systemd-analyze',
  'systemd-notify',
  'man',
  'root, who may mount',
] as const

/** What systemd would do with the unit, but for its sandbox: the user, the folders, the environment. */
const AS_SERVICE =
  'setpriv --reuid vigie --regid vigie --init-groups env HOME=/var/lib/vigie NODE_COMPILE_CACHE=/var/cache/vigie'

itWith(...NEEDED)(
  'runs on a machine without Node, and leaves the history behind',
  { timeout: 400_000 },
  async () => {
    const out = temporaryFolder()
    await execa('node', ['packages/deb.ts', '--fast', '--out', out], { cwd: ROOT })
    const [deb = ''] = readdirSync(out)
    expect(deb).toMatch(/^vigie_\d+\.\d+\.\d+_(?:amd64|arm64)\.deb$/)

    const { run } = await throwawayMachine()
    await run(`dpkg --install ${join(out, deb)}`)
    // The package carries its own Node.
    expect(await run('rm -f /usr/bin/node /usr/local/bin/node; vigie --version')).toMatch(/^\d+\.\d+\.\d+$/)
    expect(await run('man --pager=cat vigie')).toMatch(/vigie history \[filter\]/)
    await run('systemd-analyze verify vigie.service')
    expect(await run('stat --format "%U:%G %a" /etc/vigie /var/lib/vigie')).toBe(
      'root:vigie 750\nvigie:vigie 750',
    )

    const start = `${AS_SERVICE} vigie start --config /etc/vigie/vigie.config.ts --mqtt 0 --http 0`
    const log = await run(`
    ${start} > /run/log 2>&1 & hub=$!
    until grep -q Ready /run/log; do kill -0 $hub; sleep 0.1; done
    vigie status
    kill $hub; wait $hub
    cat /run/log`)
    expect(log).toMatch(/Loading the rules in \/etc\/vigie\/rules/)
    expect(log).toMatch(/The hub has stopped/)

    // An upgrade keeps what was changed, and what was recorded.
    await run(`
    echo '// mine' >> /etc/vigie/vigie.config.ts
    dpkg --install ${join(out, deb)}
    tail -1 /etc/vigie/vigie.config.ts | grep -qx '// mine'
    test -s /var/lib/vigie/data/journal.db`)
    expect(await run('vigie history --json vigie/# | wc -l')).not.toBe('0')

    const farewell = await run('dpkg --purge vigie')
    expect(farewell).toMatch(/history of vigie is left in \/var\/lib\/vigie/)
    expect(
      await run('ls -d /etc/vigie /usr/lib/vigie /usr/bin/vigie /var/cache/vigie 2>&1 || true'),
    ).not.toMatch(/^\//m)
    await run('test -s /var/lib/vigie/data/journal.db')
  },
)
