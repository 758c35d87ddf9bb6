/**
 * The playground's part that really runs: a repository on loopback, a GitRepository and a Kustomization that draw from it, and what a person can do to
 * them: commit, break, edit by hand, mend. Each effect is what it says: a commit, a write to the API server. Who reconciles is none of its business.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { reconcileAnnotations } from '../../../shared/flux/annotations.ts'
import type { PlaygroundAction, PlaygroundLoop } from '../../../shared/model/app.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { AdminClient } from '../control-plane/admin-client.ts'
import { openGitFolder } from './git-folder.ts'
import { serveRepository } from './git-server.ts'
import {
  breakBuild,
  editedReplicas,
  isBuildBroken,
  mendBuild,
  nextVersion,
  releaseVersion,
  replicasOf,
} from './story.ts'

export interface LoopOptions {
  readonly admin: AdminClient
  /** Of the bare repository; made with the files of `filesFolder` where it is empty. */
  readonly folder: string
  readonly filesFolder: string
  /** Controller manager, scheduler and kwok run: Deployments become healthy. */
  readonly isMoving: boolean
  readonly now: () => number
  readonly onChange: (loop: PlaygroundLoop) => void
}

export interface Loop {
  current(): PlaygroundLoop
  /** Throws SluiceError Conflict where the action has no sense now, Invalid… as the API server says. */
  act(action: PlaygroundAction): Promise<void>
  stop(): Promise<void>
}

const namespace = 'playground'
const sourceName = 'demo'
const applierName = 'web'
const author = { name: 'Playground', email: 'playground@sluice.invalid' }
/** Under which `flux create` writes. */
const manager = 'flux'
/** Under which `kubectl edit` writes. */
const editor = 'kubectl-edit'
const lookMs = 1500
const firstLookMs = 250

