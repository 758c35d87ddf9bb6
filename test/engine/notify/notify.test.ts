import { describe, expect, it } from 'vitest'
import { defaultNotifyRules, defaultQuietHours } from '../../../shared/model/notify.ts'
import { hour, minute, row, ruleOf, setUp } from './set-up.ts'
import type { Setting } from './set-up.ts'

const titles = ({ shown }: Setting): readonly string[] => shown.map(({ title }) => title)
const link = 'sluice://context/lab/kustomize.toolkit.fluxcd.io/Kustomization/apps/web/tree'

describe('failing', () => {
  it('is told once it lasted, with kind, context, age, its own words and a link', async () => {
    const setting = await setUp()
    const { memory, clock } = setting
    memory.tellRows([row('web', 'Failed', { since: clock.now(), message: 'kustomize build failed:\nno such <file>' })])
    await setting.go(4 * minute)
    expect(setting.shown).toEqual([])
    await setting.go(minute + 2000)
    expect(setting.shown).toEqual([
      {
        title: 'apps/web fails',
        body: 'Kustomization in lab, for 5m: kustomize build failed: no such <file>',
        link,
      },
    ])
    memory.tellRows([row('web', 'Failed', { since: clock.now(), message: 'another' })])
    await setting.go(2 * hour)
    expect(setting.shown).toHaveLength(1)
    expect(memory.requests).toEqual([])
  })

  it('lasts while its controller tries again, and is over once it was ready', async () => {
    const setting = await setUp()
    const { memory } = setting
    for (let attempt = 0; attempt < 3; attempt += 1) {
      memory.tellRows([row('web', 'Failed', { since: setting.clock.now() })])
      await setting.go(30_000)
      memory.tellRows([row('web', 'Progressing')])
      await setting.go(90_000)
    }
    // Due while it tried: told with the next failure, not between.
    expect(setting.shown).toEqual([])
    memory.tellRows([row('web', 'Failed')])
    await setting.go()
    expect(titles(setting)).toEqual(['apps/web fails'])
    memory.tellRows([row('web', 'Ready')])
    await setting.go()
    expect(titles(setting)).toEqual(['apps/web fails', 'apps/web is ready again'])
    memory.tellRows([row('web', 'Failed')])
    await setting.go(4 * minute)
    expect(setting.shown).toHaveLength(2)
    await setting.go(5 * minute)
    expect(titles(setting).at(-1)).toBe('apps/web fails')
  })

  it('is not told of what is suspended, gone or only known from before', async () => {
    const setting = await setUp()
    const { memory, clock } = setting
    const since = clock.now() - hour
    memory.tellRows([row('old', 'Stale', { since })])
    memory.tellRows([row('closed', 'Failed'), row('gone', 'Failed')])
    await setting.go(minute)
    memory.tellRows([row('closed', 'Suspended')], ['c1|kustomize.toolkit.fluxcd.io/Kustomization|apps/gone'])
    await setting.go(hour)
    expect(setting.shown).toEqual([])
  })

  it('counts a beginning in the future from now on: clocks differ', async () => {
    const setting = await setUp()
    setting.memory.tellRows([row('web', 'Stalled', { since: setting.clock.now() + 24 * hour })])
    await setting.go(5 * minute + 2000)
    expect(titles(setting)).toEqual(['apps/web fails'])
  })

  it('goes by context and filter; the first rule that it concerns tells it', async () => {
    const setting = await setUp()
    await setting.save([
      ruleOf('failing', { id: 'a', filter: 'name:web-*', afterMs: 0 }),
      ruleOf('failing', { id: 'b', context: 'prod', afterMs: 0 }),
      ruleOf('failing', { id: 'c', filter: 'ctx:lab ns:apps kind:ks', afterMs: hour, everyMs: 0 }),
    ])
    setting.memory.tellRows([row('web-1', 'Failed'), row('api', 'Failed')])
    await setting.go()
    expect(titles(setting)).toEqual(['apps/web-1 fails'])
    await setting.go(2 * hour)
    expect(titles(setting)).toEqual(['apps/web-1 fails', 'apps/api fails'])
  })

  it('a rule that is switched off, and the switch over all, keep silent', async () => {
    const setting = await setUp()
    await setting.save(defaultNotifyRules.map((rule) => ({ ...rule, isOn: false })))
    setting.memory.tellRows([row('web', 'Failed', { since: setting.clock.now() - hour })])
    await setting.go(hour)
    expect(setting.shown).toEqual([])
    setting.setOn(false)
    await setting.save(defaultNotifyRules)
    await setting.go(hour)
    setting.setOn(true)
    await setting.go(hour)
    // What came while it was off is not told afterwards.
    expect(setting.shown).toEqual([])
  })
})

