import { describe, expect, it } from 'vitest'
import { OnceWatch, Patience } from '../../electron/cli/host-once.ts'
import type { HostedRow } from '../../shared/model/hosting.ts'

const row = (name: string, more: Partial<HostedRow> = {}): HostedRow => ({
  key: name,
  ref: { cluster: 'c', group: 'g', kind: 'Kustomization', namespace: 'a', name },
  state: 'sleeping',
  message: '',
  waitsFor: [],
  nextAt: null,
  lastResult: 'succeeded',
  lastDurationMs: 1,
  lastAt: 100,
  failures: 0,
  mode: 'automatic',
  plan: null,
  ...more,
})
const fresh = { lastResult: null, lastAt: null, lastDurationMs: null } as const
const failed = { lastResult: 'failed', message: 'no' } as const
const waiting = { state: 'waiting', lastResult: null } as const

/** A watch with what a queue would tell it, and a clock. */
function createFleet() {
  const once = new OnceWatch()
  const rows = new Map<string, HostedRow>()
  const signs = new Map<string, string>()
  let now = 0
  let at = 1000
  const see = (next: HostedRow): void => {
    rows.set(next.key, next)
    once.see(next)
  }
  const fleet = {
    once,
    signs,
    begin(name: string): void {
      const before = rows.get(name) ?? row(name, { ...fresh, state: 'queued' })
      see({ ...before, state: 'queued', nextAt: null })
      see({ ...before, state: 'running', nextAt: null })
    },
    end(name: string, more: Partial<HostedRow> = {}): void {
      at += 1000
      see(row(name, { lastAt: at, ...more }))
    },
    run(name: string, more: Partial<HostedRow> = {}): void {
      fleet.begin(name)
      fleet.end(name, more)
    },
    look: (ms: number): ReturnType<OnceWatch['look']> => once.look((key) => signs.get(key) ?? null, (now += ms)),
    /** Names of what is tried again, or the word, once all was quiet for long. */
    settle(): readonly string[] | string {
      fleet.look(0)
      const step = fleet.look(5000)
      return typeof step === 'string' ? step : step.map(({ name }) => name)
    },
  }
  return fleet
}

describe('the end', () => {
  it('comes when all was quiet for a while', () => {
    const fleet = createFleet()
    fleet.begin('x')
    expect(fleet.look(5000)).toBe('wait')
    fleet.end('x')
    expect(fleet.look(1000)).toBe('wait')
    fleet.begin('y')
    expect(fleet.look(5000)).toBe('wait')
    fleet.end('y')
    expect(fleet.look(100)).toBe('wait')
    expect(fleet.look(1400)).toBe('wait')
    expect(fleet.look(200)).toBe('done')
  })

  it('waits for a run that began and ended between two looks', () => {
    const fleet = createFleet()
    fleet.run('x')
    fleet.look(0)
    fleet.run('y', waiting)
    expect(fleet.look(1600)).toBe('wait')
    expect(fleet.settle()).toBe('done')
  })

  it('waits anew when something was allowed: what may begin by it has not begun yet', () => {
    const fleet = createFleet()
    fleet.run('x', { state: 'needs-approval', lastResult: null, message: 'it waits' })
    fleet.look(0)
    fleet.once.restart()
    expect(fleet.look(5000)).toBe('wait')
    // What was approved runs: its old verdict says nothing.
    fleet.begin('x')
    expect(fleet.look(5000)).toBe('wait')
    fleet.end('x', { state: 'held' })
    expect(fleet.settle()).toBe('done')
  })

  it('waits for what goes on at once, whatever the step before came to', () => {
    const fleet = createFleet()
    // The finalizer was added first; a timer of no time is about to queue it.
    fleet.run('x', { lastResult: null, nextAt: 2000, lastAt: 2000 })
    expect(fleet.settle()).toBe('wait')
    fleet.run('x')
    expect(fleet.settle()).toBe('done')
  })

  it('comes for an object that is not there any more', () => {
    const fleet = createFleet()
    fleet.run('x')
    fleet.begin('y')
    fleet.once.gone('y')
    expect(fleet.settle()).toBe('done')
    expect(fleet.once.verdicts().map(({ key }) => key)).toEqual(['x'])
  })
})