const namespacePath = `/api/v1/namespaces/${namespace}`
const sourcePath = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespace}/gitrepositories/${sourceName}`
const applierPath = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${applierName}`
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/web`

export async function startLoop(options: LoopOptions): Promise<Loop> {
  const { admin, now, onChange } = options
  const repository = await openGitFolder(options.folder)
  if ((await repository.head()) === null)
    await repository.commit(await readFolder(options.filesFolder), 'Begin with web 1.0.0', author, now())
  const server = await serveRepository(repository, sourceName)
  let files: ReadonlyMap<string, string> = new Map()
  let isEdited = false
  let isStopped = false
  let timer: NodeJS.Timeout | null = null
  let firstTimer: NodeJS.Timeout | null = null
  let last: PlaygroundLoop['last'] = null
  let loop: PlaygroundLoop
  /** One after another: two commits at once would lose one. */
  let turn: Promise<void> = Promise.resolve()

  async function look(): Promise<PlaygroundLoop> {
    const sha = (await repository.head()) ?? ''
    files = await repository.files(sha)
    const isBroken = isBuildBroken(files)
    const { subject, at } = await repository.subject(sha)
    return {
      namespace,
      source: sourceName,
      kustomization: applierName,
      repositoryUrl: server.url,
      isMoving: options.isMoving,
      commit: { sha, subject, at },
      isBroken,
      isEdited,
      last,
      actions: {
        commit: {
          does: `Commits web ${nextVersion(files)} to apps/web`,
          offReason: isBroken ? 'Nothing new is applied while it is broken' : '',
        },
        break: {
          does: 'Commits a slip: a list naming a file that is not there',
          offReason: isBroken ? 'It is broken already' : '',
        },
        drift: {
          does: `Scales web from ${replicasOf(files)} to ${editedReplicas} by hand, past Git`,
          offReason: isEdited ? 'It is edited already' : '',
        },
        mend: {
          does: mendText(isBroken, isEdited),
          offReason: isBroken || isEdited ? '' : 'Nothing is broken and nothing was edited',
        },
      },
    }
  }

  async function tell(): Promise<void> {
    loop = await look()
    if (!isStopped) onChange(loop)
  }

  /** Whether the edit is still there: whoever reconciles puts it back. */
  async function follow(): Promise<void> {
    const { status, body } = await admin.request('GET', deploymentPath)
    const replicas = (body as { spec?: { replicas?: number } } | null)?.spec?.replicas
    const wasEdited = isEdited
    isEdited = status === 200 && replicas !== replicasOf(files)
    if (isEdited !== wasEdited) await tell()
  }

  function followLater(): void {
    if (isStopped || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      void follow()
        .catch(() => undefined)
        .finally(() => {
          if (isEdited) followLater()
        })
    }, lookMs)
  }

  async function applyObjects(): Promise<void> {
    await send('PATCH', `${namespacePath}?fieldManager=${manager}&force=true`, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    })
    await send('PATCH', `${sourcePath}?fieldManager=${manager}&force=true`, {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: sourceName, namespace },
      spec: { interval: '1m', url: server.url, ref: { branch: repository.branch } },
    })
  }

  async function applyApplier(): Promise<void> {
    await send('PATCH', `${applierPath}?fieldManager=${manager}&force=true`, {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: applierName, namespace },
      spec: {
        interval: '10m',
        retryInterval: '1m',
        timeout: '1m',
        path: './apps/web',
        prune: true,
        // Where nothing moves no Deployment would ever be healthy: then applied is all there is to wait for.
        wait: options.isMoving,
        sourceRef: { kind: 'GitRepository', name: sourceName },
      },
    })
  }

  /** What a newcomer sees first is no failure for want of a source that is still being fetched: the Kustomization follows its source. */
  async function applyApplierSoon(): Promise<void> {
    const [applier, source] = await Promise.all([admin.request('GET', applierPath), admin.request('GET', sourcePath)])
    const isFetched = (source.body as { status?: { artifact?: unknown } } | null)?.status?.artifact !== undefined
    if (applier.status === 200 || isFetched) await applyApplier()
    else applyApplierLater()
  }

  function applyApplierLater(): void {
    if (!isStopped) firstTimer = setTimeout(() => void applyApplierSoon().catch(applyApplierLater), firstLookMs)
  }

  async function send(
    method: string,
    path: string,
    body: unknown,
    type = 'application/apply-patch+yaml',
  ): Promise<void> {
    const answer = await admin.request(method, path, type.includes('yaml') ? JSON.stringify(body) : body, type)
    if (answer.status >= 200 && answer.status < 300) return
    throw new SluiceError('Internal', 'The playground’s API server refused what its button does', {
      detail: (answer.body as { message?: string } | null)?.message ?? `HTTP ${answer.status}`,
    })
  }

  /** As a Receiver does when the repository's host calls its hook. */
  const request = (path: string): Promise<void> =>
    send(
      'PATCH',
      `${path}?fieldManager=${manager}`,
      { metadata: { annotations: { [reconcileAnnotations.requestedAt]: new Date(now()).toISOString() } } },
      'application/merge-patch+json',
    )

  async function commit(changed: ReadonlyMap<string, string>, subject: string): Promise<string> {
    const sha = await repository.commit(changed, subject, author, now())
    await request(sourcePath)
    return sha
  }

  async function perform(action: PlaygroundAction): Promise<void> {
    const { offReason } = loop.actions[action]
    if (offReason !== '') throw new SluiceError('InvalidInput', offReason)
    const at = now()
    let sha: string | null = null
    if (action === 'commit') {
      const version = nextVersion(files)
      sha = await commit(releaseVersion(files, version), `Release web ${version}`)
    } else if (action === 'break') sha = await commit(breakBuild(files), 'List an ingress that nobody wrote')
    else if (action === 'drift') {
      const patch = { spec: { replicas: editedReplicas } }
      await send('PATCH', `${deploymentPath}?fieldManager=${editor}`, patch, 'application/strategic-merge-patch+json')
      isEdited = true
    } else if (loop.isBroken) sha = await commit(mendBuild(files), 'Take the ingress off the list again')
    else await request(applierPath)
    last = { action, at, sha }
    await tell()
    followLater()
  }

  try {
    await applyObjects()
    await applyApplierSoon()
    loop = await look()
    await follow()
    if (isEdited) followLater()
  } catch (error) {
    await server.stop()
    throw error
  }
  return {
    current: () => loop,
    act(action) {
      const mine = turn.then(() => perform(action))
      turn = mine.catch(() => undefined)
      return mine
    },
    async stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      if (firstTimer !== null) clearTimeout(firstTimer)
      await turn
      await server.stop()
    },
  }
}

function mendText(isBroken: boolean, isEdited: boolean): string {
  if (isBroken) return 'Commits the list as it was'
  return isEdited ? 'Asks for a reconciliation, which puts Git’s number back' : 'Sets right what was broken or edited'
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return [relative(folder, path).split(sep).join('/'), await readFile(path, 'utf8')] as const
      }),
  )
  return new Map(files)
}
