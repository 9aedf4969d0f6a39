import { expect, it } from 'vitest'
import { PredefinedTopics } from '../../../src/mqtt-sn/topics/predefined.ts'
import { TopicIds } from '../../../src/mqtt-sn/topics/topic-ids.ts'

const predefined = new PredefinedTopics([{ client: '*', topic: 'known', id: 9 }]).of('a')

it('gives each topic an id, goes round at the end, and never gives out what is reserved', () => {
  const ids = new TopicIds(predefined, 0xfffd, 4)
  expect(['a', 'b', 'c', 'd', 'e', 'a'].map((topic) => ids.register(topic))).toEqual([
    0xfffd,
    0xfffe,
    1,
    2,
    undefined,
    0xfffd,
  ])
  expect(ids.topicOf('normal', 1)).toBe('c')
})

it('knows an id once the client does', () => {
  const ids = new TopicIds(predefined, 1, 4)
  expect(ids.wayTo('t/u')).toEqual({ topicType: 'normal', topicId: 1, isKnown: false })
  expect(ids.topicOf('normal', 1)).toBeUndefined()
  ids.acknowledged('t/u')
  expect([ids.wayTo('t/u')?.isKnown, ids.topicOf('normal', 1)]).toEqual([true, 't/u'])
  ids.forgotten('t/u')
  expect(ids.wayTo('t/u')?.isKnown).toBe(false)
  ids.clear()
  expect(ids.wayTo('t/u')).toEqual({ topicType: 'normal', topicId: 2, isKnown: false })
})

it('sends by the shortest way: an id that the client has, then a predefined one, then the name itself', () => {
  const ids = new TopicIds(predefined, 1, 4)
  expect(ids.wayTo('known')).toEqual({ topicType: 'predefined', topicId: 9, isKnown: true })
  expect(ids.wayTo('ab')).toEqual({ topicType: 'short', topicId: 0x6162, isKnown: true })
  ids.register('ab')
  expect(ids.wayTo('ab')).toEqual({ topicType: 'normal', topicId: 1, isKnown: true })
  expect(ids.registeredWayTo('known')).toEqual({ topicType: 'normal', topicId: 2, isKnown: false })
})

it('knows no way to a topic that the client refused, until the client registers it', () => {
  const ids = new TopicIds(predefined, 1, 4)
  ids.wayTo('t/u')
  ids.refused('t/u')
  expect(ids.wayTo('t/u')).toBeUndefined()
  ids.register('t/u')
  expect(ids.wayTo('t/u')).toMatchObject({ isKnown: true })
})
