/** What a bootstrap would commit and apply, looked up afresh: nothing is pushed or applied that is not in here. */
import { kustomizeGroup, sourceGroup } from '../../../../shared/flux/groups.ts'
import type { BootstrapFile, BootstrapPlan, BootstrapTarget } from '../../../../shared/model/bootstrap.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { linesOf } from '../../diff/unified-diff.ts'
import { diffLines } from '../../repositories/line-diff.ts'
import type { GitRemote, GitRequest } from '../../source/artifact-port.ts'
import { repositoryNameOf } from '../../source/source-object.ts'
import type { HostConsents } from '../../source/consents.ts'
import type { BranchFile, BranchFolder, GitPush, GitWriter } from '../../source/git-write-port.ts'
import { at, textAt } from '../../status/read.ts'
import { compareInstallation } from '../hand-over/install.ts'
import { manifestsIn, resourcesIn } from './folder-manifests.ts'
import type { SyncFacts } from './layout.ts'
import {
  componentsFile,
  componentsMessage,
  fileIn,
  generatedMark,
  kustomizationFile,
  kustomizationText,
  syncFile,
  syncMessage,
  syncName,
  syncObjects,
  syncText,
} from './layout.ts'
import { accessTo, secretDataOf, shownUrl } from './repository-access.ts'

export interface BootstrapInput {
  readonly view: ClusterView
  readonly namespace: string
  readonly target: BootstrapTarget
  readonly keyFile: string | null
  /** `flux install --export`, or what the user picked. */
  readonly components: string
  readonly version: string
  readonly hosts: HostConsents
  readonly git: GitRemote
  readonly gitWriter: GitWriter
  readonly calls: CallOptions
}

export interface PreparedBootstrap {
  readonly plan: BootstrapPlan
  readonly request: GitRequest
  /** null: the branch holds everything already. */
  readonly push: Omit<GitPush, 'atMs'> | null
  /** In the order in which they are applied; the Secret with its values. */
  readonly objects: readonly KubeObject[]
  /** By path, of files that are written: what is there ('' where nothing is), and what will be. */
  readonly texts: ReadonlyMap<string, { readonly before: string; readonly after: string }>
  /** SECURITY: item 9: told to nobody; a salted digest of it is part of the plan's. */
  readonly secretText: string
}

const maxApplied = 200

/** Throws SluiceError with what stands in the way: consents, credentials, something of the user's that it would destroy. */
export async function prepareBootstrap(input: BootstrapInput): Promise<PreparedBootstrap> {
  const { view, namespace, target, keyFile, hosts, git, gitWriter, calls } = input
  const { signal } = calls
  const { branch, path, author } = target
  const kustomizations = await view.list(kustomizeGroup, 'Kustomization', '', { signal })
  const { url, request, pushesWith } = await accessTo(view, target, hosts, signal)
  await refuseOverlap(input, url, kustomizations)
  const data = await secretDataOf({ view, target, url, hosts, gitWriter, keyFile, signal })
  const folder = await gitWriter.look(request, branch, path, signal)
  if (folder.isCut)
    throw new SluiceError('Unsupported', `${place(shownUrl(url), path)} holds more files than can be looked at`, {
      remedy: 'Choose a folder of its own for this cluster.',
    })
  await refuseNested(input, url, kustomizations, folder)
  if (folder.head !== null) await checkReading(git, request, data)
  const facts: SyncFacts = { namespace, url, branch, path, hasSecret: data !== null }
  const files = filesOf(input, facts, folder)
  const written = files.filter(({ action }) => action === 'created' || action === 'changed')
  const commits = commitsOf(input, facts, written)
  const objects = [...(data === null ? [] : [secretOf(namespace, data)]), ...syncObjects(facts)]
  const others = manifestsIn(folder.files, path, fileIn(facts, ''))
  return {
    plan: {
      repository: shownUrl(url),
      branch,
      head: folder.head,
      path,
      author,
      pushesWith,
      commits: commits.map(({ message }) => message),
      files: files.map(({ before: _before, after: _after, ...file }) => file),
      objects: await compareInstallation(objects, calls),
      secretKeys: data === null ? null : [...data.keys()].sort(),
      applied: others.slice(0, maxApplied),
      appliedCount: others.length,
    },
    request,
    push: commits.length === 0 ? null : { branch, expected: folder.head, commits, author },
    objects,
    texts: new Map(written.map(({ path: of, before, after }) => [of, { before, after }])),
    secretText: JSON.stringify(data === null ? null : [...data]),
  }
}

