/** Writes the sample fleet into a fresh API server as the controllers and people would have: spec, status and gates by their own managers. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { sluiceAnnotations, sluiceFieldManager } from '../../../shared/flux/annotations.ts'
import type { AdminClient, ApiResponse } from '../control-plane/admin-client.ts'
import { resolveTimes } from './sample-files.ts'
import type { Sample, SampleObject } from './sample-files.ts'

/** Finds API paths by discovery; one per load. */
export interface ResourcePaths {
  pathOf(object: SampleObject): Promise<string>
}

export function createResourcePaths(admin: AdminClient): ResourcePaths {
  const groups = new Map<string, Promise<Map<string, { readonly name: string; readonly namespaced: boolean }>>>()

  async function discover(
    apiVersion: string,
  ): Promise<Map<string, { readonly name: string; readonly namespaced: boolean }>> {
    const answer = await admin.request('GET', apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)
    const listed =
      (answer.body as { resources?: { name: string; kind: string; namespaced: boolean }[] } | null)?.resources ?? []
    return new Map(listed.filter(({ name }) => !name.includes('/')).map((entry) => [entry.kind, entry]))
  }

  return {
    async pathOf({ apiVersion, kind, metadata }) {
      let known = groups.get(apiVersion)
      if (known === undefined) groups.set(apiVersion, (known = discover(apiVersion)))
      const resource = (await known).get(kind)
      if (resource === undefined)
        throw new SluiceError('StartFailed', `The playground's API server does not serve ${apiVersion} ${kind}`)
      const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
      const scope = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : ''
      return `${root}${scope}/${resource.name}/${metadata.name}`
    },
  }
}

function statusManager(object: SampleObject): string {
  if (object.apiVersion.startsWith('source.')) return 'gotk-source-controller'
  if (object.apiVersion.startsWith('kustomize.')) return 'gotk-kustomize-controller'
  if (object.apiVersion.startsWith('helm.')) return 'gotk-helm-controller'
  return 'flux-operator'
}

/** Applies one sample at `now` (ms); rejects with StartFailed naming the object and the API server's sentence. */
export async function loadSample(admin: AdminClient, paths: ResourcePaths, sample: Sample, now: number): Promise<void> {
  const { status, ...object } = resolveTimes(sample.object, now)
  const path = await paths.pathOf(sample.object)
  const manager = sample.manager ?? 'kustomize-controller'
  await apply(admin, sample.object, `${path}?fieldManager=${manager}&force=true`, object)
  if (status !== undefined) await writeStatus(admin, sample.object, path, status)
  if (sample.suspend !== null) await closeGate(admin, sample, path, now)
}

/** Writes a status as its controller would. */
export async function writeStatus(
  admin: AdminClient,
  object: SampleObject,
  path: string,
  status: unknown,
): Promise<void> {
  expectDone(
    object,
    await admin.request(
      'PATCH',
      `${path}/status?fieldManager=${statusManager(object)}`,
      { status },
      'application/merge-patch+json',
    ),
  )
}

async function closeGate(admin: AdminClient, { object, suspend }: Sample, path: string, now: number): Promise<void> {
  if (suspend === null) return
  const { by, at, reason, until } = resolveTimes(suspend, now)
  const annotations: Record<string, string> = {
    [sluiceAnnotations.suspendedBy]: by,
    [sluiceAnnotations.suspendedAt]: at,
    [sluiceAnnotations.suspendReason]: reason,
  }
  if (until !== null) annotations[sluiceAnnotations.resumeAt] = until
  // Removing and setting anew makes `sluice` the owner of the field, as if it had been written here.
  const withoutGate = [{ op: 'remove', path: '/spec/suspend' }]
  await admin.request('PATCH', `${path}?fieldManager=kustomize-controller`, withoutGate, 'application/json-patch+json')
  const patch = { metadata: { annotations }, spec: { suspend: true } }
  expectDone(
    object,
    await admin.request('PATCH', `${path}?fieldManager=${sluiceFieldManager}`, patch, 'application/merge-patch+json'),
  )
}

async function apply(admin: AdminClient, object: SampleObject, path: string, body: unknown): Promise<void> {
  expectDone(object, await admin.request('PATCH', path, JSON.stringify(body), 'application/apply-patch+yaml'))
}

function expectDone(object: SampleObject, answer: ApiResponse): void {
  if (answer.status >= 200 && answer.status < 300) return
  const sentence = (answer.body as { message?: string } | null)?.message ?? `HTTP ${answer.status}`
  throw new SluiceError(
    'StartFailed',
    `The sample ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name} was refused`,
    { detail: sentence },
  )
}
