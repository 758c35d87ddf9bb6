/** The gate over a real API server: real kubeconfig, client, informers, store; nothing in between is played. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import { createRandom, createSystemClock } from '../../../electron/adapters/node/system-clock.ts'
import { createAccessReviews } from '../../../electron/engine/access/access-reviews.ts'
import { createAuditLog } from '../../../electron/engine/audit/audit-log.ts'
import { ContextRegistry } from '../../../electron/engine/clusters/registry.ts'
import type { ClusterView } from '../../../electron/engine/clusters/view.ts'
import type { Gate } from '../../../electron/engine/gate/gate.ts'
import { createGate } from '../../../electron/engine/gate/gate.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import { FirstView } from '../../../electron/engine/clusters/first-view.ts'
import { SettingsStore } from '../../../electron/engine/settings/settings-store.ts'
import type { InputOf } from '../../../shared/contract/index.ts'
import type { Operation, OperationItem, Plan } from '../../../shared/model/actions.ts'

export interface LiveGate {
  readonly gate: Gate
  readonly registry: ContextRegistry
  readonly view: ClusterView
  prepare(input: InputOf<'plan.prepare'>): Promise<Plan>
  /** Prepares and executes; the operation's key. */
  start(input: InputOf<'plan.prepare'>): Promise<string>
  execute(plan: Plan): Promise<string>
  /** Resolves when the operation has ended. */
  ended(operation: string): Promise<Operation>
  items(operation: string): readonly OperationItem[]
  /** Every state that items went through, in order. */
  follow(operation: string): readonly OperationItem[]
  auditLines(): Promise<readonly Record<string, unknown>[]>
  readonly call: { readonly signal: AbortSignal; readonly client: 'test' }
  stop(): Promise<void>
}

const call = { signal: new AbortController().signal, client: 'test' } as const

/** Connects with a kubeconfig and waits until its cluster serves Flux's kinds. */
export async function startLiveGate(kubeconfigPath: string): Promise<LiveGate> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sluice-gate-'))
  const logger = { log: () => undefined }
  const clock = createSystemClock()
  const store = createBlobStore(dataDir)
  const kubeConfigs = createKubeConfigs({
    env: { ...process.env, KUBECONFIG: kubeconfigPath, HOME: dataDir },
    dataDir,
    logger,
    playgroundKubeconfig: () => null,
  })
  const ports = {
    clock,
    random: createRandom(),
    logger,
    codec: createCodec(),
    store,
    kubeConfigs,
    shell: { notify: () => Promise.resolve(false) },
    environment: { userName: 'Test Person' },
  } as unknown as Ports
  const settings = new SettingsStore(ports)
  const access = createAccessReviews(ports)
  const registry = new ContextRegistry({ ports, settings, access, firstView: new FirstView(ports.clock, false) })
  const audit = createAuditLog(ports)
  await registry.ready
  const gate = createGate({
    ports,
    clusters: registry,
    access,
    audit,
    settings: () => settings.current(),
    previewOf: () => Promise.reject(new Error('nothing is compared here')),
  })

  const view = await until(() =>
    registry.views().find((candidate) => candidate.served('kustomize.toolkit.fluxcd.io', 'Kustomization') !== null),
  )

  function watchOperations(look: (operation: Operation) => void): () => void {
    return gate.handlers['operations.watch'](
      {},
      {
        push: (operations) => void operations.forEach(look),
        ready: () => undefined,
        end: () => undefined,
        isClosed: false,
      },
      call,
    )
  }

  const live: LiveGate = {
    gate,
    registry,
    view,
    call,
    prepare: (input) => gate.handlers['plan.prepare'](input, call),
    async execute({ digest }) {
      return (await gate.handlers['plan.execute']({ digest }, call)).operation
    },
    async start(input) {
      return live.execute(await live.prepare(input))
    },
    ended(key) {
      return new Promise((resolve) => {
        let stop: (() => void) | null = null
        let isDone = false
        stop = watchOperations((operation) => {
          if (operation.key !== key || operation.endedAt === null) return
          isDone = true
          stop?.()
          resolve(operation)
        })
        if (isDone) stop()
      })
    },
    items(key) {
      return live.follow(key)
    },
    follow(key) {
      const seen: OperationItem[] = []
      gate.handlers['operation.items'](
        { operation: key },
        { push: (items) => void seen.push(...items), ready: () => undefined, end: () => undefined, isClosed: false },
        call,
      )
      return seen
    },
    async auditLines() {
      const text = await readFile(path.join(dataDir, 'audit.jsonl'), 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    async stop() {
      gate.dispose()
      await registry.dispose()
      kubeConfigs.dispose()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return live
}

/** Looks every 20 ms until there is something. */
export async function until<T>(look: () => T | null | undefined | false, timeoutMs = 20_000): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const found = look()
    if (found !== null && found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`timed out waiting: ${look.toString().slice(0, 200)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
