import { SluiceError } from '../../../shared/model/errors.ts'
import type { CustomResourceDefinition } from '../../../shared/flux/custom-resource-definitions.ts'
import { pollUntil } from '../control-plane/admin-client.ts'
import type { AdminClient } from '../control-plane/admin-client.ts'

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const establishTimeoutMs = 30_000

/** Applies the definitions and waits until every one is established and its group is served. */
export async function installCustomResourceDefinitions(
  admin: AdminClient,
  definitions: readonly CustomResourceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  for (const definition of definitions) {
    signal.throwIfAborted()
    const { name } = definition.metadata
    const answer = await admin.request(
      'PATCH',
      `${definitionsPath}/${name}?fieldManager=sluice-playground&force=true`,
      JSON.stringify(definition),
      'application/apply-patch+yaml',
    )
    if (answer.status >= 300) {
      throw new SluiceError('StartFailed', `The definition ${name} was refused`, {
        detail: (answer.body as { message?: string } | null)?.message ?? `HTTP ${answer.status}`,
      })
    }
  }
  for (const { metadata, spec } of definitions) {
    const isServed = async (): Promise<boolean> => {
      const [version] = spec.versions
      const answer = await admin.request('GET', `/apis/${spec.group}/${version?.name ?? ''}`)
      const listed = (answer.body as { resources?: { name: string }[] } | null)?.resources ?? []
      return listed.some(({ name }) => name === spec.names.plural)
    }
    if (!(await pollUntil(isServed, { timeoutMs: establishTimeoutMs, signal }))) {
      signal.throwIfAborted()
      throw new SluiceError(
        'StartFailed',
        `The definition ${metadata.name} was not established within ${establishTimeoutMs / 1000} s`,
      )
    }
  }
}