describe('short intervals', () => {
  it('do not put it off: what succeeded and runs again by its interval is no news', () => {
    const fleet = createFleet()
    fleet.run('x')
    fleet.begin('x')
    expect(fleet.look(1000)).toBe('wait')
    for (let looks = 0; looks < 3; looks += 1) {
      expect(fleet.look(400)).toBe('wait')
      fleet.end('x')
      fleet.begin('x')
    }
    expect(fleet.look(400)).toBe('done')
    // Judged by the run that ended.
    expect(fleet.once.verdicts()).toMatchObject([{ key: 'x', state: 'sleeping', lastResult: 'succeeded' }])
  })

  it('nor does an interval of nothing', () => {
    const fleet = createFleet()
    fleet.run('x', { nextAt: 2000, lastAt: 2000 })
    fleet.begin('x')
    expect(fleet.settle()).toBe('done')
  })

  it('nor does what had run before anybody looked', () => {
    const fleet = createFleet()
    fleet.end('x')
    fleet.begin('x')
    expect(fleet.settle()).toBe('done')
  })

  it('nor does what fails again and again, or waits: it keeps its verdict while it runs', () => {
    const fleet = createFleet()
    fleet.run('x')
    fleet.run('f', failed)
    fleet.run('f', failed)
    fleet.run('w', { ...waiting, message: 'for f' })
    for (const name of ['f', 'w']) fleet.begin(name)
    expect(fleet.settle()).toBe('done')
    expect(fleet.once.verdicts().map((each) => OnceWatch.wordOf(each))).toEqual([null, 'Failed', 'Waiting'])
  })

  it('of one that succeeds do not have a failing one tried for ever', () => {
    const fleet = createFleet()
    fleet.run('x')
    fleet.run('f', failed)
    expect(fleet.settle()).toEqual(['f'])
    fleet.run('x')
    fleet.run('f', failed)
    fleet.run('x')
    expect(fleet.settle()).toBe('done')
  })

  it('but what is there now has to be judged: a new revision or spec puts it off until that has run', () => {
    const fleet = createFleet()
    fleet.signs.set('x', '1 main@a')
    fleet.run('x')
    fleet.look(0)
    fleet.begin('x')
    fleet.signs.set('x', '2 main@a')
    expect(fleet.settle()).toBe('wait')
    fleet.end('x')
    fleet.begin('x')
    expect(fleet.settle()).toBe('wait')
    fleet.end('x')
    fleet.begin('x')
    expect(fleet.settle()).toBe('done')
  })
})

describe('trying again', () => {
  it('is for what failed once, in any case', () => {
    const fleet = createFleet()
    fleet.run('x')
    fleet.run('f', failed)
    // Another time for its next run is no run.
    fleet.once.see(row('f', { ...failed, nextAt: 9000 }))
    expect(fleet.settle()).toEqual(['f'])
    fleet.run('f', failed)
    expect(fleet.settle()).toBe('done')
  })

  it('is for what may go on by what others have changed since', () => {
    const fleet = createFleet()
    fleet.run('w', waiting)
    fleet.run('n', { state: 'not-hosted', lastResult: null, message: 'Secret a/b may not be read' })
    fleet.run('f', failed)
    fleet.run('f', failed)
    expect(fleet.settle()).toBe('done')
    // It is good for the first time.
    fleet.run('x')
    expect(fleet.settle()).toEqual(['w', 'n', 'f'])
    for (const name of ['w', 'n', 'f']) fleet.run(name, name === 'f' ? failed : waiting)
    expect(fleet.settle()).toBe('done')
    // It succeeds as it was before: no news.
    fleet.run('x')
    expect(fleet.settle()).toBe('done')
  })

  it('is for what failed before another one had applied a new revision', () => {
    const fleet = createFleet()
    fleet.signs.set('x', '1 main@a')
    fleet.run('x')
    fleet.run('f', failed)
    fleet.run('f', failed)
    expect(fleet.settle()).toBe('done')
    fleet.signs.set('x', '1 main@b')
    fleet.run('x')
    expect(fleet.settle()).toEqual(['f'])
  })

  it('counts a run that was under way when another one succeeded as one before', () => {
    const fleet = createFleet()
    fleet.run('f', failed)
    fleet.begin('f')
    fleet.run('x')
    fleet.end('f', failed)
    expect(fleet.settle()).toEqual(['f'])
  })

  it('is never for what waits for a person, or is off', () => {
    const fleet = createFleet()
    fleet.run('h', { state: 'needs-approval', lastResult: 'failed', message: 'deletes all' })
    fleet.run('s', { state: 'suspended', lastResult: null })
    fleet.run('m', { state: 'manual', lastResult: null, message: 'when you say so' })
    fleet.run('x')
    expect(fleet.settle()).toBe('done')
  })

  it('is for what was canceled before it came to anything', () => {
    const fleet = createFleet()
    fleet.run('c', { lastResult: 'canceled', message: 'Hosted mode does not act now' })
    expect(fleet.settle()).toEqual(['c'])
    fleet.run('c')
    expect(fleet.settle()).toBe('done')
  })

  it('has an end, also where one fails and succeeds in turns for ever', () => {
    const fleet = createFleet()
    let rounds = 0
    fleet.run('f', failed)
    for (; rounds < 100; rounds += 1) {
      fleet.run('x', failed)
      fleet.run('x')
      const step = fleet.settle()
      if (step === 'done') break
      for (const name of step === 'wait' ? [] : step) fleet.run(name, failed)
    }
    expect(rounds).toBeGreaterThan(1)
    expect(rounds).toBeLessThan(20)
  })

  it('has an end where others become good one after the other and one fails each time', () => {
    const fleet = createFleet()
    let tries = 0
    for (let step: readonly string[] | string = []; step !== 'done'; tries += 1) {
      expect(tries).toBeLessThan(20)
      fleet.run(`x${String(tries)}`)
      fleet.run('f', failed)
      fleet.run(`y${String(tries)}`)
      step = fleet.settle()
    }
    expect(tries).toBe(11)
  })

  it('has an end where two keep changing the spec of a third', () => {
    const fleet = createFleet()
    let generation = 1
    fleet.signs.set('x', 'none')
    fleet.run('x')
    fleet.look(0)
    for (let step: readonly string[] | string = 'wait'; step !== 'done'; generation += 1) {
      expect(generation).toBeLessThan(20)
      fleet.signs.set('x', String(generation))
      fleet.run('x')
      fleet.begin('x')
      step = fleet.settle()
      fleet.end('x')
    }
    expect(generation).toBeGreaterThan(5)
  })
})

