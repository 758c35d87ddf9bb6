/** Server-side apply of manifests for tests: discovery decides the resource, CRDs are waited for before what follows them. */
import { CORE_SCHEMA, loadAll } from 'js-yaml'
import { pollUntil, type ApiResponse } from '../../electron/adapters/control-plane/admin-client.ts'

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

type Request = (method: string, path: string, body?: unknown, contentType?: string) => Promise<ApiResponse>

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

export interface ManifestApplier {
  applyYaml(text: string, fieldManager?: string): Promise<readonly KubeObject[]>
  applyObjects(objects: readonly KubeObject[], fieldManager?: string): Promise<readonly KubeObject[]>
}

/** An applier over `request`; objects without a namespace go to "default". */
export function createManifestApplier(request: Request): ManifestApplier {
  const known = new Map<string, ApiResource>()

  const lookUp = async (apiVersion: string, kind: string): Promise<ApiResource> => {
    const key = `${apiVersion}/${kind}`
    const root = apiVersion.includes('/') ? '/apis' : '/api'
    // Discovery of a new CRD lags a little behind its Established condition.
    await pollUntil(
      async () => {
        if (known.has(key)) return true
        const { body } = await request('GET', `${root}/${apiVersion}`)
        for (const resource of (body as { resources?: ApiResource[] } | null)?.resources ?? []) {
          if (!resource.name.includes('/')) known.set(`${apiVersion}/${resource.kind}`, resource)
        }
        return known.has(key)
      },
      { timeoutMs: 10_000 },
    )
    const resource = known.get(key)
    if (!resource) throw new Error(`the API server does not serve ${apiVersion} ${kind}`)
    return resource
  }

  const applyObjects: ManifestApplier['applyObjects'] = async (objects, fieldManager = 'sluice-test') => {
    const stored: KubeObject[] = []
    for (const object of objects) {
      const url = pathOf(object, await lookUp(object.apiVersion, object.kind))
      const query = `?fieldManager=${encodeURIComponent(fieldManager)}&force=true`
      const response = await request('PATCH', url + query, JSON.stringify(object), 'application/apply-patch+yaml')
      if (response.status >= 400) {
        throw new Error(
          `apply ${object.kind} ${object.metadata.name}: ${response.status} ${response.text.slice(0, 500)}`,
        )
      }
      stored.push(response.body as KubeObject)
      if (object.kind === 'CustomResourceDefinition') await waitUntilEstablished(request, url)
    }
    return stored
  }

  return {
    applyObjects,
    applyYaml: (text, fieldManager) => applyObjects(parseManifests(text), fieldManager),
  }
}

/** All objects of a stream of documents; empty documents are left out. */
export function parseManifests(text: string): readonly KubeObject[] {
  return loadAll(text, null, { schema: CORE_SCHEMA }).filter(
    (document) => document !== null && document !== undefined,
  ) as KubeObject[]
}

function pathOf(object: KubeObject, resource: ApiResource): string {
  const root = object.apiVersion.includes('/') ? '/apis' : '/api'
  const scope = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? 'default'}` : ''
  return `${root}/${object.apiVersion}${scope}/${resource.name}/${encodeURIComponent(object.metadata.name)}`
}

async function waitUntilEstablished(request: Request, url: string): Promise<void> {
  const isEstablished = async (): Promise<boolean> => {
    const { body } = await request('GET', url)
    const { status } = body as { status?: { conditions?: { type: string; status: string }[] } }
    return status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false
  }
  if (!(await pollUntil(isEstablished, { timeoutMs: 30_000, everyMs: 50 })))
    throw new Error(`${url} is not established`)
}
