// Covers `src/alerts/due.ts`, `src/alerts/held-alerts.ts`, `src/alerts/live-notifications.ts`,
// `src/alerts/machine.ts`, `src/alerts/match.ts`, `src/alerts/notifications.ts`, `src/alerts/routes.ts`,
// `src/alerts/silences.ts`, `src/alerts/windows.ts`, `src/alerts/report.ts`, `src/alerts/words.ts`,
// `src/model/alert.ts`, `src/model/alert-settings.ts`.

import { describe, expect, test } from 'vitest'
import { MOST_OPEN_ALERTS } from '../../src/alerts/board.ts'
import { ALERT_STATES, NEXT_ALERT_STATES } from '../../src/model/alert.ts'
import type { AlertState } from '../../src/model/alert.ts'
import { House, route } from './house.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('an alert', () => {
  /** How a test brings an alert from each state to each next one. */
  const MOVES: Partial<Record<`${AlertState} ${AlertState}`, (house: House) => void>> = {
    'pending firing': (house) => house.advance(2 * MINUTE),
    'pending silenced': (house) => {
      house.say('nas', 'silence', { for: '1h' })
      house.advance(2 * MINUTE)
    },
    'pending resolved': (house) => void house.say('nas', 'resolve'),
    'firing acknowledged': (house) => void house.say('nas', 'ack'),
    'firing silenced': (house) => void house.say('nas', 'silence', { for: '1h' }),
    'firing resolved': (house) => void house.say('nas', 'resolve'),
    'acknowledged firing': (house) => void house.say('nas', 'unack'),
    'acknowledged silenced': (house) => {
      house.say('nas', 'silence', { for: '1h' })
      expect(house.state('nas')).toBe('acknowledged')
      house.say('nas', 'unack')
    },
    'acknowledged resolved': (house) => void house.say('nas', 'resolve'),
    'silenced firing': (house) => void house.say('nas', 'unsilence'),
    'silenced acknowledged': (house) => void house.say('nas', 'ack'),
    'silenced resolved': (house) => void house.say('nas', 'resolve'),
    'resolved pending': (house) => house.raise('nas', { pending: '2m' }),
    'resolved firing': (house) => house.raise('nas'),
    'resolved silenced': (house) => {
      house.say('nas', 'silence', { for: '1h' })
      house.raise('nas')
    },
  }
  const IN: Record<AlertState, (house: House) => void> = {
    pending: (house) => house.raise('nas', { pending: '2m' }),
    firing: (house) => house.raise('nas'),
    acknowledged: (house) => {
      house.raise('nas')
      house.say('nas', 'ack')
    },
    silenced: (house) => {
      house.say('nas', 'silence', { for: '1h' })
      house.raise('nas')
    },
    resolved: (house) => {
      house.raise('nas')
      house.say('nas', 'resolve')
    },
  }

  test.each(ALERT_STATES.flatMap((from) => NEXT_ALERT_STATES[from].map((to) => ({ from, to }))))(
    'goes from $from to $to, and that is a flip',
    ({ from, to }) => {
      const house = new House()
      IN[from](house)
      expect(house.state('nas')).toBe(from)
      const flips = house.flips.length
      MOVES[`${from} ${to}`]!(house)
      expect(house.state('nas')).toBe(to)
      expect(house.flips.slice(flips)).toMatchObject([{ key: 'nas', from, to }])
      const numbers = house.flips.map(({ number }) => number)
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    },
  )

  test('counts how often it was raised since it opened, and keeps the worst severity', () => {
    const house = new House()
    house.raise('nas', { severity: 'critical' })
    house.now = 5_000
    house.raise('nas', { severity: 'info', title: 'again' })
    expect(house.alerts.get('nas')).toMatchObject({
      count: 2,
      severity: 'critical',
      title: 'again',
      openedAt: 0,
      raisedAt: 5_000,
    })
    house.say('nas', 'resolve')
    house.raise('nas', { severity: 'info' })
    expect(house.alerts.get('nas')).toMatchObject({
      count: 1,
      incident: 2,
      severity: 'info',
      openedAt: 5_000,
    })
  })

  test('counts a step that says so again after a crash once, whatever came in between', () => {
    const house = new House()
    house.raise('nas', { step: '1.0' })
    house.raise('nas', { step: '2.0' })
    house.restart()
    house.raise('nas', { step: '1.0' })
    expect(house.alerts.get('nas')).toMatchObject({ count: 2 })
    house.say('nas', 'resolve', { step: '3.0' })
    house.raise('nas', { step: '4.0' })
    house.say('nas', 'resolve', { step: '3.0' })
    expect(house.state('nas')).toBe('firing')
  })

  test.each([
    { words: {}, left: { title: 'nas is wrong', body: 'It is full.' } },
    { words: { body: 'There is room.' }, left: { title: 'nas is wrong', body: 'There is room.' } },
    { words: { title: 'nas is well' }, left: { title: 'nas is well', body: '' } },
  ])('resolved with the words $words has no body that belongs to another title', ({ words, left }) => {
    const house = new House()
    house.raise('nas', { body: 'It is full.' })
    house.say('nas', 'resolve', words)
    expect(house.alerts.get('nas')).toMatchObject({ state: 'resolved', ...left })
  })

  test('that was acknowledged fires again when it becomes worse', () => {
    const house = new House()
    house.raise('nas')
    house.say('nas', 'ack')
    house.raise('nas')
    expect(house.state('nas')).toBe('acknowledged')
    house.raise('nas', { severity: 'critical' })
    expect(house.alerts.get('nas')).toMatchObject({ state: 'firing', acknowledgedBy: null })
  })

  test('that is one too many is refused with a sentence', () => {
    const house = new House({ routes: [route([])] })
    for (let count = 0; count < MOST_OPEN_ALERTS; count++) house.raise(`k${count}`)
    expect(house.say('more', 'raise', { title: 'x' })).toEqual({
      ok: false,
      reason: '10,000 alerts are open, and no more are held',
    })
    house.raise('k0')
    expect(house.alerts.get('k0')).toMatchObject({ count: 2 })
  })
})

