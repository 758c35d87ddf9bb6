import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { HandOverRun } from '../../../../electron/engine/reconcile/hand-over/run-hand-over.ts'
import { runHandOver } from '../../../../electron/engine/reconcile/hand-over/run-hand-over.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'

const at = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'flux-system' },
  ...more,
})
const deployment = (name: string): KubeObject =>
  at('apps/v1', 'Deployment', name, { spec: { selector: { matchLabels: { app: name } } } })
const pod = (name: string): KubeObject =>
  at('v1', 'Pod', name, { status: { containerStatuses: [{ state: { running: {} } }] } })

interface World {
  /** Names of Deployments whose pods run. */
  readonly running: Set<string>
  /** The source carries the controller's own artifact. */
  isFetched: boolean
  /** Runs of kustomize-controller so far. */
  runs: number
  isStuck: boolean
  /** What is asked for the first time does not get through. */
  isShaky: boolean
  /** Nothing does. */
  isGone: boolean
  /** The source has no artifact of anybody’s. */
  isEmpty: boolean
  /** A source that came after the plan; null: there is none. */
  late: 'ours' | 'nobody’s' | 'theirs' | null
  /** A Kustomization that did. */
  hasLateApp: boolean
  /** Names whose writes are done, and not answered. */
  readonly unanswered: Set<string>
  /** Names that may not be deleted. */
  readonly kept: Set<string>
  readonly objects: Map<string, KubeObject>
}

