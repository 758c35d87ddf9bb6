/** What the window asks of the engine about drift: comparing again, hosts and folders, patches. Each shows its own failure as a toast. */
import { useEffect, useMemo, useState } from 'react'
import type { CallName, InputOf, OutputOf } from '../../shared/contract/index.ts'
import type { IgnoreEdit, SourceHost, SourceRepository } from '../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { ClusterId, ContextId, ObjectRef } from '../../shared/model/identity.ts'
import { refKey, refTitle } from '../../shared/model/identity.ts'
import type { Result } from '../bridge/bridge.ts'
import { copyText } from './actions.ts'
import { callHost } from './host.ts'
import { allRows } from './rows.ts'
import { showFailure, showToast } from './toasts.ts'
import { useStream } from './use-stream.ts'

async function act<P extends CallName>(name: P, input: InputOf<P>): Promise<Result<OutputOf<P>>> {
  const result = await callHost(name, input)
  if (!result.ok) showFailure(result.error)
  return result
}

/** Compares one owner anew, now. Its result comes over the streams; a refusal stands beside it, so only faults of the call are told. */
export async function compareAgain(ref: ObjectRef): Promise<void> {
  await act('drift.check', { ref })
}

export async function allowHost(cluster: ClusterId, host: string, isAllowed: boolean): Promise<boolean> {
  return (await act('hosts.allow', { cluster, host, isAllowed })).ok
}

export async function allowCredentials(cluster: ClusterId, url: string, isAllowed: boolean): Promise<boolean> {
  return (await act('credentials.allow', { cluster, url, isAllowed })).ok
}

/** Keeps the token on the clipboard for a repository: main asks, showing the repository; the token itself never comes here. */
export async function keepToken(cluster: ClusterId, url: string): Promise<void> {
  const result = await act('credentials.keepToken', { cluster, url })
  if (!result.ok || result.value === null) return
  const { outcome } = result.value
  if (outcome === 'kept') showToast('info', 'The token is kept; the clipboard was cleared')
  if (outcome === 'unusable') showToast('failure', 'There is no token on the clipboard: copy it first')
}

export async function forgetToken(cluster: ClusterId, url: string): Promise<void> {
  const result = await act('credentials.forgetToken', { cluster, url })
  if (result.ok) showToast('info', 'The token is forgotten')
}

/** null: not known yet. */
export function useTokenStore(): { readonly isAvailable: boolean; readonly reason: string } | null {
  const [state, setState] = useState<{ isAvailable: boolean; reason: string } | null>(null)
  useEffect(() => {
    let isGone = false
    void callHost('credentials.tokenStore', {}).then((result) => {
      if (!isGone && result.ok) setState(result.value)
    })
    return () => {
      isGone = true
    }
  }, [])
  return state
}

/** Shows the native folder dialog; says whether a folder was mapped. */
export async function mapFolder(source: ObjectRef): Promise<boolean> {
  const result = await act('folders.map', { source })
  return result.ok && result.value?.canceled === false
}

export async function unmapFolder(source: ObjectRef): Promise<void> {
  await act('folders.unmap', { source })
}

export async function setDryRuns(context: ContextId, isOn: boolean): Promise<void> {
  await act('contexts.setDryRuns', { context, isOn })
}

/** Opens the file that an object comes from in the editor of the settings. */
export async function openOrigin(owner: ObjectRef, ref: ObjectRef): Promise<void> {
  const result = await act('drift.openOrigin', { owner, ref })
  if (result.ok && result.value !== null) showToast('info', `Opened in ${result.value.editor}`)
}

/** Copies the live values of an object's drifting fields as a patch for its manifest. */
export async function copyPatch(owner: ObjectRef, ref: ObjectRef): Promise<void> {
  const result = await act('drift.patch', { owner, ref })
  if (result.ok && result.value !== null) await copyText(result.value.text, `Patch of ${refTitle(ref)}`)
}

/** Writes a prepared ignore rule into the mapped working copy, and commits it where there is a message; says whether it was done. */
export async function writeIgnoreRule(edit: IgnoreEdit, message: string | null): Promise<boolean> {
  const result = await act('drift.writeIgnore', { edit: edit.id, message })
  if (!result.ok) return false
  const commit = result.value?.commit ?? null
  showToast(
    'info',
    commit === null
      ? `The rule is in ${edit.file} of ${edit.folder}. It is not committed: commit and push it yourself.`
      : `The rule is commit ${commit.id.slice(0, 7)} on ${commit.branch} of ${edit.folder}. It is not pushed.`,
  )
  return true
}