describe('what is said twice or makes no sense', () => {
  test('is answered', () => {
    const house = new House()
    expect(house.say('nas', 'ack')).toEqual({ ok: false, reason: 'there is no open alert "nas"' })
    house.raise('nas')
    expect(house.say('nsa', 'ack')).toEqual({
      ok: false,
      reason: 'there is no open alert "nsa"; did you mean "nas"?',
    })
    expect(house.say('nas', 'ack')).toMatchObject({ ok: true, alert: { state: 'acknowledged' } })
    expect(house.say('nas', 'ack')).toMatchObject({ ok: true })
    expect(house.say('nas', 'unack')).toMatchObject({ ok: true, alert: { state: 'firing' } })
    expect(house.say('nas', 'unack')).toMatchObject({ ok: true })
    expect(house.say('x', 'unsilence')).toEqual({ ok: false, reason: 'there is no silence "x"' })
    expect(house.say('nas', 'silence', { for: '0s' })).toMatchObject({ ok: false })
    house.raise('slow', { pending: '1m' })
    expect(house.say('slow', 'ack')).toEqual({
      ok: false,
      reason: 'the alert "slow" is pending: nobody has been told of it yet',
    })
  })
})

describe('a notification', () => {
  test('tells what is wrong once, and that it is over', () => {
    const house = new House()
    house.raise('nas')
    house.raise('nas')
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
    house.advance(3 * HOUR)
    house.say('nas', 'resolve')
    expect(house.heard()).toEqual(['phone resolved: Resolved, after 3h: nas is wrong'])
    house.say('nas', 'resolve')
    expect(house.heard()).toEqual([])
  })

  test('keeps its id until it is over', () => {
    const house = new House()
    const ids = (): string[] => house.told.splice(0).map(({ notification }) => notification.id)
    house.raise('nas')
    house.settle()
    house.say('nas', 'ack')
    house.settle()
    house.say('nas', 'resolve')
    house.settle()
    const first = ids()
    expect(new Set(first).size).toBe(1)
    expect(first).toHaveLength(3)
    house.advance(1)
    house.raise('nas')
    house.settle()
    expect(first).not.toContain(ids()[0])
  })

  test('of a channel that was down tells what is true when it is up: nothing of what came and went', () => {
    const house = new House()
    house.down.add('phone')
    for (let minute = 0; minute < 30; minute++) {
      house.raise('nas')
      house.advance(MINUTE)
      house.say('nas', 'resolve')
      house.advance(MINUTE)
    }
    house.down.clear()
    expect(house.heard()).toEqual([])
    house.raise('nas')
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
    house.down.add('phone')
    house.say('nas', 'resolve')
    house.advance(HOUR)
    house.down.clear()
    expect(house.heard()).toEqual(['phone resolved: Resolved, after 0ms: nas is wrong'])
  })

  test('tells a resolution of what nobody was told only where the route says always', () => {
    const always = new House({ routes: [route(['phone'], { resolved: 'always' })] })
    always.down.add('phone')
    always.raise('nas')
    always.say('nas', 'resolve')
    always.down.clear()
    expect(always.heard()).toEqual(['phone resolved: Resolved, after 0ms: nas is wrong'])
    const never = new House({ routes: [route(['phone'], { resolved: false })] })
    never.raise('nas')
    never.settle()
    never.say('nas', 'resolve')
    expect(never.heard()).toEqual(['phone news: nas is wrong'])
  })

  test('tells the resolution after an attempt that was cut off: people may have been told', () => {
    const house = new House()
    house.raise('nas')
    const ref = { channel: 'phone', subject: 'alert/nas' }
    expect(house.board.notifications.content(ref, 1, house.now, false)).toMatchObject({ occasion: 'news' })
    house.say('nas', 'resolve')
    expect(house.board.notifications.content(ref, 1, house.now, false)).toBeNull()
    expect(house.board.notifications.content(ref, 1, house.now, true)).toMatchObject({
      occasion: 'resolved',
      members: [{ shown: 'resolved' }],
    })
  })

  test('that a channel gave up is told again when something changes, or at the next reminder', () => {
    const house = new House({ routes: [route(['phone'], { remindMs: HOUR })] })
    house.down.add('phone')
    house.raise('nas')
    house.settle()
    house.giveUp()
    house.down.clear()
    house.advance(HOUR - 1)
    expect(house.heard()).toEqual([])
    house.advance(1)
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
  })

  test('reminds of what goes on, with how long, until somebody acknowledges', () => {
    const house = new House({ routes: [route(['phone'], { remindMs: HOUR })] })
    house.raise('nas')
    house.advance(2.5 * HOUR)
    expect(house.heard()).toEqual([
      'phone news: nas is wrong',
      'phone reminder: Still firing, for 1h: nas is wrong',
      'phone reminder: Still firing, for 2h: nas is wrong',
    ])
    house.say('nas', 'ack', { by: 'anna' })
    house.advance(5 * HOUR)
    expect(house.heard()).toEqual(['phone acknowledged: Acknowledged: nas is wrong'])
  })

  test.each(['ack', 'silence', 'resolve'])('is not escalated after %s', (verb) => {
    const after = [{ afterMs: 15 * MINUTE, to: ['pager'] }]
    const house = new House({ routes: [route(['phone'], { after })] }, ['phone', 'pager'])
    house.raise('nas')
    house.advance(14 * MINUTE)
    house.say('nas', verb, verb === 'silence' ? { for: '1h' } : undefined)
    house.advance(30 * MINUTE)
    expect(house.heard().filter((line) => line.startsWith('pager'))).toEqual([])
  })

  test('is escalated when nobody acknowledges it, and those who were told hear how it ends', () => {
    const after = [{ afterMs: 15 * MINUTE, to: ['pager'] }]
    const house = new House({ routes: [route(['phone'], { after })] }, ['phone', 'pager'])
    house.raise('nas')
    house.advance(20 * MINUTE)
    house.say('nas', 'resolve')
    expect(house.heard()).toEqual([
      'phone news: nas is wrong',
      'pager escalation: Nobody has acknowledged it for 15m: nas is wrong',
      'phone resolved: Resolved, after 20m: nas is wrong',
      'pager resolved: Resolved, after 20m: nas is wrong',
    ])
  })

  test('waits for others of its group, and tells their changes at most once in that length', () => {
    const house = new House({ routes: [route(['post'], { groupMs: 2 * MINUTE })] }, ['post'])
    house.raise('a')
    house.advance(MINUTE)
    house.raise('b')
    house.advance(30_000)
    expect(house.heard()).toEqual([])
    house.advance(30_000)
    expect(house.told[0]?.notification).toMatchObject({ body: '[warning] a is wrong\n[warning] b is wrong' })
    expect(house.heard()).toEqual(['post news: 2 alerts'])
    house.say('a', 'resolve')
    house.raise('c')
    house.advance(2 * MINUTE - 1)
    expect(house.heard()).toEqual([])
    house.advance(1)
    expect(house.heard()).toEqual(['post news: 3 alerts, 2 firing, 1 resolved'])
    house.say('b', 'resolve')
    house.say('c', 'resolve')
    house.advance(2 * MINUTE)
    expect(house.heard()).toEqual(['post resolved: Resolved, after 3m: 2 alerts'])
    expect([...house.notifications.values()].map(({ isClosed }) => isClosed)).toEqual([true])
    house.raise('a')
    house.advance(2 * MINUTE)
    expect(house.heard()).toEqual(['post news: a is wrong'])
    expect(house.notifications.size).toBe(2)
  })

  test('of a group does not wait when one of it becomes so bad that another route tells it', () => {
    const quiet = { from: '22:00', to: '07:00', timezone: 'UTC' }
    const routes = [
      route(['phone'], { match: { severity: ['critical'] } }),
      route(['phone'], { groupMs: 5 * MINUTE, quiet }),
    ]
    const house = new House({ routes }, ['phone'], 21 * HOUR)
    house.raise('nas')
    house.advance(5 * MINUTE)
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
    house.advance(2 * HOUR)
    house.raise('nas', { severity: 'critical' })
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
  })

  test('in quiet hours waits for their end, and is told then if it still fires', () => {
    const quiet = { from: '22:00', to: '07:00', timezone: 'UTC' }
    const house = new House({ routes: [route(['phone'], { quiet, remindMs: HOUR })] }, ['phone'], 23 * HOUR)
    house.raise('nas')
    house.raise('fan')
    house.advance(HOUR)
    house.say('fan', 'resolve')
    house.advance(7 * HOUR - 1)
    expect(house.heard()).toEqual([])
    house.advance(1)
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
  })

  test('that a channel can tell in quiet hours only waits for their end as well', () => {
    const quiet = { from: '22:00', to: '07:00', timezone: 'UTC' }
    const house = new House({ routes: [route(['phone'], { quiet })] }, ['phone'], 21 * HOUR)
    house.down.add('phone')
    house.raise('nas')
    house.advance(2 * HOUR)
    house.down.clear()
    expect(house.heard()).toEqual([])
    house.advance(8 * HOUR)
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
  })

  test('is not told of the channel that it is about', () => {
    const house = new House({}, ['phone', 'post'])
    house.raise('channels/phone')
    expect(house.heard()).toEqual(['post news: channels/phone is wrong'])
  })
})

