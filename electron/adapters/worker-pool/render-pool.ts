/**
 * adapters/worker-pool: renders opened folders in worker threads, one less than there are processors, so that neither the engine nor the
 * window waits for a build. Owns threads, deadlines, memory caps and crashes; knows nothing of what a build does.
 */
import { availableParallelism } from 'node:os'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KeyPlaces } from '../decrypt/user-keys.ts'
import type { Logger } from '../../engine/ports.ts'
import type { ClusterRenderMessage } from '../../engine/build/cluster/cluster-renders.ts'
import type { ClusterRenderRequest } from '../../engine/drift/cluster-renderer-port.ts'
import type { PrintElsewhere } from '../../engine/drift/cluster-renderer-port.ts'
import type { ReleaseMessage } from '../../engine/helm/prepare-release.ts'
import type { ReleaseRequest } from '../../engine/helm/release-port.ts'
import type { RenderedTree, Renderer, TreeRender } from '../../engine/repositories/renderer-port.ts'
import type { RenderAnswers, RenderReply, RenderTask } from './protocol.ts'
import { RenderWorker, WorkerDied } from './render-worker.ts'

export interface RenderPoolOptions {
  /** File of workers/render: compiled beside the engine thread, or the source. */
  readonly entry: string
  readonly logger: Logger
  /** One less than the processors if not given, at least one. */
  readonly size?: number
  /** Memory of one worker; 512 MB if not given. */
  readonly memoryMb?: number
  /** For one build; 30 s if not given. */
  readonly deadlineMs?: number
  /** Where the user's own keys are, for `useOwnKeys`. */
  readonly keyPlaces?: KeyPlaces
  /** After so long without work a worker ends; what it remembers of opened folders goes with it. Never if not given. */
  readonly idleMs?: number
}

export interface RenderPool extends Renderer {
  /** A Kustomization of a cluster; a worker that dies over it is an `error` of the answer. Rejects with SluiceError Canceled or Internal. */
  renderForCluster(request: ClusterRenderRequest, signal: AbortSignal): Promise<ClusterRenderMessage>
  /** A stored release; a worker that dies over it is an `error` of the answer. Rejects as `renderForCluster`. */
  readRelease(request: ReleaseRequest, signal: AbortSignal): Promise<ReleaseMessage>
  /** Texts and patch of a compared object. Rejects with SluiceError Canceled or Internal. */
  print: PrintElsewhere
  dispose(): void
}

const defaultMemoryMb = 512
const defaultDeadlineMs = 30_000

