// A backup that did not run
//
// The job says how it gets on: `vigie run --name nightly -- restic backup /srv`. Nothing by six in the morning is an alert.

import { task } from 'vigie'

export default task('nightly', { every: '1d', grace: '3h', longest: '4h', severity: 'critical' })