describe('an alert with a parent', () => {
  test('is muted while the parent is open, and told when that resolves and it still fires', () => {
    const house = new House()
    house.raise('nas')
    house.settle()
    house.raise('nas/disk', { parent: 'nas' })
    house.raise('nas/share', { parent: 'nas' })
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
    house.say('nas', 'ack')
    house.say('nas/share', 'resolve')
    house.advance(MINUTE)
    house.say('nas', 'resolve')
    expect(house.heard().toSorted()).toEqual([
      'phone acknowledged: Acknowledged: nas is wrong',
      'phone news: nas/disk is wrong',
      'phone resolved: Resolved, after 1m: nas is wrong',
    ])
  })

  test('is escalated from when the parent resolved, also after a restart', () => {
    const after = [{ afterMs: 15 * MINUTE, to: ['pager'] }]
    const house = new House({ routes: [route(['phone'], { after })] }, ['phone', 'pager'])
    house.raise('nas')
    house.raise('nas/disk', { parent: 'nas' })
    house.say('nas', 'ack')
    house.advance(20 * MINUTE)
    house.say('nas', 'resolve')
    house.heard()
    house.restart()
    house.advance(14 * MINUTE)
    expect(house.heard()).toEqual([])
    house.advance(MINUTE)
    expect(house.heard()).toHaveLength(1)
  })

  test('in a circle is told: nothing mutes what mutes itself', () => {
    const house = new House()
    house.raise('a', { parent: 'b' })
    house.raise('b', { parent: 'c' })
    house.raise('c', { parent: 'a' })
    house.raise('own', { parent: 'own' })
    expect(house.heard().toSorted()).toEqual(
      ['a', 'b', 'c', 'own'].map((key) => `phone news: ${key} is wrong`),
    )
  })
})

