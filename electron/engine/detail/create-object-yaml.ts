/** `object.yaml`: an object's YAML in pages, Secret values masked. One text is kept per object version while it is being paged. */
import { notSelectedError } from '../clusters/not-selected.ts'
import type { Handlers } from '../../../shared/contract/index.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { forEachInSlices } from '../cache/slices.ts'
import { isSilent } from '../clusters/view.ts'
import type { Clusters, ClusterView, KubeObject } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'
import { emitYaml } from './emit-yaml.ts'
import { presentObject } from './present-object.ts'

/** Characters of one page; UTF-8 makes at most three times as many bytes, usually as many. */
const pageLength = 80 * 1024
/** Texts kept between pages: those of the few objects that are open. */
const maxKept = 4

interface Page {
  readonly key: string
  readonly etag: string
  readonly text: string
}

/** The etag is the object's resourceVersion; a later page of an object that has moved is refused with Conflict. */
export function createObjectYaml(deps: {
  readonly clusters: Clusters
  readonly ports: Pick<Ports, 'clock'>
}): Handlers['object.yaml'] {
  let kept: readonly Page[] = []

  async function write(ref: ObjectRef, object: KubeObject): Promise<Page> {
    const key = refKey(ref)
    const etag = object.metadata.resourceVersion ?? ''
    const known = kept.find((page) => page.key === key && page.etag === etag && etag !== '')
    if (known !== undefined) return known
    let text = ''
    await forEachInSlices(deps.ports.clock, emitYaml(presentObject(object)), (piece) => {
      text += piece
    })
    const page = { key, etag, text }
    kept = [page, ...kept.filter((each) => each.key !== key)].slice(0, maxKept)
    return page
  }

  return async ({ ref, offset, etag }, call) => {
    const key = refKey(ref)
    // A later page comes from the text that its first page came from.
    let page = etag === undefined ? undefined : kept.find((each) => each.key === key && each.etag === etag)
    if (page === undefined) {
      const view = deps.clusters.view(ref.cluster)
      if (view === null) throw notSelectedError(ref)
      page = await write(ref, await read(view, ref, call.signal))
      if (etag !== undefined && page.etag !== etag)
        throw new SluiceError('Conflict', `${ref.kind} ${refTitle(ref)} has changed while it was read`, {
          remedy: 'Read it again from the beginning',
          retry: 'transient',
        })
    }
    const { text } = page
    let end = Math.min(offset + pageLength, text.length)
    // Never between the halves of a character.
    const last = text.charCodeAt(end - 1)
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1
    return { text: text.slice(offset, end), offset, total: text.length, etag: page.etag }
  }
}

/** The object as it is now; of a cluster that is silent, as it was last seen. */
async function read(view: ClusterView, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
  try {
    return await view.fetch(ref, signal)
  } catch (error) {
    if (signal.aborted || !isSilent(view)) throw error
    const known = view.cached(ref) ?? (await view.lastSeen?.object(ref)) ?? null
    if (known === null)
      throw new SluiceError('NotConnected', `${ref.kind} ${refTitle(ref)} was not kept`, {
        remedy: 'It can be read once the cluster answers.',
        detail: error instanceof Error ? error.message : '',
        retry: 'transient',
      })
    return known
  }
}
