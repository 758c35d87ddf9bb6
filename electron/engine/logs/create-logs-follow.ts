/** `logs.follow`: one container's lines, live; opened again when the connection is cut, without losing or doubling a line. */
import type { Handlers, InputOf, StreamSink } from '../../../shared/contract/index.ts'
import type { LogLine } from '../../../shared/model/detail.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { errorFromAnswer } from '../cache/api-answer.ts'
import { resourcePath } from '../clusters/view.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { Dispose } from '../ports.ts'
import { asArray, asRecord, at, textAt } from '../status/read.ts'
import { lineFilter } from './controller-lines.ts'
import { requireView } from './create-log-targets.ts'
import type { LogDeps } from './create-log-targets.ts'
import { LogBuffer } from './log-buffer.ts'
import { readLine } from './log-line.ts'
import type { ReadLine } from './log-line.ts'

const firstDelayMs = 1000
const maxDelayMs = 15_000
/** A container that has printed nothing sends not even headers: that long they are waited for, and the stream is ready without them. */
const headersMs = 60 * 60_000
const readyDeadlineMs = 3000
/** Attempts that bring nothing at all, before the stream ends with the last reason. */
const maxVainAttempts = 6
/** A controller's tail is filtered: more is read for as many lines. */
const controllerTailFactor = 20
const maxTailLines = 10_000

type Input = InputOf<'logs.follow'>

/**
 * Ends without an error when the container is over and its lines are told; with one when the pod's log may not be read, the pod or
 * container does not exist, or nothing answers. `ready` comes with the first answer.
 */
export function createLogsFollow(deps: LogDeps): Handlers['logs.follow'] {
  return (input, sink) => {
    const follower = new LogFollower(deps, input, sink)
    void follower.run()
    return () => {
      follower.stop()
    }
  }
}

type Verdict = 'over' | 'again'

class LogFollower {
  readonly #deps: LogDeps
  readonly #input: Input
  readonly #sink: StreamSink<LogLine>
  readonly #buffer: LogBuffer
  readonly #abort = new AbortController()
  readonly #isWanted: (raw: string) => boolean
  readonly #title: string
  /** Newest time told, and the lines that bear it: where a new connection takes up. */
  #lastStamp = ''
  #lastAt: number | null = null
  #atLastStamp = new Map<string, number>()
  #resumeStamp = ''
  #resumeCounts = new Map<string, number>()
  #isReady = false
  #stopWaiting: Dispose | null = null
  #stopReady: Dispose | null = null

  constructor(deps: LogDeps, input: Input, sink: StreamSink<LogLine>) {
    this.#deps = deps
    this.#input = input
    this.#sink = sink
    this.#buffer = new LogBuffer({ clock: deps.ports.clock, sink, pod: input.pod, container: input.container })
    this.#isWanted = input.role === 'controller' ? lineFilter(input.ref) : () => true
    this.#title = `Logs of ${input.namespace}/${input.pod}${input.container === '' ? '' : `, container ${input.container}`}`
  }

  stop(): void {
    this.#abort.abort()
    this.#stopWaiting?.()
    this.#stopReady?.()
    this.#buffer.stop()
  }