describe('a silence', () => {
  test('keeps what is wrong from people, and those that it kept from them hear of it at its end', () => {
    const house = new House()
    house.raise('nas/disk')
    house.settle()
    house.say('work', 'silence', { for: '2h', match: { key: 'nas/#' }, by: 'anna', comment: 'new disk' })
    house.raise('nas/fan')
    house.raise('door')
    expect(house.heard()).toEqual(['phone news: nas/disk is wrong', 'phone news: door is wrong'])
    expect(house.alerts.get('nas/disk')).toMatchObject({
      state: 'silenced',
      silencedBy: 'the silence "work" of anna (the hub)',
    })
    house.advance(2 * HOUR)
    expect(house.heard().toSorted()).toEqual([
      'phone news: nas/disk is wrong',
      'phone news: nas/fan is wrong',
    ])
    expect(house.silences.size).toBe(0)
  })

  test('of one alert is named by its key', () => {
    const house = new House()
    house.say('nas', 'silence', { for: '2h' })
    house.raise('nas')
    house.raise('nas/disk')
    expect(house.heard()).toEqual(['phone news: nas/disk is wrong'])
    house.say('nas', 'unsilence')
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
  })

  test('does not keep from people that what they know of is over', () => {
    const house = new House()
    house.raise('nas')
    house.settle()
    house.say('nas', 'silence', { for: '2h' })
    house.say('nas', 'resolve')
    expect(house.heard()).toHaveLength(2)
  })

  test('may be a window of maintenance', () => {
    const windows = [
      { name: 'backup', match: { key: 'nas' }, cron: '0 2 * * *', forMs: HOUR, timezone: 'UTC' },
    ]
    const house = new House({ windows })
    house.restart()
    house.raise('nas')
    house.settle()
    house.advance(2 * HOUR)
    expect(house.alerts.get('nas')).toMatchObject({ state: 'silenced', silencedBy: 'the window "backup"' })
    house.advance(HOUR)
    expect(house.heard()).toEqual(['phone news: nas is wrong', 'phone news: nas is wrong'])
    expect(house.state('nas')).toBe('firing')
  })
})

