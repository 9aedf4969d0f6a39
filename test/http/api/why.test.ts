import { expect, it } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { RouteOptions } from '../../../src/http/routes.ts'
import type { Story, StorySubject } from '../../../src/model/story.ts'
import { event, run, step } from '../../journal/nouns.ts'
import { describedRoutes } from '../described.ts'

const story: Story = {
  lostCause: 3,
  root: {
    kind: 'event',
    event: event(7, { topic: 'door', payload: Buffer.from('1.50') }),
    isWhole: true,
    isSubject: true,
    skips: [{ rule: 'night', key: '', event: 7, stage: 'when', reason: '', at: 1 }],
    omitted: 2,
    children: [
      {
        kind: 'run',
        run: run(4, { rule: 'ring', event: 7 }),
        steps: [step(4, '0')],
        attempts: [],
        isWhole: true,
        isSubject: false,
        omitted: 0,
        children: [],
      },
    ],
  },
}

const get = async (path: string) => {
  const asked: StorySubject[] = []
  const ask = async (subject: StorySubject) => (asked.push(subject), subject.id === 7 ? story : undefined)
  const options = { log: silentLog, queries: { story: ask } } as unknown as RouteOptions
  const answer = await describedRoutes(options).request(`http://127.0.0.1:7883${path}`)
  return { asked, status: answer.status, text: await answer.text() }
}

it('tells the story of an event, with payloads as they came', async () => {
  const { asked, text } = await get('/api/events/7/why')
  expect(asked).toEqual([{ kind: 'event', id: 7 }])
  expect(text).toContain('"payload":1.50,')
  expect(JSON.parse(text)).toMatchObject({
    kind: 'event',
    id: 7,
    subject: true,
    lostCause: 3,
    omitted: 2,
    skips: [{ rule: 'night', stage: 'when' }],
    children: [{ kind: 'run', id: 4, rule: 'ring', steps: [{ path: '0' }], attempts: [], children: [] }],
  })
})

it('tells the story of a run', async () => {
  expect((await get('/api/runs/7/why')).asked).toEqual([{ kind: 'run', id: 7 }])
})

it('says that it knows no such event or run', async () => {
  expect(await get('/api/events/9/why')).toMatchObject({
    status: 404,
    text: '{"error":"There is no event 9 in the history."}',
  })
  expect(await get('/api/runs/9/why')).toMatchObject({ status: 404, text: '{"error":"There is no run 9."}' })
})