describe('what makes the exit code 1', () => {
  const word = (more: Partial<HostedRow>): string | null => OnceWatch.wordOf(row('x', more))

  it('is what failed, waits or was not finished', () => {
    expect(word({})).toBeNull()
    expect(word({ lastResult: 'failed' })).toBe('Failed')
    expect(word({ lastResult: 'canceled' })).toBe('Failed')
    expect(word({ state: 'waiting', lastResult: null })).toBe('Waiting')
    expect(word({ state: 'needs-approval' })).toBe('Held')
  })

  it('is no suspended object, whatever it came to before', () => {
    expect(word({ state: 'suspended', lastResult: 'failed' })).toBeNull()
  })

  it('is a held one that could not be planned, none that is up to date', () => {
    expect(word({ state: 'held', lastResult: null })).toBeNull()
    expect(word({ state: 'held', lastResult: 'succeeded' })).toBeNull()
    expect(word({ state: 'held', lastResult: null, message: 'Its source has no artifact yet' })).toBe('Failed')
  })

  it('is a manual one that was to be applied and failed, none whose plan waits for a person', () => {
    expect(word({ state: 'manual', lastResult: null })).toBeNull()
    expect(word({ state: 'manual', lastResult: null, message: 'Revision a creates 1' })).toBeNull()
    expect(word({ state: 'manual', lastResult: 'failed', message: 'Revision a creates 1' })).toBe('Failed')
    expect(word({ state: 'manual', lastResult: 'failed' })).toBeNull()
  })

  it('is a hosted kind that cannot be run here, no other kind', () => {
    expect(word({ state: 'not-hosted', lastResult: null, message: 'CEL' })).toBe('Not hosted')
    expect(word({ state: 'not-hosted', ...fresh, message: 'no Helm' })).toBeNull()
  })
})

describe('waiting until hosted mode acts', () => {
  const create = (): Patience => new Patience({ leaseDurationMs: 35_000, retryPeriodMs: 5000 })

  it('ends at once where controllers were found', () => {
    expect(create().look('stepped-back', 1000)).toBe(0)
  })

  it('ends for a lease that somebody keeps, or a lost connection, when one that was left behind would have run out', () => {
    for (const state of ['waiting', 'disconnected'] as const) {
      const patience = create()
      expect(patience.look('starting', 0)).toBeNull()
      expect(patience.look(state, 1000)).toBeNull()
      expect(patience.look(state, 61_000)).toBeNull()
      expect(patience.look(state, 61_200)).toBe(60_200)
    }
  })

  it('begins anew once hosted mode has acted', () => {
    const patience = create()
    patience.look('waiting', 0)
    patience.look('active', 50_000)
    expect(patience.look('disconnected', 70_000)).toBeNull()
    expect(patience.look('disconnected', 129_000)).toBeNull()
    expect(patience.look('disconnected', 131_000)).toBe(61_000)
  })

  it('counts one after the other, as they alternate', () => {
    const patience = create()
    patience.look('waiting', 0)
    patience.look('starting', 30_000)
    expect(patience.look('disconnected', 61_000)).toBe(61_000)
  })

  it('is longer for a cluster that takes its time to be read', () => {
    for (const state of ['starting', 'listing', null] as const) {
      const patience = create()
      patience.look(state, 0)
      expect(patience.look(state, 299_000)).toBeNull()
      expect(patience.look(state, 301_000)).toBe(301_000)
    }
  })
})