/** A cluster in memory; what was asked of it and of hosted mode, in order. */
function setUp(change: (world: World) => void = () => undefined) {
  const objects = new Map<string, KubeObject>()
  const world: World = {
    running: new Set(),
    isFetched: false,
    runs: 1,
    isStuck: false,
    isShaky: false,
    isGone: false,
    isEmpty: false,
    late: null,
    hasLateApp: false,
    unanswered: new Set(),
    kept: new Set(),
    objects,
  }
  const log: string[] = []
  let nowMs = 0
  const clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after(ms: number, callback: () => void) {
      nowMs += ms
      queueMicrotask(callback)
      return () => undefined
    },
  }
  const asked = new Set<string>()
  const refuse = (what: string): boolean => {
    const isFirst = !asked.has(what)
    asked.add(what)
    return world.isGone || (world.isShaky && isFirst)
  }
  const noConnection = (): Promise<never> =>
    Promise.reject(new SluiceError('ConnectionLost', 'the connection was lost', { retry: 'transient' }))
  const client = {
    request({ method, path, body }: { method: string; path: string; body?: KubeObject }) {
      if (refuse(`${method} ${path}`)) return noConnection()
      const name = path.split('?')[0]!.split('/').at(-1)!
      const answer = (status: number, value: unknown) =>
        Promise.resolve({
          status,
          headers: {},
          bytes: new Uint8Array(),
          json: () => value,
          text: () => JSON.stringify(value),
        })
      if (method === 'GET') {
        const found = objects.get(name)
        return found === undefined ? answer(404, {}) : answer(200, { ...found, status: availableStatus })
      }
      if (path.includes('dryRun=All')) return answer(200, body)
      log.push(`${method} ${name}`)
      if (method === 'DELETE') {
        const { uid } = (body as { preconditions?: { uid?: string } } | undefined)?.preconditions ?? {}
        if (world.kept.has(name)) return answer(403, { message: 'no right' })
        if (uid !== undefined && uid !== objects.get(name)?.metadata.uid) return answer(409, {})
        objects.delete(name)
        if (!world.isStuck) world.running.delete(name)
      } else {
        const uid = objects.get(name)?.metadata.uid
        objects.set(name, { ...body!, metadata: { ...body!.metadata, uid: uid ?? `uid of ${name}` } })
        world.running.add(name)
        if (world.unanswered.has(name)) return noConnection()
        if (uid === undefined) return answer(201, objects.get(name))
      }
      return answer(200, objects.get(name) ?? {})
    },
  }
  const counts = { replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 }
  const availableStatus = { ...counts, conditions: [{ type: 'Available', status: 'True' }] }
  const readyStatus = { conditions: [{ type: 'Ready', status: 'True' }] }
  const fleet = (kind: string): KubeObject[] => {
    if (kind === 'GitRepository') {
      const urls = {
        ours: 'http://hosted.sluice.invalid/x',
        theirs: 'http://source-controller/x',
        'nobody’s': '',
      }
      const source = (name: string, whose: keyof typeof urls): KubeObject => {
        const artifact = whose === 'nobody’s' ? {} : { artifact: { url: urls[whose], digest: 'd' } }
        const status = { ...readyStatus, observedGeneration: 0, ...artifact }
        return at('source.toolkit.fluxcd.io/v1', kind, name, { status })
      }
      return [
        source('fleet', world.isEmpty ? 'nobody’s' : world.isFetched ? 'theirs' : 'ours'),
        ...(world.late === null ? [] : [source('late', world.late)]),
      ]
    }
    if (kind !== 'Kustomization') return []
    const history = [{ totalReconciliations: world.runs }]
    const app = (name: string): KubeObject =>
      at('kustomize.toolkit.fluxcd.io/v1', kind, name, { status: { ...readyStatus, observedGeneration: 0, history } })
    return [app('apps'), ...(world.hasLateApp ? [app('late')] : [])]
  }
  const view = {
    id: 'c',
    served: () => ({}),
    list(group: string, kind: string, _namespace: string, options: { labelSelector?: string }) {
      if (refuse(`${kind} ${options.labelSelector ?? ''}`)) return noConnection()
      if (kind !== 'Pod') return Promise.resolve(fleet(kind))
      const name = options.labelSelector?.split('=')[1] ?? ''
      return Promise.resolve(group === '' && world.running.has(name) ? [pod(name)] : [])
    },
  }
  const transfer = {
    view,
    expectControllers: () => log.push('expect'),
    handOver(controller: string) {
      log.push(`lease of ${controller}`)
      change(world)
      if (controller === 'kustomize-controller') world.runs += 1
      return Promise.resolve()
    },
    takeBack: (areGone: boolean) => log.push(`take back ${String(areGone)}`),
    end: () => {
      log.push('end')
      return Promise.resolve()
    },
  }
  const names = ['source-controller', 'kustomize-controller', 'helm-controller']
  const deployments = names.map((name) => ({ name, image: '', object: deployment(name) }))
  const refOf = (group: string, kind: string, name: string) => ({
    cluster: 'c',
    group,
    kind,
    namespace: 'flux-system',
    name,
  })
  const run = {
    plan: {
      objects: names.map((name) => ({ kind: 'Deployment', namespace: 'flux-system', name, action: 'created' })),
      sources: [refOf('source.toolkit.fluxcd.io', 'GitRepository', 'fleet')],
      kustomizations: [refOf('kustomize.toolkit.fluxcd.io', 'Kustomization', 'apps')],
    },
    installation: { objects: deployments.map(({ object }) => object), definitions: [], deployments },
    transfer,
    calls: { client, clock, impersonate: null, signal: new AbortController().signal },
    times: { runningMs: 1000, sourcesMs: 2000, kustomizationsMs: 3000, goneMs: 500, stepMs: 100 },
    progress: {
      begin: (stage: string) => log.push(`# ${stage}`),
      step: () => undefined,
      finish: () => undefined,
      watched: () => undefined,
      settle: () => log.push('settled'),
    },
    isLeaving: () => false,
  } as unknown as HandOverRun
  return { log, run, world }
}

