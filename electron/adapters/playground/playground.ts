/**
 * The playground: a real control plane on this machine with a sample fleet, for whoever has no cluster at hand. Owns its state machine
 * and its folder; knows nothing of windows. Semantics of the parts: ../control-plane/.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger, Playground } from '../../engine/ports.ts'
import type { PlaygroundState } from '../../../shared/model/app.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import { createCustomResourceDefinitions } from '../../../shared/flux/custom-resource-definitions.ts'
import type { Component } from '../control-plane/components.ts'
import { startControlPlane } from '../control-plane/control-plane.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { resolveBinaries } from '../control-plane/resolve-binaries.ts'
import type { Binaries } from '../control-plane/resolve-binaries.ts'
import type { ControlPlaneProgress } from '../control-plane/progress.ts'
import { createResourcePaths, loadSample } from './sample-loader.ts'
import { asStill, readSamples } from './sample-files.ts'
import type { Sample } from './sample-files.ts'
import { startStandIn } from './stand-in.ts'
import { startLoop } from './loop.ts'
import type { Loop } from './loop.ts'
import { installCustomResourceDefinitions } from './install-definitions.ts'

export interface PlaygroundOptions {
  readonly folder: string
  readonly cacheDir: string
  readonly samplesDir: string
  /** Where the Go modules of the control plane lie. */
  readonly modulesDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logger: Logger
  readonly now: () => number
}

export interface NodePlayground {
  readonly port: Playground
  /** null while no playground runs. */
  kubeconfigPath(): string | null
  dispose(): Promise<void>
}

export const playgroundContext = 'playground'
const required: readonly Component[] = ['etcd', 'kube-apiserver']
const movers: readonly Component[] = ['kube-controller-manager', 'kube-scheduler', 'kwok']
/** Changes with what is loaded: a playground of another version is made anew. */
const loadedMark = 'samples-loaded-3'

