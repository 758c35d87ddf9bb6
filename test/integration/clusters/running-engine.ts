/** An engine on real adapters and a real API server, with its streams gathered into maps: what a window would hold. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Engine } from '../../../electron/engine/index.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import type { HandOverTimes } from '../../../electron/engine/reconcile/hand-over/run-hand-over.ts'
import type { HostingOptions } from '../../../electron/engine/reconcile/hosting.ts'
import type { CallContext } from '../../../shared/contract/index.ts'
import type { ContextRow, ControllerRow, FluxRow, KindRow } from '../../../shared/model/rows.ts'
import { gatherItems, startNodeEngine } from '../../app/node-engine.ts'

export interface RunningEngine {
  readonly engine: Engine
  readonly call: CallContext
  readonly rows: Map<string, FluxRow>
  readonly kinds: Map<string, KindRow>
  readonly contexts: Map<string, ContextRow>
  readonly controllers: Map<string, ControllerRow>
  /** Every change of a row as it came, `+key` or `-key`: doubled and flickering rows show here. */
  readonly rowLog: string[]
  readonly logs: string[]
  kind(kind: string, context?: string): KindRow | undefined
  named(kind: string): readonly string[]
  /** Saves snapshots, closes everything; the data folder stays until `remove`. */
  dispose(): Promise<void>
  readonly dataDir: string
}

export interface EngineOptions {
  readonly kubeconfigs: readonly string[]
  readonly dataDir?: string
  /** Its user agent is `sluice/VERSION`. */
  readonly version?: string
  readonly hosting?: HostingOptions
  /** History is kept, as beside a window. */
  readonly isRecording?: boolean
  /** Between the adapters and the engine. */
  readonly wrapPorts?: (ports: Ports) => Ports
  readonly handOverTimes?: Partial<HandOverTimes>
}

const folders: string[] = []

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-engine-'))
  folders.push(folder)
  return folder
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
}

export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const dataDir = options.dataDir ?? (await makeFolder())
  const logs: string[] = []
  const { engine, call, dispose } = startNodeEngine({
    kubeconfig: options.kubeconfigs.join(path.delimiter),
    dataDir,
    log: (level, message, fields) => {
      logs.push(`${new Date().toISOString().slice(14, 23)} ${level} ${message} ${JSON.stringify(fields ?? {})}`)
    },
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.wrapPorts === undefined ? {} : { wrapPorts: options.wrapPorts }),
    engine: {
      isWindowExpected: false,
      ...(options.isRecording === undefined ? {} : { isRecording: options.isRecording }),
      ...(options.hosting === undefined ? {} : { hosting: options.hosting }),
      ...(options.handOverTimes === undefined ? {} : { handOverTimes: options.handOverTimes }),
    },
  })
  const rowLog: string[] = []
  const rows = new Map<string, FluxRow>()
  const kinds = new Map<string, KindRow>()
  const contexts = new Map<string, ContextRow>()
  const controllers = new Map<string, ControllerRow>()
  const { handlers } = engine
  handlers['rows.watch'](
    {},
    gatherItems(rows, (key, row) => rowLog.push(row === null ? `-${key}` : `+${key}`)),
    call,
  )
  handlers['kinds.watch']({}, gatherItems(kinds), call)
  handlers['contexts.watch']({}, gatherItems(contexts), call)
  handlers['controllers.watch']({}, gatherItems(controllers), call)
  return {
    engine,
    call,
    rows,
    kinds,
    contexts,
    controllers,
    rowLog,
    logs,
    dataDir,
    kind: (kind, context) =>
      [...kinds.values()].find((row) => row.kind === kind && (context === undefined || row.context === context)),
    named: (kind) =>
      [...rows.values()]
        .filter((row) => row.ref.kind === kind)
        .map((row) => `${row.ref.namespace}/${row.ref.name}`)
        .sort(),
    dispose,
  }
}
