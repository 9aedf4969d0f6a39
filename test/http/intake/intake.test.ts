// Deliveries in the form in which the documents of each service show them.
//
// Covers `src/http/intake/proof.ts`, `src/http/intake/values.ts`, `src/model/intake.ts`.

import { createHmac } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import type { HubProcess } from '../../support/hub.ts'

const GITHUB_SECRET = "It's a Secret to Everybody"

const CONFIG = `
import { defineConfig, secret } from 'vigie'
export default defineConfig({
  intake: {
    hub: { from: 'github', secret: secret('GITHUB_SECRET') },
    forge: { from: 'gitea', secret: secret('GITEA_SECRET') },
    ci: { from: 'jenkins' },
    grafana: { from: 'grafana', token: secret('GRAFANA_TOKEN') },
    am: { from: 'alertmanager', token: secret('UNSET_TOKEN') },
    kuma: { from: 'uptime-kuma' },
    form: { topic: 'forms/{subject}' },
  },
})`

const sign = (body: string, key: string): string => createHmac('sha256', key).update(body).digest('hex')

function configured(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'vigie.config.ts'), CONFIG)
  return folder
}

const start = (folder: string): Promise<HubProcess> =>
  startHubProcess(['--config', join(folder, 'vigie.config.ts')], {
    GITHUB_SECRET,
    GITEA_SECRET: 'tea',
    GRAFANA_TOKEN: 'glsa_4711',
  })

interface Taken {
  readonly status: number
  readonly topic?: string
  readonly event?: number
  readonly isRepeated?: boolean
  readonly error?: string
}

async function deliver(
  hub: HubProcess,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Taken> {
  const answer = await fetch(`http://127.0.0.1:${hub.http}/in/${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: answer.status, ...((await answer.json()) as object) }
}

const eventOf = async (hub: HubProcess, id: number | undefined): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${hub.http}/api/events/${id}`)).json()

describe('a hub with intakes', () => {
  it('takes what services deliver, and after kill -9 knows again what it has taken', async () => {
    const folder = configured()
    const hub = await start(folder)

    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries has this signature.
    expect(`sha256=${sign('Hello, World!', GITHUB_SECRET)}`).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    )
    const pushed = '{"ref":"refs/heads/main","repository":{"full_name":"octocat/Hello-World"},"commits":[]}'
    const github = {
      'x-github-event': 'push',
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-hub-signature-256': `sha256=${sign(pushed, GITHUB_SECRET)}`,
    }
    const first = await deliver(hub, 'hub', pushed, github)
    expect(first).toMatchObject({ status: 202, topic: 'in/hub/push', isRepeated: false })
    expect(await eventOf(hub, first.event)).toMatchObject({
      topic: 'in/hub/push',
      payload: JSON.parse(pushed) as unknown,
      origin: 'http',
    })
    expect(await deliver(hub, 'hub', pushed, github)).toEqual({ ...first, status: 200, isRepeated: true })
    expect(await deliver(hub, 'hub', `${pushed} `, github)).toMatchObject({
      status: 401,
      error: expect.stringMatching(/x-hub-signature-256 does not hold the signature/) as string,
    })
    // Whoever proves who he is may come under any name of the hub, as through a proxy, and from anywhere.
    const other = { ...github, 'x-github-delivery': 'another', origin: 'https://github.com' }
    expect(await deliver(hub, 'hub', pushed, other)).toMatchObject({ status: 202 })

    const opened = '{"action":"opened","number":3}'
    const gitea = {
      'x-gitea-event': 'pull_request',
      'x-gitea-delivery': 'f6266f16',
      'x-gitea-signature': sign(opened, 'tea'),
    }
    expect(await deliver(hub, 'forge', opened, gitea)).toMatchObject({
      status: 202,
      topic: 'in/forge/pull_request',
    })

    // The Notification plugin sends four phases of one build, and may send each again.
    const phase = (name: string): string =>
      JSON.stringify({
        name: 'web/shop',
        url: 'job/web/job/shop/',
        build: { full_url: 'http://jenkins.local/job/shop/18/', number: 18, phase: name, status: 'SUCCESS' },
      })
    for (const name of ['QUEUED', 'STARTED', 'COMPLETED', 'FINALIZED'])
      expect(await deliver(hub, 'ci', phase(name))).toMatchObject({
        status: 202,
        topic: `in/ci/web%2Fshop/${name}`,
      })
    expect(await deliver(hub, 'ci', phase('COMPLETED'))).toMatchObject({ status: 200, isRepeated: true })

    const alerting =
      '{"receiver":"vigie","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"High"}}]}'
    expect(await deliver(hub, 'grafana', alerting)).toMatchObject({ status: 401 })
    expect(await deliver(hub, 'grafana', alerting, { authorization: 'Bearer glsa_4711' })).toMatchObject({
      status: 202,
      topic: 'in/grafana/firing',
    })
    expect(await deliver(hub, 'grafana?token=glsa_4711', alerting)).toMatchObject({ status: 202 })
    expect(await deliver(hub, 'am', alerting)).toMatchObject({
      status: 503,
      error: expect.stringMatching(/Secret UNSET_TOKEN is not set/) as string,
    })

    const kuma =
      '{"heartbeat":{"status":0,"msg":"timeout"},"monitor":{"name":"shop"},"msg":"[shop] [🔴 Down]"}'
    expect(await deliver(hub, 'kuma', kuma)).toMatchObject({ status: 202, topic: 'in/kuma/shop' })

    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const sent = await deliver(hub, 'form', 'subject=hello+you&tag=a&tag=b', form)
    expect(sent).toMatchObject({ status: 202, topic: 'forms/hello you' })
    expect(await eventOf(hub, sent.event)).toMatchObject({
      payload: { subject: 'hello you', tag: ['a', 'b'] },
    })

    expect(await deliver(hub, 'nothing', '{}')).toMatchObject({ status: 404 })
    // Without proof a page of another origin may not deliver.
    expect(await deliver(hub, 'kuma', kuma, { origin: 'https://elsewhere.example' })).toMatchObject({
      status: 403,
    })

    await hub.end('SIGKILL')
    const next = await start(folder)
    expect(await deliver(next, 'hub', pushed, github)).toEqual({ ...first, status: 200, isRepeated: true })
    expect(await deliver(next, 'ci', phase('FINALIZED'))).toMatchObject({ status: 200, isRepeated: true })
  })

  it('takes one delivery that comes many times at once only once', async () => {
    const hub = await start(configured())
    const body = JSON.stringify({ name: 'a', build: { full_url: 'http://j/1/', phase: 'STARTED' } })
    const all = await Promise.all(Array.from({ length: 20 }, () => deliver(hub, 'ci', body)))
    expect(new Set(all.map(({ event }) => event)).size).toBe(1)
    expect(all.filter(({ isRepeated }) => isRepeated === false)).toHaveLength(1)
  })
})
