/** Doubles of what a resolver asks of the machine: every contact is written down. */
import { createArtifactResolver } from '../../../electron/engine/source/resolve-artifact.ts'
import type { ArtifactResolverDeps } from '../../../electron/engine/source/resolve-artifact.ts'
import type { GitRequest, GitRevision, StoredTree } from '../../../electron/engine/source/artifact-port.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode } from '../../../shared/model/errors.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { MemoryCluster, silentLogger } from '../memory-cluster.ts'

export const never = new AbortController().signal

export class MemorySources {
  readonly cluster = new MemoryCluster()
  /** `download URL`, `pod NS/NAME:PORT PATH`, `service SCHEME:NS/NAME:PORT PATH`, `git URL COMMIT`, `folder PATH`, `compose`. */
  readonly contacts: string[] = []
  readonly allowed = new Set<string>()
  readonly named: string[] = []
  readonly folders = new Map<string, string>()
  readonly trees = new Map<string, StoredTree>()
  readonly blobs = new Map<string, Uint8Array>()
  readonly gitRequests: { readonly request: GitRequest; readonly revision: GitRevision }[] = []
  /** First word of a contact → what it fails with. */
  readonly failures = new Map<string, ErrorCode>()
  /** Paths that storage does not have any more. */
  readonly gone = new Set<string>()
  /** Holds downloads back until it resolves. */
  gate: Promise<void> = Promise.resolve()
  canceledCount = 0

  constructor() {
    this.cluster.kubeClient = {} as never
  }

  get deps(): ArtifactResolverDeps {
    const tree = (key: string): StoredTree => {
      const stored: StoredTree = {
        kind: 'archive',
        path: `/cache/${key}`,
        contentKey: `tree:${key}`,
        files: 1,
        bytes: 1,
      }
      this.trees.set(key, stored)
      return stored
    }
    const contact = async (text: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
      this.contacts.push(text)
      await Promise.race([this.gate, new Promise((resolve) => signal.addEventListener('abort', resolve))])
      if (signal.aborted) {
        this.canceledCount += 1
        throw new SluiceError('Canceled', 'Canceled')
      }
      const failure = this.failures.get(text.split(' ', 1)[0] ?? '')
      if (failure !== undefined) throw new SluiceError(failure, `${text} fails with ${failure}`)
      if ([...this.gone].some((path) => text.endsWith(path))) throw new SluiceError('ArtifactMissing', `${text}: 404`)
      return (async function* () {})()
    }
    return {
      ports: {
        clock: this.cluster.clock,
        logger: silentLogger,
        store: {
          read: (name) => Promise.resolve(this.blobs.get(name) ?? null),
          write: (name, data) => {
            this.blobs.set(name, typeof data === 'string' ? new TextEncoder().encode(data) : data)
            return Promise.resolve()
          },
          remove: () => Promise.resolve(),
          appendLine: () => Promise.resolve(),
        },
        artifacts: {
          find: (key) => Promise.resolve(this.trees.get(key) ?? null),
          storeArchive: ({ key, what }) => {
            const failure = this.failures.get('store')
            if (failure !== undefined) return Promise.reject(new SluiceError(failure, `${what} is not taken`))
            return Promise.resolve(tree(key))
          },
          compose: ({ key, parts }) => {
            this.contacts.push(`compose ${parts.map(({ fromPath, toPath }) => `${fromPath}>${toPath}`).join(' ')}`)
            return Promise.resolve(tree(key))
          },
          storeFolder: async ({ folder, ignore }) => {
            this.contacts.push(`folder ${folder} ${String(ignore)}`)
            return Promise.resolve(tree(folder))
          },
          use: () => () => undefined,
        },
        artifactTransport: {
          download: (url, signal) => contact(`download ${url}`, signal),
          downloadFromPod: (_client, pod, path, signal) =>
            contact(`pod ${pod.namespace}/${pod.name}:${pod.port} ${path}`, signal),
          downloadFromService: (_client, { namespace, name, port, scheme }, path, signal) =>
            contact(`service ${scheme}:${namespace}/${name}:${port} ${path}`, signal),
        },
        git: {
          resolve: () => Promise.reject(new Error('not asked for')),
          tree: async (request, revision, _limits, signal) => {
            await contact(`git ${request.url} ${revision.commit}`, signal)
            this.gitRequests.push({ request, revision })
            return tree(`${request.url}@${revision.commit}`)
          },
          commit: () => Promise.resolve(null),
          log: () => Promise.resolve([]),
          verify: () => Promise.reject(new Error('not asked for')),
        },
      },
      hosts: {
        isAllowed: (_cluster, host) => this.allowed.has(host),
        noteNamed: (_cluster, host, by) => void this.named.push(`${host} by ${by}`),
      },
      folders: {
        folderOf: (source) => {
          const path = this.folders.get(refKey(source))
          return path === undefined ? null : { path, label: path }
        },
      },
    }
  }

  resolver() {
    return createArtifactResolver(this.deps)
  }

  /** A source-controller that runs as in every installation. */
  serveStorage(args: readonly string[] = [], name = 'source-controller', namespace = 'flux-system'): void {
    this.cluster.controllerRows.push({ namespace, name, args } as unknown as ControllerRow)
    this.cluster.apply(
      `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: ${name}, namespace: ${namespace} }, spec: { selector: { matchLabels: { app: ${name} } } } }`,
      pod(`${name}-1`, namespace, name),
    )
  }
}

export function pod(
  name: string,
  namespace: string,
  app: string,
  more: { phase?: string; isReady?: boolean; port?: number } = {},
): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${app} } }
spec: { containers: [{ name: manager, ports: [{ name: http, containerPort: ${more.port ?? 9090} }] }] }
status: { phase: ${more.phase ?? 'Running'}, conditions: [{ type: Ready, status: '${more.isReady === false ? 'False' : 'True'}' }] }
`
}

export const digest = `sha256:${'a'.repeat(64)}`
export const shaOf = (letter: string): string => letter.repeat(40)
export const storageHost = 'source-controller.flux-system.svc.cluster.local.'

/** A GitRepository flux-system/fleet with an artifact at commit `cccc…`. */
export function gitRepository(
  options: { spec?: string; commit?: string; host?: string; name?: string; status?: string } = {},
): string {
  const { spec = '', commit = 'c', host = storageHost, name = 'fleet' } = options
  const sha = shaOf(commit)
  const artifact = `{ revision: 'main@sha1:${sha}', digest: '${digest}', url: 'http://${host}/gitrepository/flux-system/${name}/${sha}.tar.gz' }`
  return `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: ${name}, namespace: flux-system }
spec: { url: 'https://git.example/org/${name}', ref: { branch: main }${spec === '' ? '' : `, ${spec}`} }
status: { artifact: ${artifact}${options.status === undefined ? '' : `, ${options.status}`} }
`
}

export function kustomization(status = '', sourceRef = '{ kind: GitRepository, name: fleet }'): string {
  return `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system }
spec: { path: ./apps, sourceRef: ${sourceRef} }
status: { ${status} }
`
}
