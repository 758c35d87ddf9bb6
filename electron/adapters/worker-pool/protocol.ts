/** What goes between the pool and its workers: plain values, one request at a time in each worker. */
import type { KeyPlaces } from '../decrypt/user-keys.ts'
import type { ClusterRenderMessage } from '../../engine/build/cluster/cluster-renders.ts'
import type { ClusterRenderRequest } from '../../engine/drift/cluster-renderer-port.ts'
import type { ShownTexts } from '../../engine/drift/cluster-renderer-port.ts'
import type { ReleaseMessage } from '../../engine/helm/prepare-release.ts'
import type { ReleaseRequest } from '../../engine/helm/release-port.ts'
import type { BuildErrorCode } from '../../engine/kustomize/build-error.ts'
import type { TreeRender, TreeScan } from '../../engine/repositories/renderer-port.ts'

export interface RenderWorkerData {
  /** One Int32: the id of the request that is to stop. */
  readonly stop: SharedArrayBuffer
}

export type RenderTask =
  | { readonly do: 'scan' }
  | { readonly do: 'render'; readonly key: string }
  | { readonly do: 'changed'; readonly paths: readonly string[] | null }
  | { readonly do: 'close' }
  /** SECURITY: item 9: the request brings keys with it; they are gone with the answer. */
  | { readonly do: 'cluster'; readonly request: ClusterRenderRequest; readonly ownKeys: KeyPlaces | null }
  | { readonly do: 'release'; readonly request: ReleaseRequest }
  /** SECURITY: item 9: sealed on both sides. */
  | { readonly do: 'print'; readonly compared: string }

export type RenderRequest = RenderTask & {
  readonly id: number
  /** The folder, links followed; '' where the task names a tree of its own. */
  readonly root: string
  /** For the build itself; the pool allows a little more before it kills the worker. */
  readonly deadlineMs: number
  /** Where the user's own keys are, if they are to be used. SECURITY: a worker has no environment to look them up in; it is told. */
  readonly keys: KeyPlaces | null
}

export interface RenderAnswers {
  readonly scan: TreeScan
  readonly render: TreeRender | null
  readonly changed: { readonly isScanStale: boolean; readonly keys: readonly string[] }
  readonly close: null
  readonly cluster: ClusterRenderMessage
  readonly release: ReleaseMessage
  readonly print: ShownTexts
}

export type RenderReply =
  | { readonly id: number; readonly ok: true; readonly value: RenderAnswers[keyof RenderAnswers] }
  | { readonly id: number; readonly ok: false; readonly code: BuildErrorCode | 'Fault'; readonly message: string }
