import { expect } from 'vitest'
import { startAlertingHub } from '../../bench/alerts.ts'
import { itWith } from '../support/tools.ts'

itWith('taskset')('tells what the hub adds apart from the wait of the rule', async () => {
  const hub = await startAlertingHub('silence')
  try {
    const { hub: added, whole } = await hub.measureAlerts!(2)
    expect(added.p50).toBeGreaterThan(0)
    expect(added.p99).toBeGreaterThanOrEqual(added.p50)
    expect(whole.p50 - added.p50).toBeCloseTo(200)
  } finally {
    await hub.stop()
  }
})