describe('recovered', () => {
  it('is told with how long it failed; not of a hiccup', async () => {
    const setting = await setUp()
    const { memory, clock } = setting
    memory.tellRows([row('web', 'Failed', { since: clock.now() - 2 * hour }), row('blip', 'Failed')])
    await setting.go(minute)
    memory.tellRows([row('web', 'Ready'), row('blip', 'Ready')])
    await setting.go()
    expect(setting.shown.at(-1)).toEqual({
      title: 'apps/web is ready again',
      body: 'Kustomization in lab. It failed for 2h 01m.',
      link,
    })
    expect(titles(setting)).toEqual(['apps/web fails', 'apps/web is ready again'])
  })

  it('is told of what became ready while the application was closed', async () => {
    const first = await setUp()
    first.memory.tellRows([row('web', 'Failed', { since: first.clock.now() - hour })])
    await first.go()
    // It was killed: what it stored when it spoke is what there is.
    const again = await setUp({ store: first.store, clock: first.clock, rows: [row('web', 'Ready')] })
    await again.go()
    expect(titles(again)).toEqual(['apps/web is ready again'])
  })
})

describe('gate', () => {
  it('tells once when an until-time passes, and does nothing else', async () => {
    const setting = await setUp()
    const { memory, clock } = setting
    memory.tellRows([row('web', 'Suspended', { resumeAt: clock.now() + minute })])
    await setting.go(minute - 1000)
    expect(setting.shown).toEqual([])
    await setting.go(3000)
    expect(setting.shown).toEqual([
      {
        title: 'apps/web is past its until-time',
        body: 'Kustomization in lab stays suspended until you resume it.',
        link,
      },
    ])
    memory.tellRows([row('web', 'Suspended', { resumeAt: clock.now() - minute })])
    memory.tellRows([row('foreign', 'Suspended', { resumeAt: clock.now() - 1, isTrusted: false })])
    await setting.go(hour)
    expect(setting.shown).toHaveLength(2)
    expect(memory.requests).toEqual([])
  })

  it('tells after a restart only what passed since, and believes what the watch before it told', async () => {
    const first = await setUp()
    const past = first.clock.now() - 1000
    first.memory.tellRows([row('web', 'Suspended', { resumeAt: past })])
    await first.go()
    expect(first.shown).toHaveLength(1)
    const second = await first.restart()
    second.memory.tellRows([row('api', 'Suspended', { resumeAt: past })])
    await second.go(2 * minute)
    expect(titles(second)).toEqual(['apps/api is past its until-time'])

    const { store } = second
    store.blobs.clear()
    const key = row('web', 'Suspended').key
    await store.write('gate/expired.json', JSON.stringify({ version: 1, told: [`${key}@${String(past)}`] }))
    const third = await setUp({ store, clock: second.clock, rows: [row('web', 'Suspended', { resumeAt: past })] })
    await third.go()
    expect(third.shown).toEqual([])
  })
})