  async run(): Promise<void> {
    this.#stopReady = this.#deps.ports.clock.after(readyDeadlineMs, () => {
      this.#becomeReady()
    })
    let vain = 0
    let delayMs = firstDelayMs
    try {
      for (;;) {
        const view = requireView(this.#deps.clusters, this.#input.ref)
        let fault: Error | null = null
        let isFruitful = false
        try {
          isFruitful = await this.#connect(view)
        } catch (error) {
          if (this.#abort.signal.aborted) return
          fault = error instanceof Error ? error : new SluiceError('Internal', String(error))
          if (toErrorData(error).retry !== 'transient') throw error
        }
        if (this.#abort.signal.aborted) return
        if (isFruitful) {
          vain = 0
          delayMs = firstDelayMs
        } else if (fault !== null) {
          vain += 1
          if (vain >= maxVainAttempts) throw fault
        }
        if (this.#input.isPrevious && fault === null) break
        if ((await this.#judge(view)) === 'over') break
        await this.#wait(delayMs)
        if (this.#abort.signal.aborted) return
        delayMs = Math.min(delayMs * 2, maxDelayMs)
      }
      this.#becomeReady()
      this.#stopReady()
      this.#buffer.whenEmpty(() => {
        this.#sink.end()
      })
    } catch (error) {
      if (this.#abort.signal.aborted) return
      this.#stopReady()
      this.#buffer.whenEmpty(() => {
        this.#sink.end(error)
      })
    }
  }

  /** Reads one connection to its end; true when it brought a line. Transient SluiceErrors are worth another attempt. */
  async #connect(view: ClusterView): Promise<boolean> {
    const answer = await view.client().stream({
      method: 'GET',
      path: this.#path(),
      signal: this.#abort.signal,
      timeoutMs: headersMs,
    })
    if (answer.status !== 200) {
      const error = errorFromAnswer(await answer.error(), this.#title)
      // 400 says that the container has not started yet (or has no previous run).
      if (answer.status === 400 && !this.#input.isPrevious) {
        this.#becomeReady()
        return false
      }
      if (answer.status === 400)
        throw new SluiceError('NotFound', `${this.#title}: there is no previous run`, { detail: error.detail })
      throw error
    }
    this.#becomeReady()
    let isFruitful = false
    for await (const batch of answer.lines) {
      if (this.#abort.signal.aborted) break
      const lines = batch.map(readLine).filter((line) => this.#isNew(line))
      if (lines.length > 0) isFruitful = true
      this.#buffer.add(lines.filter((line) => this.#isWanted(line.raw)))
    }
    return isFruitful
  }

  #path(): string {
    const { namespace, pod, container, tailLines, isPrevious, role } = this.#input
    if (namespace === '') throw new SluiceError('InvalidInput', `${this.#title}: a pod lives in a namespace`)
    const tail = role === 'controller' ? Math.min(tailLines * controllerTailFactor, maxTailLines) : tailLines
    const query = [
      ...(container === '' ? [] : [`container=${encodeURIComponent(container)}`]),
      ...(isPrevious ? ['previous=true'] : ['follow=true']),
      'timestamps=true',
      // Whole seconds is what the API takes: what is known of that second is skipped on arrival.
      this.#lastAt === null
        ? `tailLines=${String(tail)}`
        : `sinceTime=${encodeURIComponent(new Date(Math.floor(this.#lastAt / 1000) * 1000).toISOString())}`,
    ]
    const resource = { group: '', version: 'v1', plural: 'pods', isNamespaced: true }
    return `${resourcePath(resource, namespace, pod)}/log?${query.join('&')}`
  }

  /** After a reconnect the API server repeats the last second: lines that were told are told apart by time, then by count. */
  #isNew(line: ReadLine): boolean {
    if (line.stamp === '') return true
    if (line.stamp < this.#resumeStamp) return false
    if (line.stamp === this.#resumeStamp) {
      const told = this.#resumeCounts.get(line.raw) ?? 0
      if (told > 0) {
        this.#resumeCounts.set(line.raw, told - 1)
        return false
      }
    }
    if (line.stamp > this.#lastStamp) {
      this.#lastStamp = line.stamp
      this.#lastAt = line.at
      this.#atLastStamp = new Map()
    }
    if (line.stamp === this.#lastStamp) this.#atLastStamp.set(line.raw, (this.#atLastStamp.get(line.raw) ?? 0) + 1)
    return true
  }

  /** Does the container still run, or may it run again. A pod that cannot be read for now is asked again later. */
  async #judge(view: ClusterView): Promise<Verdict> {
    const ref: ObjectRef = {
      cluster: this.#input.ref.cluster,
      group: '',
      kind: 'Pod',
      namespace: this.#input.namespace,
      name: this.#input.pod,
    }
    this.#resumeStamp = this.#lastStamp
    this.#resumeCounts = new Map(this.#atLastStamp)
    let pod: unknown
    try {
      pod = await view.fetch(ref, this.#abort.signal)
    } catch (error) {
      return toErrorData(error).code === 'NotFound' ? 'over' : 'again'
    }
    const phase = textAt(pod, 'status', 'phase')
    if (phase === 'Succeeded' || phase === 'Failed') return 'over'
    const { container } = this.#input
    const inits = asArray(at(pod, 'status', 'initContainerStatuses'))
    const init = inits.find((each) => asRecord(each).name === container)
    // An init container that has succeeded does not run again.
    return at(init, 'state', 'terminated', 'exitCode') === 0 ? 'over' : 'again'
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.ports.clock.after(ms, resolve)
      this.#stopWaiting = () => {
        cancel()
        resolve()
      }
    })
  }

  #becomeReady(): void {
    if (this.#isReady || this.#abort.signal.aborted) return
    this.#isReady = true
    this.#sink.ready()
  }
}
