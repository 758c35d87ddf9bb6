/**
 * What of a rendered object may be written to disk. SECURITY: item 9: values of Secrets, decrypted values, values that came out of a Secret by
 * substitution or Helm values, and whatever looks like a secret are replaced by their keyed digest before a text is made. The key is random per
 * installation and lies in a file of its own: without it a digest says nothing, with it nobody but the owner of the folder is told anything.
 */
import { redactText } from '../../../shared/lib/redact.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { isSealed, sealObject } from '../diff/sealed-values.ts'
import type { Sealer, SensitivePaths } from '../diff/sealed-values.ts'
import { isSecret } from '../detail/present-object.ts'
import { dataOf } from '../drift/desired/read-inputs.ts'
import { isLongNumber } from '../exact-json.ts'
import { asArray, asTextMap, at, textAt } from '../status/read.ts'

/** Keys whose text is a secret wherever they stand; names of Secrets are none. */
const secretKey = /(?:passw(?:or)?d|passphrase|token|secret|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)$/i
/** Shorter ones stand in every second text: they are looked for as whole values only. */
const minPart = 6
/** Of no use to anybody, and in every manifest. */
const plainWords: ReadonlySet<string> = new Set(['', 'true', 'false', 'null', '{}', '[]'])

/** Texts that came out of Secrets and may stand anywhere in what was rendered from them. */
export interface SecretTexts {
  readonly whole: ReadonlySet<string>
  readonly parts: readonly string[]
}

/** Secrets that an owner takes values from: variables of a Kustomization, values of a HelmRelease. */
export function secretInputsOf(object: KubeObject): readonly string[] {
  const named = [
    ...asArray(at(object, 'spec', 'postBuild', 'substituteFrom')),
    ...asArray(at(object, 'spec', 'valuesFrom')),
  ]
  return named.flatMap((each) => (textAt(each, 'kind') === 'Secret' ? [textAt(each, 'name')] : []))
}

/** Rejects where one of them may not be read: what cannot be recognised is not kept. One that is not there gave no value. */
export async function readSecretTexts(
  view: Pick<ClusterView, 'id' | 'fetch'>,
  owner: KubeObject,
  objects: readonly KubeObject[],
  signal?: AbortSignal,
): Promise<SecretTexts> {
  const values: string[] = []
  for (const name of new Set(secretInputsOf(owner))) {
    const ref = { cluster: view.id, group: '', kind: 'Secret', namespace: owner.metadata.namespace ?? '', name }
    try {
      values.push(...Object.values(dataOf(await view.fetch(ref, signal))))
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === 'NotFound')) throw error
    }
  }
  // What the owner's own Secrets hold may stand in the open beside them.
  for (const object of objects)
    if (isSecret(object))
      values.push(...Object.values(dataOf(object)), ...Object.values(asTextMap(object['stringData'])))
  return textsOf(values)
}

function textsOf(values: readonly string[]): SecretTexts {
  const whole = new Set<string>()
  for (const value of values) {
    whole.add(value)
    whole.add(value.trim())
    // A file of values: each of its scalars goes its own way.
    for (const line of value.split('\n')) {
      const text = line.trim().replace(/^(?:- +)?(?:[^\s:'"]+|'[^']*'|"[^"]*"):\s+|^- +/, '')
      whole.add(text.replace(/^(['"])(.*)\1$/, '$2'))
    }
  }
  for (const word of plainWords) whole.delete(word)
  return { whole, parts: [...whole].filter((text) => text.length >= minPart) }
}

/** The object as it may be written down. Shares what is not changed with its input. */
export function sealForDisk(
  object: KubeObject,
  sensitive: SensitivePaths,
  texts: SecretTexts,
  sealer: Sealer,
): KubeObject {
  const sealed = sealObject(object, sensitive, sealer)
  const { apiVersion, kind, metadata, ...rest } = sealed
  return {
    apiVersion,
    kind,
    metadata: { ...(walk(metadata, '') as object), name: metadata.name },
    ...(walk(rest, '') as object),
  }

  function walk(value: unknown, key: string): unknown {
    if (typeof value === 'string') return isHidden(value, key) ? seal(value) : value
    if (typeof value !== 'object' || value === null || isLongNumber(value))
      return texts.whole.has(String(value)) ? seal(value) : value
    if (Array.isArray(value)) return value.map((item) => walk(item, key))
    // `name` and `value` of a variable stand beside each other.
    const name = (value as Readonly<Record<string, unknown>>)['name']
    return Object.fromEntries(
      Object.entries(value).map(([each, item]) => [
        each,
        walk(item, each === 'value' && typeof name === 'string' ? name : each),
      ]),
    )
  }

  function isHidden(value: string, key: string): boolean {
    // As a boolean: a text that is not sealed is still a text.
    const isDone: boolean = isSealed(value)
    if (isDone || plainWords.has(value)) return false
    if (texts.whole.has(value) || texts.parts.some((part) => value.includes(part))) return true
    return secretKey.test(key) || redactText(value) !== value
  }

  function seal(value: unknown): string {
    return sealer.seal(value, new TextEncoder().encode(String(value)).length)
  }
}