describe('drift', () => {
  const { key, ref } = row('web', 'Ready')
  const owner = (driftedCount: number, state = 'checked') => ({ key, owner: ref, driftedCount, state }) as never

  it('is off at first: nobody listens; switched on it is told once it lasted', async () => {
    const setting = await setUp({ rows: [row('web', 'Ready')] })
    setting.tellDrift([owner(3)])
    await setting.go(hour)
    expect(setting.shown).toEqual([])
    await setting.save([ruleOf('drift')])
    setting.tellDrift([owner(3)])
    await setting.go(9 * minute)
    expect(setting.shown).toEqual([])
    await setting.go(2 * minute)
    expect(setting.shown).toEqual([
      {
        title: 'apps/web drifts',
        body: 'Kustomization in lab, for 10m: 3 of its objects differ from Git',
        link: link.replace('/tree', '/drift'),
      },
    ])
  })

  it('that the controller set back in time is not told', async () => {
    const setting = await setUp({ rows: [row('web', 'Ready')] })
    await setting.save([ruleOf('drift')])
    setting.tellDrift([owner(1)])
    await setting.go(minute)
    setting.tellDrift([owner(0)])
    await setting.go(hour)
    expect(setting.shown).toEqual([])
  })
})

describe('contexts', () => {
  it('a cluster that does not answer is told once it lasted, and only if the rule means it', async () => {
    const setting = await setUp()
    await setting.save([ruleOf('unreachable', { context: 'lab' })])
    const down = { connection: 'unreachable', lastSeenAt: null, error: { message: 'connection refused' } } as never
    setting.tellContexts([down, { key: 'other', name: 'other', connection: 'unreachable' }])
    await setting.go(minute)
    setting.tellContexts([{ connection: 'connecting' }])
    await setting.go(minute)
    setting.tellContexts([down])
    await setting.go(4 * minute)
    expect(setting.shown).toEqual([
      { title: 'lab does not answer', body: 'For 5m: connection refused', link: 'sluice://view/settings' },
    ])
    setting.tellContexts([{ connection: 'connected' }])
    setting.tellContexts([down])
    await setting.go(minute)
    expect(setting.shown).toHaveLength(1)
  })

  it('credentials are told a week before they end, short ones in the last tenth of their life, each end once', async () => {
    const setting = await setUp()
    const now = setting.clock.now()
    const day = 24 * hour
    setting.ends.set('lab', { what: 'client certificate', at: now + 8 * day, from: now - 357 * day })
    setting.ends.set('short', { what: 'token', at: now + hour, from: now })
    setting.ends.set('unselected', { what: 'token', at: now + 1, from: null })
    setting.tellContexts([{}, { key: 'short', name: 'short' }, { key: 'unselected', isSelected: false }])
    await setting.go(53 * minute)
    expect(setting.shown).toEqual([])
    await setting.go(3 * minute)
    expect(setting.shown).toEqual([
      {
        title: 'The token of short ends',
        body: 'In 5m. Renew it before, or the cluster cannot be reached.',
        link: 'sluice://view/settings',
      },
    ])
    await setting.go(2 * day)
    expect(titles(setting).slice(1)).toEqual(['The client certificate of lab ends'])
    const again = await setting.restart()
    again.ends.set('lab', { what: 'client certificate', at: now + 8 * day, from: now - 357 * day })
    again.tellContexts([{}])
    await again.go(hour)
    expect(again.shown).toEqual([])
    again.ends.set('lab', { what: 'client certificate', at: now + 3 * day, from: null })
    await again.go(2 * hour)
    expect(titles(again)).toEqual(['The client certificate of lab ends'])
  })
})