export function createPlayground(options: PlaygroundOptions): NodePlayground {
  const { folder, logger, now } = options
  const listeners = new Set<(state: PlaygroundState) => void>()
  let state: PlaygroundState = {
    key: 'playground',
    state: 'absent',
    step: '',
    progress: null,
    context: null,
    limitation: '',
    loop: null,
    error: null,
  }
  let controlPlane: ControlPlane | null = null
  let stopStandIn: (() => void) | null = null
  let loop: Loop | null = null
  let abort: AbortController | null = null
  let running: Promise<void> | null = null
  let failing: Promise<void> | null = null

  function update(change: Partial<PlaygroundState>): void {
    state = { ...state, ...change }
    for (const listener of listeners) listener(state)
  }

  function report(word: PlaygroundState['state'], { step, index, of, detail }: ControlPlaneProgress): void {
    update({
      state: word,
      step: detail === '' ? step : `${step}: ${detail}`,
      progress: of === 0 ? null : (index - 1) / of,
    })
  }

  async function start(): Promise<void> {
    abort = new AbortController()
    const { signal } = abort
    await failing
    // What a canceled or failed first start has left is half a cluster: nobody's data, and not safe to start again.
    if (!(await exists(join(folder, loadedMark)))) await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    update({ state: 'preparing', step: 'Looking for the control plane', progress: null, error: null, limitation: '' })
    const binaries = await resolve(signal)
    const limitation = movers.every((component) => binaries[component] !== undefined)
      ? ''
      : 'Without the controller manager, scheduler and kwok, workloads do not move on this playground.'
    update({ state: 'starting', step: 'Starting the API server', limitation })
    const isMoving = limitation === ''
    controlPlane = await startControlPlane({
      binaries,
      dataDir: folder,
      name: playgroundContext,
      components: {
        controllerManager: binaries['kube-controller-manager'] !== undefined,
        scheduler: binaries['kube-scheduler'] !== undefined,
        kwok: binaries.kwok !== undefined,
      },
      onProgress: (progress) => report('starting', progress),
      signal,
      onUnexpectedExit: (component, detail) => void fail(component, detail),
    })
    // Their work is hosted mode's here.
    const samples = (await readSamples(options.samplesDir)).filter(({ isHostedHere }) => !isHostedHere)
    if (!(await exists(join(folder, loadedMark)))) await load(controlPlane, samples, signal)
    signal.throwIfAborted()
    update({ state: 'loading', step: 'Serving the sample repository', progress: null })
    loop = await startLoop({
      admin: controlPlane.admin,
      folder: join(folder, 'demo.git'),
      filesFolder: join(options.samplesDir, 'repository'),
      isMoving,
      now,
      onChange: (changed) => update({ loop: changed }),
    })
    signal.throwIfAborted()
    stopStandIn = startStandIn(controlPlane.admin, samples, now)
    update({ state: 'running', step: '', progress: null, context: playgroundContext, loop: loop.current() })
  }

  /** One part ended that nobody stopped: without it the rest is no cluster, and a new start needs the folder. */
  async function fail(component: Component, detail: string): Promise<void> {
    if (failing !== null || state.state === 'stopping') return
    failing = stopParts().catch((error: unknown) =>
      logger.log('error', 'playground did not stop cleanly', { error: toErrorData(error).message }),
    )
    await failing
    failing = null
    update({
      state: 'failed',
      step: '',
      progress: null,
      context: null,
      loop: null,
      error: {
        code: 'StartFailed',
        message: `${component} of the playground ended`,
        remedy: 'Start the playground again.',
        detail,
        retry: 'transient',
      },
    })
  }

  async function stopParts(): Promise<void> {
    stopStandIn?.()
    stopStandIn = null
    await loop?.stop()
    loop = null
    const parts = controlPlane
    controlPlane = null
    await parts?.stop()
  }

  async function resolve(signal: AbortSignal): Promise<Binaries> {
    const shared = {
      cacheFolder: options.cacheDir,
      modulesFolder: options.modulesDir,
      env: { ...options.env },
      signal,
    }
    const onProgress = (progress: ControlPlaneProgress): void => report('preparing', progress)
    const needed = await resolveBinaries({ ...shared, components: required, onProgress })
    try {
      return { ...needed, ...(await resolveBinaries({ ...shared, components: movers, onProgress })) }
    } catch (error) {
      if (signal.aborted) throw error
      logger.log('warn', 'playground without moving workloads', { error: toErrorData(error).message })
      return needed
    }
  }

  async function load({ admin }: ControlPlane, samples: readonly Sample[], signal: AbortSignal): Promise<void> {
    update({ state: 'loading', step: 'Installing the definitions of the Flux kinds', progress: 0 })
    await installCustomResourceDefinitions(admin, createCustomResourceDefinitions(), signal)
    const paths = createResourcePaths(admin)
    for (const [index, sample] of samples.entries()) {
      signal.throwIfAborted()
      if (index % 10 === 0)
        update({
          step: `Loading the sample fleet: ${index} of ${samples.length} objects`,
          progress: index / samples.length,
        })
      await loadSample(admin, paths, asStill(sample), now())
    }
    await writeFile(join(folder, loadedMark), '')
  }

  async function stop(isDataDeleted: boolean): Promise<void> {
    abort?.abort()
    await running?.catch(() => undefined)
    update({ state: 'stopping', step: 'Stopping the control plane', progress: null, context: null, loop: null })
    await failing
    await stopParts()
    if (isDataDeleted) await rm(folder, { recursive: true, force: true })
    update({ state: 'absent', step: '', progress: null, error: null, limitation: '' })
  }

  return {
    port: {
      watch(listener) {
        listeners.add(listener)
        listener(state)
        return () => listeners.delete(listener)
      },
      async start() {
        if (running !== null) return running
        if (state.state === 'running' || state.state === 'stopping') return
        running = start().catch(async (error: unknown) => {
          await failing
          await stopParts().catch(() => undefined)
          const data = toErrorData(error)
          update(
            data.retry === 'canceled'
              ? { state: 'absent', step: '', progress: null }
              : { state: 'failed', step: '', progress: null, error: data },
          )
        })
        await running.finally(() => (running = null))
      },
      stop,
      async act(action) {
        if (loop === null)
          throw new SluiceError('NotFound', 'No playground runs', { remedy: 'Start the playground first.' })
        await loop.act(action)
      },
    },
    // Half a cluster is no cluster: what is looked up while definitions are still missing would be remembered as missing.
    kubeconfigPath: () => (state.state === 'running' && controlPlane !== null ? controlPlane.kubeconfigPath : null),
    async dispose() {
      if (state.state !== 'absent' || controlPlane !== null) await stop(false)
    },
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
