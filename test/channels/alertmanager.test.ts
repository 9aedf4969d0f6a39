import { expect, it } from 'vitest'
import { alertmanager } from '../../src/channels/alertmanager.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { fakeService } from './fake-service.ts'
import type { Asked } from './fake-service.ts'
import { describeHttpChannel, tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

const labels = { room: 'cellar', alertname: 'nas', severity: 'critical', rule: 'nas-down' }
const description = 'No answer for <2 min> & more.'

const post = (key: string, status: string, title: string, alert: object, body = description): Asked => ({
  line: 'POST /hook',
  headers: { authorization: 'Bearer h00k', 'content-type': 'application/json', 'idempotency-key': key },
  body: {
    version: '4',
    groupKey: 'vigie/alerts/nas#1',
    truncatedAlerts: 0,
    status,
    receiver: 'vigie',
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: { summary: title, ...(body && { description: body }) },
    externalURL: 'https://hub.example.org/alerts/nas',
    alerts: [
      {
        status,
        labels,
        annotations: { summary: 'nas is down', description },
        startsAt: '2026-01-02T03:04:05.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'https://hub.example.org/alerts/nas',
        fingerprint: '047de0f543c7e359',
        ...alert,
      },
    ],
  },
})

describeHttpChannel('alertmanager', {
  at: (url) => alertmanager({ url: `${url}/hook`, auth: { bearer: secret('HOOK_TOKEN') } }),
  secrets: { HOOK_TOKEN: 'h00k' },
  takes: { status: 200 },
  sends: {
    firing: [post('telling-firing', 'firing', 'nas is down', {})],
    reminder: [post('telling-reminder', 'firing', 'Still firing, for 3 h: nas is down', {})],
    acknowledged: [
      post('telling-acknowledged', 'firing', 'Acknowledged by ada: nas is down', {
        annotations: { summary: 'nas is down', description, acknowledged_by: 'ada' },
      }),
    ],
    resolved: [
      post(
        'telling-resolved',
        'resolved',
        'Resolved after 3 h: nas is down',
        { endsAt: '2026-01-02T06:04:05.000Z' },
        '',
      ),
    ],
  },
  updates: false,
  keyIn: ({ headers }) => headers['idempotency-key'],
  empty: { 200: 'told', 202: 'told', 204: 'told' },
})

it('lists the alerts of a group, with the labels that all of them have', async () => {
  const { url, asked } = await fakeService({ status: 200 })
  const [nas] = firing.alerts
  if (!nas) throw new Error('There is no alert.')
  const alerts = [nas, { ...nas, key: 'printer', labels: { room: 'cellar', kind: 'printer' } }]
  await tellTo(alertmanager({ url }), { ...firing, alerts }, attempt({}))
  expect(asked[0]?.body).toMatchObject({
    commonLabels: { room: 'cellar', severity: 'critical', rule: 'nas-down' },
    alerts: [{ labels: { alertname: 'nas' } }, { labels: { alertname: 'printer', kind: 'printer' } }],
  })
})
