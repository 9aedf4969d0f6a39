// Covers `src/mqtt-sn/topics/predefined.ts`, `src/mqtt-sn/topics/predefined-file.ts` and
// `src/mqtt-sn/topics/short-name.ts`.

import { expect, it } from 'vitest'
import { PredefinedTopics } from '../../../src/mqtt-sn/topics/predefined.ts'
import { parsePredefined } from '../../../src/mqtt-sn/topics/predefined-file.ts'
import { shortNameId, shortNameIn } from '../../../src/mqtt-sn/topics/short-name.ts'

it('reads a file as Paho’s gateway does', () => {
  const file = `# all clients
*, all/x, 1

 sensor-1 ,own/y,2\r
sensor-2,own/y,2
`
  expect(parsePredefined(file)).toEqual({
    topics: [
      { client: '*', topic: 'all/x', id: 1 },
      { client: 'sensor-1', topic: 'own/y', id: 2 },
      { client: 'sensor-2', topic: 'own/y', id: 2 },
    ],
    problems: [],
  })
})

it('names each line with which something is wrong', () => {
  const file = '*, a, 1\n*, b, 1\na, b\n,b,2\n*, c, 0\n*, c, 65535\n*, c, x\n*, c/+, 3'
  expect(parsePredefined(file)).toMatchObject({
    topics: [{ topic: 'a' }],
    problems: [
      'line 2: the topic id 1 stands for "a" already',
      'line 3: it must be CLIENT, TOPIC, ID',
      'line 4: it must be CLIENT, TOPIC, ID',
      'line 5: the topic id must be from 1 to 65534',
      'line 6: the topic id must be from 1 to 65534',
      'line 7: the topic id must be from 1 to 65534',
      expect.stringContaining('line 8: The topic name "c/+" holds the wildcard'),
    ],
  })
})

it('prefers the ids of one client to those of all', () => {
  const topics = new PredefinedTopics([
    { client: '*', topic: 'all/1', id: 1 },
    { client: '*', topic: 'all/2', id: 2 },
    { client: 'a', topic: 'own/1', id: 1 },
  ])
  const a = topics.of('a')
  expect([a.topicOf(1), a.topicOf(2), a.topicOf(3)]).toEqual(['own/1', 'all/2', undefined])
  expect([a.idOf('own/1'), a.idOf('all/2')]).toEqual([1, 2])
  // The client takes 1 for another topic.
  expect(a.idOf('all/1')).toBeUndefined()
  expect([topics.of('b').topicOf(1), topics.of('*').idOf('all/1')]).toEqual(['all/1', 1])
  expect(new PredefinedTopics([]).of('a').topicOf(1)).toBeUndefined()
})

it('has names of two octets stand where an id would', () => {
  expect([shortNameId('ab'), shortNameIn(0x6162)]).toEqual([0x6162, 'ab'])
  expect([shortNameId('é'), shortNameIn(0xc3a9)]).toEqual([0xc3a9, 'é'])
  expect([shortNameId('a'), shortNameId('abc'), shortNameId('éé'), shortNameIn(0xffff)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
