// Backups and cron jobs, watched: one that fails, hangs, or does not run at all raises an alert, which the next good
// run resolves. The jobs tell the hub by `vigie run` (crontab) or by one HTTP request (prune).

import { alert, cron, rule, shell, task } from 'vigie'

/** Where backups go; the rule below looks there itself. */
const TARGET = process.env['BACKUP_TARGET'] ?? '/mnt/backup'

export const backup = task('backup', {
  every: '1d',
  // Machines sleep, and cron jobs come late.
  grace: '2h',
  longest: '6h',
  severity: 'critical',
})

export const prune = task('prune', { every: '7d', grace: '1d' })

// A job that says "ok" and writes nothing is the failure that nobody notices: look at what it has written. The clocks
// may change, and the hub may be down at noon: the rule runs once on each day, and catches up.
export const look = rule('backup-looked-at', {
  on: cron('0 12 * * *', { catchUp: true }),
  do: () => [
    shell({ timeout: '1m' })`find ${TARGET} -name ${'*.tar.gz'} -size +0 -mtime -2`,
    ([found]) =>
      alert({
        key: 'backup-empty',
        title: `There is no backup of the last two days in ${TARGET}`,
        severity: 'critical',
        resolve: found?.['stdout'] !== '',
      }),
  ],
})
