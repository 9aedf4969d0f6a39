import { describe, expect, onTestFinished, test } from 'vitest'
import { groupLinks } from '../../../src/alerts/group-link.ts'
import type { Told } from '../../../src/alerts/group-link.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Commanded } from '../../../src/http/api/engine-commands.ts'
import type { AlertAnswer } from '../../../src/model/alert-change.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { HttpOptions } from '../../../src/http/server.ts'
import type { Alert } from '../../../src/model/alert.ts'
import { alert } from '../../journal/nouns.ts'

const SECRET = Buffer.alloc(32, 7)
const NOW = 1_764_500_000_000
const BY = 'a link in a notification'

const TOLD = ['nas/a', 'nas/b', 'nas/c'].map((key): Told => ({ key, incident: 1, state: 'firing' }))
const LINKS = groupLinks('', SECRET, { notification: 'n1', alerts: TOLD }, NOW)
const { show = '', acknowledge = '', silence = '' } = LINKS

interface Given {
  /** What the notification is about by now. */
  readonly alerts?: readonly Alert[] | null
  readonly answers?: Readonly<Record<string, Commanded<AlertAnswer>['answer']>>
}

const ALL = TOLD.map(({ key }) => alert(key))

async function server({ alerts = ALL, answers = {} }: Given = {}) {
  const commands: unknown[] = []
  const alertLinks: HttpOptions['alertLinks'] = {
    linkKey: () => SECRET,
    queries: {
      alert: async () => undefined,
      alertsToldBy: async (id) => (id === 'n1' && alerts !== null ? [...alerts] : undefined),
    },
    command: async (...command) => {
      commands.push(command)
      const [key] = command
      return { event: 9, answer: key in answers ? (answers[key] ?? null) : { ok: true } }
    },
    clock: { now: () => NOW },
  }
  const options = { alertLinks, intakes: {}, log: silentLog }
  const http = createHttpServer(options as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (method: string, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
    return { status: response.status, text: await response.text() }
  }
  return { ask, commands }
}

describe('a link in a notification of a group', () => {
  test('shows the alerts with a button, and does nothing, however often it is opened', async () => {
    const { ask, commands } = await server()
    for (const path of [show, acknowledge, silence])
      for (const method of ['GET', 'HEAD', 'GET']) expect((await ask(method, path)).status).toBe(200)
    expect((await ask('GET', acknowledge)).text).toMatch(
      /nas\/a is wrong[^]*nas\/b is wrong[^]*nas\/c is wrong[^]*<button>Acknowledge 3 alerts<\/button>/,
    )
    expect((await ask('GET', silence)).text).toContain('<button>Silence for 2h: 3 alerts</button>')
    const shown = await ask('GET', show)
    expect(shown.text).toContain('3 of 3 alerts open.')
    expect(shown.text).not.toContain('<button>')
    expect((await ask('POST', show)).status).toBe(405)
    expect(commands).toEqual([])
  })

  test('acts on all of them by POST, and says so', async () => {
    const { ask, commands } = await server()
    const acked = await ask('POST', acknowledge)
    expect([acked.status, acked.text]).toEqual([200, expect.stringContaining('Acknowledged: 3 alerts.')])
    expect(commands.splice(0)).toEqual(TOLD.map(({ key }) => [key, 'ack', { by: BY }]))
    expect((await ask('POST', silence)).text).toContain('Silenced for 2h: 3 alerts.')
    expect(commands).toEqual(TOLD.map(({ key }) => [key, 'silence', { by: BY, for: '2h' }]))
  })

  test('acts on those alone that are the same incident, and were told', async () => {
    const alerts = [
      alert('nas/a'),
      alert('nas/b', { incident: 2 }),
      alert('nas/c', { state: 'acknowledged', acknowledgedBy: 'anna' }),
      alert('nas/joined-later'),
    ]
    const { ask, commands } = await server({ alerts })
    const { text } = await ask('GET', acknowledge)
    expect(text).toContain('Acknowledge 1 alert</button>')
    expect(text).toContain('Of the alerts that were told, 2 are not firing any more.')
    expect(text).not.toMatch(/nas\/b|joined-later/)
    expect((await ask('POST', acknowledge)).text).toContain('Acknowledged: 1 alert. Of the alerts')
    expect(commands).toEqual([['nas/a', 'ack', { by: BY }]])
  })

  test('does nothing when nothing is left to do', async () => {
    const { ask, commands } = await server({ alerts: ALL.map((each) => ({ ...each, state: 'resolved' })) })
    const opened = await ask('GET', silence)
    expect(opened.text).toContain('none of the alerts that were told is open any more')
    expect(opened.text).not.toContain('<button>')
    expect((await ask('POST', silence)).status).toBe(410)
    expect((await ask('GET', show)).text).toContain('All alerts are resolved.')
    expect(commands).toEqual([])
  })

  test('says of each what the engine refuses, and what it has not done yet', async () => {
    const answers = { 'nas/b': { ok: false, reason: 'it is <pending>' }, 'nas/c': null } as const
    const { ask } = await server({ answers })
    const { status, text } = await ask('POST', acknowledge)
    expect(status).toBe(200)
    expect(text).toMatch(
      /Acknowledged: 1 alert\. Nothing was done to nas\/b: it is &lt;pending&gt;\. 1 alert: The hub has noted/,
    )
    const none = await server({ answers: Object.fromEntries(TOLD.map(({ key }) => [key, null])) })
    expect((await none.ask('POST', acknowledge)).status).toBe(202)
    const no = await server({ answers: Object.fromEntries(TOLD.map(({ key }) => [key, answers['nas/b']])) })
    expect((await no.ask('POST', acknowledge)).status).toBe(409)
  })

  test.each([
    ['that was changed', acknowledge.replace('n1', 'n2'), 403],
    ['that lost its end on the way', acknowledge.slice(0, -4), 403],
  ])('%s does nothing, and says why', async (_what, path, status) => {
    const { ask, commands } = await server()
    for (const method of ['GET', 'POST']) expect((await ask(method, path)).status).toBe(status)
    expect(commands).toEqual([])
  })

  test('whose notification is forgotten says so', async () => {
    const { ask } = await server({ alerts: null })
    for (const method of ['GET', 'POST']) expect((await ask(method, acknowledge)).status).toBe(404)
  })
})