describe('a clock that is set', () => {
  test('leaves every length as it was', () => {
    const house = new House({ routes: [route(['phone'], { remindMs: HOUR })] })
    house.raise('slow', { pending: '2m' })
    house.raise('nas')
    house.say('fan', 'silence', { for: '30m' })
    house.raise('fan')
    house.advance(MINUTE)
    house.board.clockSet(house.now, house.now + 100 * HOUR)
    house.now += 100 * HOUR
    house.advance(MINUTE - 1)
    expect(house.heard()).toEqual(['phone news: nas is wrong'])
    house.advance(1)
    expect(house.heard()).toEqual(['phone news: slow is wrong'])
    house.advance(28 * MINUTE)
    expect(house.heard()).toEqual(['phone news: fan is wrong'])
    house.advance(30 * MINUTE)
    expect(house.heard()).toEqual(['phone reminder: Still firing, for 1h: nas is wrong'])
  })
})

test('a device that flaps for an hour is told exactly as often as the routes say', () => {
  const routes = [
    route(['phone'], { match: { key: 'a' } }),
    route(['post'], { match: { key: 'b' }, groupMs: 5 * MINUTE }),
    route(['phone'], { match: { key: 'c' }, resolved: false }),
  ]
  const house = new House({ routes }, ['phone', 'post'])
  for (let minute = 0; minute < 60; minute++) {
    for (const key of ['a', 'b', 'c'])
      house.say(key, minute % 2 === 0 ? 'raise' : 'resolve', titled(key, minute))
    house.raise('d', { pending: '90s' })
    house.advance(30_000)
    if (minute % 2 === 1) house.say('d', 'resolve')
    house.advance(30_000)
  }
  house.advance(HOUR)
  const count = (key: string): number =>
    house.told.filter(({ notification }) => notification.alerts.some((alert) => alert.key === key)).length
  // Each of 30 times that it came and went; where resolutions are not told, half of that.
  expect(count('a')).toBe(60)
  expect(count('c')).toBe(30)
  // The group looks after 5 minutes, when it has come and gone: one that is back is told, one that is not ends
  // what was told.
  expect(count('b')).toBe(12)
  expect(count('d')).toBe(0)
})

const titled = (key: string, minute: number): object => (minute % 2 === 0 ? { title: `${key} is wrong` } : {})