interface PlannedFile extends BootstrapFile {
  readonly before: string
  readonly after: string
}

function filesOf(input: BootstrapInput, facts: SyncFacts, folder: BranchFolder): readonly PlannedFile[] {
  const found = (name: string): BranchFile | undefined => folder.files.find(({ path }) => path === fileIn(facts, name))
  const plan = (name: string, after: string): PlannedFile => {
    const path = fileIn(facts, name)
    const there = found(name)
    if (there !== undefined && there.text === null)
      throw new SluiceError('Invalid', `${path} is in the repository already and is no text`, {
        remedy: 'Take it away, or choose another folder.',
      })
    const before = there?.text ?? ''
    const hunks = diffLines(linesOf(before), linesOf(after))
    return {
      path,
      action: there === undefined ? 'created' : before === after ? 'unchanged' : 'changed',
      added: hunks.reduce((sum, { added }) => sum + added, 0),
      removed: hunks.reduce((sum, { removed }) => sum + removed, 0),
      isForeign: there !== undefined && before !== after && !before.includes(generatedMark),
      before,
      after,
    }
  }
  const own = found(kustomizationFile)
  const last = plan(kustomizationFile, own?.text ?? kustomizationText())
  return [
    plan(componentsFile, input.components),
    plan(syncFile, syncText(facts)),
    // Patches of the installation are the user's, and stay.
    own === undefined ? last : { ...last, action: checkOwn(own, last.path) },
  ]
}

function checkOwn(own: BranchFile, path: string): 'kept' | 'unchanged' {
  const text = own.text ?? ''
  if (text === kustomizationText()) return 'unchanged'
  const listed = resourcesIn(text)
  const missing = [componentsFile, syncFile].filter((name) => !listed.has(name))
  if (missing.length > 0)
    throw new SluiceError('Invalid', `${path} is there already and does not list ${missing.join(' and ')}`, {
      remedy: 'Add what is missing to its resources, or choose another folder.',
    })
  return 'kept'
}

function commitsOf({ version }: BootstrapInput, facts: SyncFacts, written: readonly PlannedFile[]): GitPush['commits'] {
  const components = fileIn(facts, componentsFile)
  const of = (isWanted: (path: string) => boolean) =>
    written.filter(({ path }) => isWanted(path)).map(({ path, after }) => ({ path, text: after }))
  return [
    { message: componentsMessage(version), files: of((path) => path === components) },
    { message: syncMessage, files: of((path) => path !== components) },
  ].filter(({ files }) => files.length > 0)
}

function secretOf(namespace: string, data: ReadonlyMap<string, string>): KubeObject {
  const encoder = new TextEncoder()
  const encode = (text: string): string => btoa(String.fromCharCode(...encoder.encode(text)))
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: syncName, namespace },
    type: 'Opaque',
    data: Object.fromEntries([...data].map(([key, value]) => [key, encode(value)])),
  }
}