/** The source that an owner's own manifest comes from: its parent's; null where it is not known. */
export function manifestSourceOf(owner: ObjectRef): ObjectRef | null {
  const parent = allRows().get(refKey(owner))?.parent ?? null
  return parent === null ? null : sourceOf(parent)
}

/** What Kustomizations and releases draw from; null where it is not known. */
export function sourceOf(owner: ObjectRef): ObjectRef | null {
  const source = allRows().get(refKey(owner))?.source ?? null
  return source === null ? null : { ...source, cluster: owner.cluster }
}

export interface Remedy {
  readonly key: 'allow' | 'credentials' | 'map' | 'again'
  readonly label: string
  readonly run: () => void
}

const sourceFaults: ReadonlySet<SluiceErrorData['code']> = new Set([
  'HostNotAllowed',
  'SourceNotFound',
  'ArtifactMissing',
  'ArtifactUnavailable',
  'ArtifactRefused',
  'GitFailed',
  'GitAuthFailed',
])

/** Hosts that an owner's comparison waits for: named in the refusal, else named by its source. */
export function hostsInTheWay(
  owner: ObjectRef,
  source: ObjectRef | null,
  error: SluiceErrorData,
  hosts: Iterable<SourceHost>,
): readonly SourceHost[] {
  // Where the controller does not answer, a host in the way is part of the detail.
  if (error.code !== 'HostNotAllowed' && error.code !== 'ArtifactUnavailable') return []
  const refused = [...hosts].filter((host) => host.cluster === owner.cluster && !host.isAllowed)
  const text = `${error.message} ${error.detail} ${error.remedy}`
  const named = refused.filter(({ host }) => text.includes(host) || text.includes(host.replace(/:\d+$/, '')))
  if (named.length > 0 || source === null || error.code !== 'HostNotAllowed') return named
  const name = `${source.kind}/${source.namespace}/${source.name}`
  return refused.filter(({ namedBy }) => namedBy.includes(name))
}

/** Repositories of the owner's source that the user's own Git credentials may open: named in the refusal, else by the source. */
export function repositoriesInTheWay(
  owner: ObjectRef,
  source: ObjectRef | null,
  error: SluiceErrorData,
  repositories: Iterable<SourceRepository>,
): readonly SourceRepository[] {
  if (error.code !== 'GitAuthFailed') return []
  const closed = [...repositories].filter(({ cluster, isAllowed }) => cluster === owner.cluster && !isAllowed)
  // Whole words: a repository's address may begin with another one's.
  const words = new Set(`${error.message} ${error.detail}`.split(/\s+/).map((word) => word.replace(/[:,;.]+$/, '')))
  const named = closed.filter(({ url }) => words.has(url))
  if (named.length > 0 || source === null) return named
  const name = `${source.kind}/${source.namespace}/${source.name}`
  return closed.filter(({ namedBy }) => namedBy.includes(name))
}

const shownUrlLength = 160

/** The ways on from a comparison that failed, offered where it failed. */
export function useRemedies(owner: ObjectRef, error: SluiceErrorData | null): readonly Remedy[] {
  const hosts = useStream('hosts.watch', {})
  const repositories = useStream('credentials.watch', {})
  return useMemo(() => {
    if (error === null) return []
    const source = sourceOf(owner)
    const remedies: Remedy[] = hostsInTheWay(owner, source, error, hosts.items.values()).map(({ cluster, host }) => ({
      key: 'allow',
      label: `Allow ${host} for this cluster`,
      run: () =>
        void allowHost(cluster, host, true).then((isDone) => {
          if (isDone) void compareAgain(owner)
        }),
    }))
    for (const { cluster, url } of repositoriesInTheWay(owner, source, error, repositories.items.values()))
      remedies.push({
        key: 'credentials',
        label: `Use my own credentials for ${url.length > shownUrlLength ? `${url.slice(0, shownUrlLength)}…` : url}`,
        run: () =>
          void allowCredentials(cluster, url, true).then((isDone) => {
            if (isDone) void compareAgain(owner)
          }),
      })
    if (source !== null && sourceFaults.has(error.code))
      remedies.push({
        key: 'map',
        label: 'Map a folder…',
        run: () =>
          void mapFolder(source).then((isDone) => {
            if (isDone) void compareAgain(owner)
          }),
      })
    remedies.push({ key: 'again', label: 'Compare again', run: () => void compareAgain(owner) })
    return remedies
  }, [owner, error, hosts.items, repositories.items])
}
