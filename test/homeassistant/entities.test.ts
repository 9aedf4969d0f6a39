import { describe, expect, test } from 'vitest'
import { availabilityTopic, entityFilter, entityOf, filtersOf } from '../../src/homeassistant/entities.ts'
import { topicMatches } from '../../src/topics/matches.ts'

const HUB = { root: 'vigie', hubId: 'f3a1', version: '1.2.3', prefix: 'homeassistant', url: null }

const device = {
  identifiers: ['vigie_f3a1'],
  name: 'vigie',
  manufacturer: 'vigie',
  model: 'hub',
  sw_version: '1.2.3',
}

test('a ping is a sensor of connectivity, of the device of the hub', () => {
  expect(entityOf('vigie/ping/nas', HUB)).toEqual({
    topic: 'homeassistant/binary_sensor/vigie_f3a1/ping_nas/config',
    config: {
      name: 'ping nas',
      unique_id: 'vigie_f3a1_ping_nas',
      state_topic: 'vigie/ping/nas',
      json_attributes_topic: 'vigie/ping/nas',
      device_class: 'connectivity',
      value_template:
        "{{ 'ON' if value_json.state in ['up'] else 'OFF' if value_json.state in ['down', 'unreachable'] else 'None' }}",
      availability_topic: 'vigie/hub/availability',
      qos: 1,
      device,
      origin: { name: 'vigie', sw_version: '1.2.3' },
    },
  })
})

test.each([
  ['vigie/tasks/backup', 'homeassistant/sensor/vigie_f3a1/task_backup/config', 'enum'],
  [
    'vigie/alerts/nas/sda',
    /^homeassistant\/binary_sensor\/vigie_f3a1\/alert_nas_sda_[0-9a-f]{8}\/config$/,
    'problem',
  ],
  ['vigie/clients/sensor-1', 'homeassistant/binary_sensor/vigie_f3a1/client_sensor-1/config', 'connectivity'],
  [
    'vigie/clients/a%2Fb',
    /^homeassistant\/binary_sensor\/vigie_f3a1\/client_a_b_[0-9a-f]{8}\/config$/,
    'connectivity',
  ],
])('%s is an entity', (topic, expected, deviceClass) => {
  const entity = entityOf(topic, HUB)
  expect(entity?.topic).toMatch(expected)
  expect(entity?.config).toMatchObject({ state_topic: topic, device_class: deviceClass })
})

test('a client whose id the broker has given is none, and neither is anything else', () => {
  expect(entityOf('vigie/clients/auto-0b5c', HUB)).toBeUndefined()
  expect(entityOf('vigie/runs/door', HUB)).toBeUndefined()
  expect(entityOf('house/ping/nas', HUB)).toBeUndefined()
})

describe('topics', () => {
  test('no two names become one object, and each has letters that Home Assistant takes', () => {
    const names = ['a/b', 'a_b', 'a b', 'ä_b', 'a'.repeat(70), `${'a'.repeat(69)}b`, 'A_b']
    const topics = names.map((name) => entityOf(`vigie/alerts/${name}`, HUB)!.topic)
    expect(new Set(topics).size).toBe(names.length)
    for (const topic of topics)
      expect(topic).toMatch(/^homeassistant\/binary_sensor\/[\w-]+\/[\w-]{1,80}\/config$/)
  })

  test('the filters reach what entities are made of, and what is made of it', () => {
    for (const topic of ['vigie/ping/nas', 'vigie/tasks/a', 'vigie/alerts/a/b', 'vigie/clients/x']) {
      expect(filtersOf('vigie').some((filter) => topicMatches(filter, topic))).toBe(true)
      expect(topicMatches(entityFilter(HUB), entityOf(topic, HUB)!.topic)).toBe(true)
    }
    expect(filtersOf('vigie').some((filter) => topicMatches(filter, 'vigie/ping/nas/minute'))).toBe(false)
    expect(filtersOf('vigie').some((filter) => topicMatches(filter, availabilityTopic('vigie')))).toBe(false)
  })

  test('the root and the prefix are those of the configuration, and the address is told', () => {
    const hub = { ...HUB, root: 'lookout', prefix: 'ha/main', url: 'https://hub.example' }
    const entity = entityOf('lookout/ping/nas', hub)
    expect(entity?.topic).toBe('ha/main/binary_sensor/vigie_f3a1/ping_nas/config')
    expect(entity?.config).toMatchObject({
      availability_topic: 'lookout/hub/availability',
      device: { name: 'lookout', configuration_url: 'https://hub.example' },
    })
  })
})