/** Threads start with the first request. */
export function createRenderPool(options: RenderPoolOptions): RenderPool {
  const { entry, logger, memoryMb = defaultMemoryMb, deadlineMs = defaultDeadlineMs } = options
  const size = Math.max(1, options.size ?? availableParallelism() - 1)
  const onCrash = (reason: string): void => logger.log('warn', 'a render worker ended', { reason })
  let usesKeys = false
  const keys = (): KeyPlaces | null => (usesKeys ? (options.keyPlaces ?? null) : null)
  const idle = options.idleMs === undefined ? {} : { idleMs: options.idleMs }
  const workers = Array.from(
    { length: size },
    () => new RenderWorker({ entry, memoryMb, deadlineMs, keys, onCrash, ...idle }),
  )

  return {
    open: (root) => openTree(root),
    async renderForCluster(request, signal) {
      const { name, namespace = '' } = request.kustomization.metadata
      const ownKeys = request.usesOwnKeys ? (options.keyPlaces ?? null) : null
      try {
        const task = { do: 'cluster', request, ownKeys } as const
        return valueOf<'cluster'>(await workerOf(`${namespace}/${name}`).ask('', task, signal))
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error
        const fault = { code: 'LimitExceeded', message: deathSentence(error), file: '', line: 0 } as const
        return { objects: '[]', digest: null, assumptions: [], warnings: [], error: fault, durationMs: 0 }
      }
    },
    async readRelease(request, signal) {
      try {
        return valueOf<'release'>(await workerOf(request.place).ask('', { do: 'release', request }, signal))
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error
        const message = `The release in ${request.place} cannot be read.`
        const unreadable = new SluiceError('ReleaseUnreadable', message, { detail: deathSentence(error) })
        return { error: unreadable.toData(), release: null }
      }
    },
    async print(compared, signal) {
      try {
        return valueOf<'print'>(await workerOf('print').ask('', { do: 'print', compared }, signal))
      } catch (error) {
        throw error instanceof WorkerDied ? new SluiceError('Internal', deathSentence(error)) : error
      }
    },
    useOwnKeys: (isOn) => {
      usesKeys = isOn
    },
    dispose() {
      for (const worker of workers) worker.dispose()
    },
  }

  function openTree(root: string): RenderedTree {
    const closing = new AbortController()
    async function ask<K extends RenderTask['do']>(
      worker: RenderWorker,
      task: Extract<RenderTask, { do: K }>,
      signal: AbortSignal | null,
    ): Promise<RenderAnswers[K]> {
      const either = signal === null ? closing.signal : AbortSignal.any([signal, closing.signal])
      return valueOf<K>(await worker.ask(root, task, either))
    }
    return {
      scan: async (signal) => {
        try {
          return await ask(workerOf(''), { do: 'scan' }, signal)
        } catch (error) {
          throw error instanceof WorkerDied ? new SluiceError('Internal', deathSentence(error)) : error
        }
      },
      async render(key, signal) {
        try {
          const rendered = await ask(workerOf(key), { do: 'render', key }, signal)
          if (rendered === null) throw new SluiceError('NotFound', 'This is not in the folder any more')
          return rendered
        } catch (error) {
          if (error instanceof WorkerDied) return failed(key, deathSentence(error))
          throw error
        }
      },
      async changed(paths) {
        const all = await Promise.all(
          workers.map((worker) =>
            ask(worker, { do: 'changed', paths }, null).catch((error: unknown) => {
              // A worker that starts anew remembers nothing: all is in doubt there.
              if (error instanceof WorkerDied) return { isScanStale: true, keys: [] }
              throw error
            }),
          ),
        )
        return {
          isScanStale: all.some(({ isScanStale }) => isScanStale),
          keys: [...new Set(all.flatMap(({ keys }) => keys))],
        }
      },
      dispose() {
        closing.abort()
        for (const worker of workers) void worker.ask(root, { do: 'close' }, null).catch(() => undefined)
      },
    }
  }

  /** The same key goes to the same worker, which remembers what it read. */
  function workerOf(key: string): RenderWorker {
    let code = 0
    for (let index = 0; index < key.length; index++) code = (Math.imul(code, 31) + key.charCodeAt(index)) | 0
    const worker = workers[Math.abs(code) % size]
    if (worker === undefined) throw new Error('the pool has no workers')
    return worker
  }

  function deathSentence({ isOutOfMemory, isLate, message }: WorkerDied): string {
    if (isOutOfMemory) return `The build needed more than ${memoryMb} MB of memory and was stopped.`
    if (isLate) return `The build took more than ${Math.round(deadlineMs / 1000)} s and was stopped.`
    return `The renderer ended while it worked on this: ${message}`
  }
}

function valueOf<K extends RenderTask['do']>(reply: RenderReply): RenderAnswers[K] {
  if (reply.ok) return reply.value as RenderAnswers[K]
  switch (reply.code) {
    case 'Canceled':
      throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
    case 'FileUnreadable':
      throw new SluiceError('NotFound', 'The folder cannot be read', { detail: reply.message })
    default:
      throw new SluiceError('Internal', 'The renderer failed', { detail: reply.message })
  }
}

function failed(key: string, message: string): TreeRender {
  return {
    key,
    objects: [],
    digest: null,
    durationMs: 0,
    warnings: [],
    assumptions: [],
    error: { code: 'LimitExceeded', message, remedy: 'Make the input smaller.', file: '', line: 0 },
  }
}