describe('many', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, index) => row(`w${String(index)}`, 'Failed', { since: 0 }))

  it('are one notification with a count and some names, and lead to the filtered list', async () => {
    const setting = await setUp()
    await setting.save([ruleOf('failing', { filter: 'ns:apps' })])
    setting.memory.tellRows(rows(200))
    await setting.go()
    expect(setting.shown).toEqual([
      {
        title: '200 objects fail',
        body: 'apps/w0, apps/w1, apps/w2 and 197 more in lab.',
        link: `sluice://view/kustomizations?filter=${encodeURIComponent('ns:apps is:failed')}`,
      },
    ])
  })

  it('are counted where they are too many to keep each, through a pause and a restart', async () => {
    let setting = await setUp()
    await setting.save([ruleOf('failing')], { isOn: true, from: 0, until: 8 * 60 })
    setting.memory.tellRows(rows(1500))
    await setting.go()
    expect(setting.state().heldCount).toBe(1500)
    setting = await setting.restart()
    await setting.go(2 * hour)
    expect(titles(setting)).toEqual(['1,500 objects fail'])
    setting = await setting.restart()
    await setting.go(hour)
    expect(setting.shown).toEqual([])
  })

  it('a rule speaks no more often than it may, then once of all that came; not of what ended meanwhile', async () => {
    const setting = await setUp()
    await setting.save([ruleOf('failing', { afterMs: 0, everyMs: 10 * minute })])
    const { memory } = setting
    memory.tellRows([row('first', 'Failed')])
    await setting.go()
    for (const name of ['a', 'b', 'c']) {
      memory.tellRows([row(name, 'Failed')])
      await setting.go(minute)
    }
    memory.tellRows([row('b', 'Ready')])
    expect(titles(setting)).toEqual(['apps/first fails'])
    await setting.go(10 * minute)
    expect(titles(setting)).toEqual(['apps/first fails', '2 objects fail'])
    expect(setting.shown.at(-1)?.body).toBe('apps/a and apps/c in lab.')
    // The clock was put back by a day: no rule is silenced by that.
    setting.clock.at -= 24 * hour
    memory.tellRows([row('later', 'Failed')])
    await setting.go()
    expect(titles(setting).at(-1)).toBe('apps/later fails')
  })
})

describe('pauses', () => {
  const night = { isOn: true, from: 22 * 60, until: 7 * 60 }

  it('what comes in quiet hours is told when they end, in one summary; nothing is lost, a restart included', async () => {
    let setting = await setUp()
    await setting.save(defaultNotifyRules, night)
    // Wednesday, 7:00 UTC: until 22:00 it speaks.
    await setting.go(15 * hour)
    const { clock } = setting
    setting.memory.tellRows([row('web', 'Failed', { since: clock.now() - hour }), row('api', 'Failed', { since: 0 })])
    setting.memory.tellRows([row('gate', 'Suspended', { resumeAt: clock.now() - 1 })])
    await setting.go()
    expect(setting.shown).toEqual([])
    expect(setting.state()).toMatchObject({ heldCount: 3, pausedUntil: Date.parse('2026-09-17T07:00:00Z') })
    setting.memory.tellRows([row('web', 'Ready')])
    await setting.go(3 * hour)
    setting = await setting.restart()
    await setting.go(5 * hour)
    expect(setting.shown).toEqual([])
    await setting.go(hour)
    expect(setting.shown).toEqual([
      {
        title: 'While notifications were paused',
        body: '1 object fails. 1 suspension is past its until-time. 1 object is ready again. apps/api, apps/gate and apps/web in lab',
        link: 'sluice://view/overview',
      },
    ])
    await setting.go(12 * hour)
    expect(setting.shown).toHaveLength(1)
  })

  it('says of what failed and is gone that it did', async () => {
    const setting = await setUp()
    await setting.save([ruleOf('failing', { afterMs: 0 })], { isOn: true, from: 0, until: 8 * 60 })
    setting.memory.tellRows([row('web', 'Failed')])
    await setting.go()
    setting.memory.tellRows([row('web', 'Ready')])
    await setting.go(2 * hour)
    expect(setting.shown.map(({ body }) => body)).toEqual(['1 object fails, and no longer. apps/web in lab'])
  })

  it('a single one is told as it would have been', async () => {
    const setting = await setUp()
    await setting.save(defaultNotifyRules, { isOn: true, from: 0, until: 8 * 60 })
    setting.memory.tellRows([row('web', 'Failed', { since: 0 })])
    await setting.go(2 * hour)
    expect(titles(setting)).toEqual(['apps/web fails'])
  })

  it('a snooze holds everything until it ends, by time or by the user, restarts included', async () => {
    let setting = await setUp()
    const snooze = (until: number | null): Promise<null> =>
      setting.notify.handlers['notify.snooze']({ until }, { signal: new AbortController().signal, client: 'test' })
    await snooze(setting.clock.now() + hour)
    await setting.go(500)
    expect(setting.state().snoozedUntil).toBe(setting.clock.now() + hour - 500)
    setting.memory.tellRows([row('web', 'Failed', { since: 0 })])
    await setting.go(30 * minute)
    setting = await setting.restart()
    expect(setting.state()).toMatchObject({ heldCount: 1, pausedUntil: setting.clock.now() + 30 * minute - 1000 })
    expect(setting.shown).toEqual([])
    await setting.go(31 * minute)
    expect(titles(setting)).toEqual(['apps/web fails'])
    expect(setting.state()).toMatchObject({ snoozedUntil: null, pausedUntil: null, heldCount: 0 })

    await snooze(setting.clock.now() + hour)
    setting.memory.tellRows([row('api', 'Failed', { since: 0 })])
    await setting.go(minute)
    expect(setting.shown).toHaveLength(1)
    await snooze(null)
    await setting.go()
    expect(titles(setting)).toEqual(['apps/web fails', 'apps/api fails'])
    // One of the past is none.
    await snooze(1)
    await setting.go(500)
    expect(setting.state().snoozedUntil).toBeNull()
  })
})