describe('a hand-over', () => {
  it('gives leases away in order, and starts what would run something new when all is adopted', async () => {
    const { log, run } = setUp((world) => (world.isFetched = true))
    await runHandOver(run, () => log.push('undo'))
    expect(log).toEqual([
      'expect',
      '# definitions',
      '# controllers',
      'PATCH source-controller',
      'PATCH kustomize-controller',
      '# ready',
      '# sources',
      'lease of source-controller',
      '# kustomizations',
      'lease of kustomize-controller',
      'settled',
      'end',
      '# rest',
      'PATCH helm-controller',
    ])
  })

  it('is undone where a source does not come in time: controllers away, leases back, the source named', async () => {
    const { log, run } = setUp()
    const undone: SluiceError[] = []
    await expect(runHandOver(run, (error) => undone.push(error))).rejects.toMatchObject({
      code: 'ReconcileTimeout',
      message: 'GitRepository flux-system/fleet did not come within 2 s',
    })
    expect(undone.map(({ code }) => code)).toEqual(['ReconcileTimeout'])
    expect(log.slice(log.indexOf('lease of source-controller'))).toEqual([
      'lease of source-controller',
      'DELETE source-controller',
      'DELETE kustomize-controller',
      'DELETE helm-controller',
      'take back true',
    ])
  })

  it('goes on where the connection comes and goes, whatever it was about to ask or write', async () => {
    const { log, run, world } = setUp((of) => (of.isFetched = true))
    world.isShaky = true
    await runHandOver(run, () => log.push('undo'))
    expect(log).not.toContain('undo')
    expect(log.filter((line) => line.startsWith('PATCH'))).toEqual([
      'PATCH source-controller',
      'PATCH kustomize-controller',
      'PATCH helm-controller',
    ])
    expect(log.at(-1)).toBe('PATCH helm-controller')
  })

  it('is undone where the connection does not come back within a minute', async () => {
    const { log, run, world } = setUp((of) => (of.isGone = true))
    const undone: SluiceError[] = []
    const ended = runHandOver(run, (error) => {
      undone.push(error)
      world.isGone = false
    })
    await expect(ended).rejects.toMatchObject({ code: 'ConnectionLost' })
    expect(undone).toHaveLength(1)
    expect(log.at(-1)).toBe('take back true')
  })

  it('does not act beside controllers that could not be taken away', async () => {
    const { log, run } = setUp((world) => (world.isStuck = true))
    await expect(runHandOver(run, () => undefined)).rejects.toMatchObject({ code: 'ReconcileTimeout' })
    expect(log.at(-1)).toBe('take back false')
  })

  it('leaves everything as it is when the program ends', async () => {
    const { log, run } = setUp()
    await expect(runHandOver({ ...run, isLeaving: () => true }, () => log.push('undo'))).rejects.toThrow()
    expect(log.at(-1)).toBe('lease of source-controller')
  })

  describe('during which Sluice went on hosting', () => {
    /** What each stage waits for at first, how many that are, and in which order it goes on; `late` comes when it is named. */
    async function waitsOf(change: (world: World) => void, begun: Partial<World> = {}) {
      const { log, run, world } = setUp(change)
      Object.assign(world, begun)
      const progress = {
        ...run.progress,
        begin: (stage: string, _message: string, total = 0) => log.push(`# ${stage} ${String(total)}`),
        step(_message: string, done: number, pending: readonly { readonly ref: { readonly name: string } }[] = []) {
          if (!pending.some(({ ref }) => ref.name === 'late')) return
          log.push(`${String(done)} fetched, late is not`)
          world.late = 'theirs'
        },
      }
      await runHandOver({ ...run, progress }, () => log.push('undo'))
      return log.slice(log.indexOf('# ready 2') + 1, log.indexOf('settled'))
    }

    it.each<[string, 'ours' | 'nobody’s' | null]>([
      ['with its last runs', null],
      ['before', 'ours'],
    ])('waits for a source that it fetched %s before kustomize-controller gets its lease', async (_when, late) => {
      const waits = await waitsOf(
        (of) => {
          of.isFetched = true
          // What Sluice fetched before is taken away by source-controller before anybody looks.
          if (of.late !== 'theirs') of.late = late === null ? 'ours' : 'nobody’s'
        },
        { late },
      )
      expect(waits).toEqual([
        `# sources ${late === null ? '1' : '2'}`,
        'lease of source-controller',
        ...(late === null ? ['# sources 2'] : []),
        '1 fetched, late is not',
        '# kustomizations 1',
        'lease of kustomize-controller',
      ])
    })

    it('does not wait for a source that has no artifact any more, whatever the plan saw', async () => {
      expect(await waitsOf(() => undefined, { isEmpty: true })).toEqual([
        '# sources 0',
        'lease of source-controller',
        '# kustomizations 1',
        'lease of kustomize-controller',
      ])
    })

    it('waits for a Kustomization that it applied since the plan', async () => {
      const waits = await waitsOf((of) => (of.isFetched = true), { hasLateApp: true })
      expect(waits.at(-2)).toBe('# kustomizations 2')
    })
  })

  describe('that gave rights', () => {
    const binding = (name: string, uid?: string): KubeObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name, ...(uid === undefined ? {} : { uid }) },
    })
    /** One binding is new, one was there and is changed. Nothing is fetched: it is undone. */
    async function undone(change?: (world: World) => void, begun: Partial<World> = {}, signal?: AbortSignal) {
      const { log, run, world } = setUp(change)
      Object.assign(world, begun)
      world.objects.set('theirs', { ...binding('theirs', 'before'), subjects: [] })
      const { objects } = run.installation
      const installation = { ...run.installation, objects: [...objects, binding('mine'), binding('theirs')] }
      const calls = signal === undefined ? run.calls : { ...run.calls, signal }
      const error: unknown = await runHandOver({ ...run, installation, calls }, () => {
        log.push('undo')
        world.unanswered.clear()
      }).catch((reason: unknown) => reason)
      return { error, world, log: log.slice(log.indexOf('undo')) }
    }

    it('takes those away that it gave when it is undone, after the controllers', async () => {
      const { error, world, log } = await undone()
      expect(error).toMatchObject({ code: 'ReconcileTimeout', message: expect.stringContaining('fleet') as string })
      expect(log.slice(-2)).toEqual(['take back true', 'DELETE mine'])
      expect(log).not.toContain('DELETE theirs')
      expect(world.objects.has('mine')).toBe(false)
      expect(world.objects.get('theirs')).toEqual(binding('theirs', 'before'))
    })

    it('leaves what has the name by now to whoever made it', async () => {
      const { error, world } = await undone((of) => void of.objects.set('mine', binding('mine', 'somebody else’s')))
      expect(error).toMatchObject({ code: 'ReconcileTimeout' })
      expect(world.objects.get('mine')?.metadata.uid).toBe('somebody else’s')
    })

    it('leaves them to controllers that could not be taken away, and says so', async () => {
      const { error, world, log } = await undone((of) => (of.isStuck = true))
      expect(log.at(-1)).toBe('take back false')
      expect(world.objects.has('mine')).toBe(true)
      expect(error).toMatchObject({
        code: 'ReconcileTimeout',
        message: expect.stringContaining('fleet') as string,
        detail: expect.stringMatching(/\nTheir pods are still there after 1 s$/) as string,
        remedy: expect.stringMatching(/Sluice does nothing\. They keep ClusterRoleBinding mine\.$/) as string,
      })
    })

    const leftMine =
      'The controllers are gone, but not all of their rights: look at ClusterRoleBinding mine, and delete what nobody needs.'

    it('names those that could not be taken away', async () => {
      const { error } = await undone((of) => void of.kept.add('mine'))
      expect(error).toMatchObject({ code: 'ReconcileTimeout', remedy: leftMine })
    })

    it('names them where it was canceled, too: that is more than a cancel', async () => {
      const cancel = new AbortController()
      const { error } = await undone(
        (of) => {
          of.kept.add('mine')
          cancel.abort(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
        },
        {},
        cancel.signal,
      )
      expect(error).toMatchObject({ code: 'ApplyFailed', retry: 'terminal', remedy: leftMine })
    })

    it('does not delete, but names, what may be its own or not: its write was never answered', async () => {
      const { error, world } = await undone(undefined, { unanswered: new Set(['mine']) })
      expect(world.objects.has('mine')).toBe(true)
      expect(error).toMatchObject({ code: 'ReconcileTimeout', remedy: leftMine })
    })

    it('says nothing of what it began to create and is not there', async () => {
      const { error, log } = await undone((of) => void of.objects.delete('mine'), { unanswered: new Set(['mine']) })
      expect(error).toMatchObject({ code: 'ReconcileTimeout', remedy: expect.not.stringContaining('mine') as string })
      expect(log.at(-1)).toBe('take back true')
    })
  })
})
