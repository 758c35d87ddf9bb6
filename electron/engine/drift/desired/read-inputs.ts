/** What a Kustomization is built with beside its tree: variables and decryption keys, as far as the user may read them. Semantics: flux-semantics §2.4, §2.5. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { decodeBase64 } from '../../inventory/base64.ts'
import { asArray, asTextMap, at, textAt } from '../../status/read.ts'
import type { ClusterRenderRequest } from '../cluster-renderer-port.ts'
import type { ControllerSettings } from './controller-settings.ts'
import type { InputName, InputReader } from './input-reader.ts'

export interface RenderInputs {
  readonly variables: ClusterRenderRequest['variables']
  readonly decryptionKeys: ClusterRenderRequest['decryptionKeys']
  /** Sentences: what could not be read. */
  readonly assumptions: readonly string[]
}

type Variables = ClusterRenderRequest['variables'][string]

/** The objects of spec.postBuild.substituteFrom, in their order, each once. */
export function variableSourcesOf(object: KubeObject): readonly InputName[] {
  const namespace = object.metadata.namespace ?? ''
  const found = new Map<string, InputName>()
  for (const each of asArray(at(object, 'spec', 'postBuild', 'substituteFrom'))) {
    const kind = textAt(each, 'kind')
    const name = textAt(each, 'name')
    if (name !== '' && (kind === 'ConfigMap' || kind === 'Secret'))
      found.set(`${kind}/${name}`, { kind, namespace, name })
  }
  return [...found.values()]
}

/** The Secret that the keys come from; null where the Kustomization decrypts nothing, or with the controller's own identity. */
export function keySecretOf(object: KubeObject, settings: ControllerSettings): InputName | null {
  if (textAt(object, 'spec', 'decryption', 'provider') !== 'sops') return null
  const name = textAt(object, 'spec', 'decryption', 'secretRef', 'name')
  if (name !== '') return { kind: 'Secret', namespace: object.metadata.namespace ?? '', name }
  return settings.sopsAgeSecret === null ? null : { kind: 'Secret', ...settings.sopsAgeSecret }
}

/** Throws SluiceError RenderFailed where the controller would stop, and what keeps an object from being read, Forbidden aside. */
export async function readInputs(
  view: ClusterView,
  object: KubeObject,
  settings: ControllerSettings,
  reader: InputReader,
  signal: AbortSignal,
): Promise<RenderInputs> {
  const assumptions: string[] = []
  const reads = variableSourcesOf(object).map(async (input): Promise<readonly [string, Variables]> => {
    const id = `${input.kind}/${input.namespace}/${input.name}`
    try {
      const found = await reader.read(view, input, signal)
      return [id, found === null ? null : dataOf(found)]
    } catch (error) {
      if (!isForbidden(error)) throw error
      assumptions.push(`You may not read ${id}: variables that it holds are not known.`)
      return [id, 'unknown']
    }
  })
  const [decryptionKeys, variables] = await Promise.all([
    readKeys(view, object, settings, reader, signal, assumptions),
    Promise.all(reads),
  ])
  // In the order of the spec, whichever was answered first: equal inputs are equal texts.
  return { variables: Object.fromEntries<Variables>(variables), decryptionKeys, assumptions: assumptions.sort() }
}

async function readKeys(
  view: ClusterView,
  object: KubeObject,
  settings: ControllerSettings,
  reader: InputReader,
  signal: AbortSignal,
  assumptions: string[],
): Promise<Readonly<Record<string, string>> | null> {
  const secret = keySecretOf(object, settings)
  if (secret === null) return null
  const title = `Secret/${secret.namespace}/${secret.name}`
  let found: KubeObject | null
  try {
    found = await reader.read(view, secret, signal)
  } catch (error) {
    if (!isForbidden(error)) throw error
    assumptions.push(`You may not read ${title} with the decryption keys: encrypted values are not known.`)
    return null
  }
  if (found === null)
    throw new SluiceError('RenderFailed', `${title} with the decryption keys was not found.`, {
      detail: `secrets "${secret.name}" not found`,
      remedy: 'Create it, or correct spec.decryption.secretRef.',
    })
  const isGlobal = textAt(object, 'spec', 'decryption', 'secretRef', 'name') === ''
  const keys = Object.entries(dataOf(found)).filter(([name]) =>
    isGlobal ? name.endsWith('.agekey') : /\.(agekey|asc)$/.test(name),
  )
  return Object.fromEntries(keys)
}

/** `data` as text; of Secrets decoded. */
export function dataOf(object: KubeObject): Readonly<Record<string, string>> {
  const data = asTextMap(object['data'])
  if (object.kind !== 'Secret') return data
  const decoder = new TextDecoder()
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, decoder.decode(decodeBase64(value) ?? new Uint8Array())]),
  )
}

export function isForbidden(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'Forbidden'
}
