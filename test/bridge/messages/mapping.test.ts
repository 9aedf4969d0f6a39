import { describe, expect, it } from 'vitest'
import { type MappedTopic, Mapping } from '../../../src/bridge/messages/mapping.ts'
import { hidesRoot } from '../../../src/topics/hidden.ts'

const HIDES = { out: hidesRoot('vigie'), in: hidesRoot('vigie') }
const topic = (rest: Partial<MappedTopic>): MappedTopic => ({
  filter: '#',
  direction: 'out',
  from: '',
  to: '',
  qos: 1,
  ...rest,
})
const mapping = (...topics: Partial<MappedTopic>[]): Mapping => new Mapping(topics.map(topic), HIDES)

describe('what goes out', () => {
  it.each([
    ['the same topic without prefixes', { filter: 'a/#' }, 'a/b', 'a/b'],
    ['a prefix more', { filter: 'a/#', to: 'site/' }, 'a/b', 'site/a/b'],
    ['a prefix less', { from: 'home/' }, 'home/a/b', 'a/b'],
    ['another prefix', { filter: '+/state', from: 'home/', to: 'x/' }, 'home/a/state', 'x/a/state'],
    ['one topic by another name', { filter: '', from: 'a', to: 'b/c' }, 'a', 'b/c'],
    ['the parent, which # matches too', { from: 'home/', to: 'site/' }, 'home', 'site'],
  ])('has %s', (_what, settings, local, remote) => {
    expect(mapping(settings).outward(local)).toEqual({ topic: remote, qos: 1 })
  })

  it.each(['b', 'vigie/hub/kicked', '$SYS/broker/uptime'])('is not %s', (local) => {
    expect(mapping({ filter: 'a/#' }, { filter: '+/hub/#' }).outward(local)).toBeUndefined()
  })

  it('reaches the topics of the hub where the filter spells its root', () => {
    expect(mapping({ filter: 'vigie/clients/+' }).outward('vigie/clients/x')?.topic).toBe('vigie/clients/x')
  })

  it('goes by the first entry that matches', () => {
    const both = mapping({ filter: 'a/b', to: '1/', qos: 2 }, { filter: 'a/#', to: '2/', qos: 0 })
    expect([both.outward('a/b'), both.outward('a/c')]).toEqual([
      { topic: '1/a/b', qos: 2 },
      { topic: '2/a/c', qos: 0 },
    ])
    expect(both.outFilters).toEqual(['a/b', 'a/#'])
  })
})

describe('what comes in', () => {
  it('has the prefix of the other side taken off and that of this side put on', () => {
    expect(mapping({ direction: 'in', from: 'site/', to: 'home/' }).inward('site/a')?.topic).toBe('home/a')
    expect(mapping({ direction: 'both', from: 'home/', to: 'site/' }).inward('site/a')?.topic).toBe('home/a')
  })

  it('is subscribed to with the highest QoS of its entries', () => {
    const twice = mapping({ direction: 'in', qos: 0 }, { direction: 'both', qos: 2 }, { filter: 'x' })
    expect([...twice.inFilters]).toEqual([['#', 2]])
  })

  it("is no command and nothing else of this hub's own, unless the settings spell that out", () => {
    expect(mapping({ direction: 'in' }).inward('vigie/commands/gate/run')).toBeUndefined()
    expect(mapping({ direction: 'in', from: 'x/' }).inward('x/vigie/commands/gate/run')).toBeUndefined()
    const spelled = mapping({ direction: 'in', filter: 'gate/run', from: 'x/', to: 'vigie/commands/' })
    expect(spelled.inward('x/gate/run')?.topic).toBe('vigie/commands/gate/run')
  })
})
