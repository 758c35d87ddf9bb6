/** Work that several wait for is done once; it is given up when the last of them leaves. */
import { SluiceError } from '../../../shared/model/errors.ts'

interface Job<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiting: number
}

export class SharedJobs<T> {
  readonly #jobs = new Map<string, Job<T>>()

  /** Rejects with Canceled when `signal` aborts first, else with what `work` rejects with. */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) return Promise.reject(canceled())
    const job = this.#jobs.get(key) ?? this.#start(key, work)
    job.waiting += 1
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort)
        job.waiting -= 1
      }
      const onAbort = (): void => {
        leave()
        reject(canceled())
        if (job.waiting > 0) return
        // Whoever comes next starts anew.
        if (this.#jobs.get(key) === job) this.#jobs.delete(key)
        job.controller.abort()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      job.result.then(
        (value) => {
          leave()
          resolve(value)
        },
        (error: unknown) => {
          leave()
          reject(error)
        },
      )
    })
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Job<T> {
    const controller = new AbortController()
    const job: Job<T> = { result: work(controller.signal), controller, waiting: 0 }
    this.#jobs.set(key, job)
    const forget = (): void => {
      if (this.#jobs.get(key) === job) this.#jobs.delete(key)
    }
    job.result.then(forget, forget)
    return job
  }
}

export function canceled(): SluiceError {
  return new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
}