describe('restart', () => {
  it('tells nothing twice, keeps rules, and takes up what it waited for', async () => {
    let setting = await setUp()
    await setting.save([ruleOf('failing', { everyMs: hour })], defaultQuietHours)
    const { clock } = setting
    setting.memory.tellRows([row('web', 'Failed', { since: 0 }), row('young', 'Failed', { since: clock.now() })])
    await setting.go()
    expect(titles(setting)).toEqual(['apps/web fails'])
    setting.memory.tellRows([row('more', 'Failed', { since: 0 })])
    await setting.go()
    setting = await setting.restart()
    expect(setting.state().rules).toEqual([ruleOf('failing', { everyMs: hour })])
    await setting.go(30 * minute)
    expect(setting.shown).toEqual([])
    await setting.go(hour)
    expect(setting.shown.map(({ title, body }) => `${title}: ${body}`)).toEqual([
      '2 objects fail: apps/more and apps/young in lab.',
    ])
  })

  it('reads what it stored as if anybody had written it', async () => {
    const setting = await setUp()
    setting.store.blobs.set('notify/rules.json', new TextEncoder().encode('{"rules":[{"id":7},{"id":"x"}],"quiet":[]}'))
    setting.store.blobs.set(
      'notify/state.json',
      new TextEncoder().encode(
        '{"episodes":[null,{"event":"nothing"}],"told":{},"waiting":[{"rule":"x","item":{"event":"failing"}}],"spokeAt":7}',
      ),
    )
    const again = await setUp({ store: setting.store })
    expect(again.state().rules).toEqual([])
    again.store.blobs.set('notify/rules.json', new TextEncoder().encode('{'))
    expect((await setUp({ store: again.store })).state().rules).toEqual(defaultNotifyRules)
  })
})

it('stores little: only what is bad or waits', async () => {
  const setting = await setUp({ rows: Array.from({ length: 5000 }, (_, index) => row(`ok${String(index)}`, 'Ready')) })
  setting.memory.tellRows([row('web', 'Failed', { since: 0 })])
  await setting.go()
  expect(setting.store.blobs.get('notify/state.json')?.byteLength).toBeLessThan(600)
})

it('two rules of one id are refused; a test says whether the desktop showed it', async () => {
  const setting = await setUp()
  await expect(setting.save([ruleOf('gate'), ruleOf('gate')])).rejects.toThrow('same id')
  const test = () =>
    setting.notify.handlers['notify.test']({ event: 'gate' }, { signal: new AbortController().signal, client: 'test' })
  expect(await test()).toEqual({ isShown: true })
  expect(titles(setting)).toEqual(['Test: a gate is past its until-time'])
  setting.refuse()
  expect(await test()).toEqual({ isShown: false })
})