/** What is read by the Kustomization of a bootstrap must not be read by another one, too: both would own the same objects. */
async function refuseOverlap(
  { view, namespace, target, calls }: BootstrapInput,
  url: string,
  kustomizations: readonly KubeObject[],
): Promise<void> {
  const wanted = normalPath(target.path)
  for (const object of kustomizations) {
    const { name, namespace: where = '' } = object.metadata
    const path = normalPath(textAt(object, 'spec', 'path'))
    const title = refTitle({ namespace: where, name })
    if (name === syncName && where === namespace) {
      if (path !== wanted)
        throw new SluiceError(
          'Invalid',
          `Kustomization ${title} is there already and reads ./${path}, not ./${wanted}`,
          {
            remedy: `Choose the folder ${path === '' ? 'of the whole repository' : path}, or take that Kustomization away.`,
          },
        )
      continue
    }
    if (!isWithin(wanted, path) || !(await readsFrom(view, object, url, calls.signal))) continue
    throw new SluiceError('Invalid', `Kustomization ${title} applies ./${path} of this repository already`, {
      remedy: 'Choose a folder that no Kustomization reads: two would own the same objects.',
    })
  }
}

/** The other way round: what Flux's Kustomization would read, too, because nothing in its folder says otherwise. */
async function refuseNested(
  { view, namespace, target, calls }: BootstrapInput,
  url: string,
  kustomizations: readonly KubeObject[],
  folder: BranchFolder,
): Promise<void> {
  const wanted = normalPath(target.path)
  const own = wanted === '' ? kustomizationFile : `${wanted}/${kustomizationFile}`
  if (folder.files.some(({ path }) => path === own)) return
  for (const object of kustomizations) {
    const { name, namespace: where = '' } = object.metadata
    const path = normalPath(textAt(object, 'spec', 'path'))
    if (name === syncName && where === namespace) continue
    if (path === wanted || !isWithin(path, wanted)) continue
    if (!folder.files.some((file) => isWithin(file.path, path))) continue
    if (!(await readsFrom(view, object, url, calls.signal))) continue
    throw new SluiceError(
      'Invalid',
      `Flux would apply ./${path} by itself: Kustomization ${refTitle({ namespace: where, name })} does already`,
      {
        remedy: `Choose another folder, or put a ${kustomizationFile} into ${wanted || 'the root'} that lists what belongs to the cluster.`,
      },
    )
  }
}

async function readsFrom(view: ClusterView, object: KubeObject, url: string, signal: AbortSignal): Promise<boolean> {
  const reference = at(object, 'spec', 'sourceRef')
  if (textAt(reference, 'kind') !== 'GitRepository' || at(object, 'spec', 'kubeConfig') !== undefined) return false
  const namespace = textAt(reference, 'namespace') || (object.metadata.namespace ?? '')
  const ref = {
    cluster: view.id,
    group: sourceGroup,
    kind: 'GitRepository',
    namespace,
    name: textAt(reference, 'name'),
  }
  const source = await view.fetch(ref, signal).catch((error: unknown) => {
    if (error instanceof SluiceError && error.code === 'NotFound') return null
    throw error
  })
  return source !== null && sameRepository(textAt(source, 'spec', 'url'), url)
}

function sameRepository(one: string, other: string): boolean {
  return repositoryNameOf(one) !== null && repositoryNameOf(one) === repositoryNameOf(other)
}

/** What the cluster will read it with is tried from here, before anything depends on it. */
async function checkReading(
  git: GitRemote,
  request: GitRequest,
  data: ReadonlyMap<string, string> | null,
): Promise<void> {
  try {
    await git.resolve(
      { ...request, secret: data, usesOwnCredentials: false, ownToken: null },
      AbortSignal.timeout(30_000),
    )
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'GitAuthFailed') throw error
    throw new SluiceError(
      'GitAuthFailed',
      data === null
        ? 'The cluster could not read the repository: it asks for credentials'
        : 'The cluster could not read the repository with what its Secret would hold',
      {
        remedy: data === null ? 'Choose where the cluster’s credentials come from.' : 'Choose others for the cluster.',
        detail: error.message,
        cause: error,
      },
    )
  }
}

function place(url: string, path: string): string {
  return path === '' ? url : `${path} of ${url}`
}

function normalPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}
