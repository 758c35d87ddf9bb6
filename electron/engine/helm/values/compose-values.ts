/**
 * A HelmRelease's values from spec.valuesFrom and spec.values, in the controller's order. Facts: fluxcd/pkg chartutil v1.27
 * `ChartValuesFromReferences`: what a targetPath sets goes into the same maps that spec.values are merged from at the end, unless a reference
 * before it brought a map to the same place. So maps are shared here as they are there.
 */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { decodeBase64 } from '../../inventory/base64.ts'
import { BuildError } from '../../kustomize/build-error.ts'
import type { GoMap } from '../../kustomize/yaml/go-value.ts'
import { decodeText } from '../../kustomize/yaml/parse.ts'
import { asArray, at, textAt } from '../../status/read.ts'
import { readValues, valuesOfSpec } from './read-values.ts'
import { SetLineError, setLine } from './set-line.ts'

export interface ValuesReference {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
  readonly key: string
  readonly targetPath: string
  readonly isOptional: boolean
  readonly isLiteral: boolean
}

export type ReadReference = (reference: ValuesReference) => Promise<KubeObject | null>

/** spec.valuesFrom in its order. */
export function valuesReferencesOf(object: unknown): readonly ValuesReference[] {
  return asArray(at(object, 'spec', 'valuesFrom')).map((each) => ({
    kind: textAt(each, 'kind') === 'Secret' ? 'Secret' : 'ConfigMap',
    name: textAt(each, 'name'),
    key: textAt(each, 'valuesKey') || 'values.yaml',
    targetPath: textAt(each, 'targetPath'),
    isOptional: at(each, 'optional') === true,
    isLiteral: at(each, 'literal') === true,
  }))
}

/**
 * The values that the chart would get. Throws SluiceError RenderFailed where the controller would stop (nothing of the values in it), and what
 * `read` throws.
 */
export async function composeValues(object: KubeObject, read: ReadReference): Promise<GoMap> {
  const own = valuesOfSpec(at(object, 'spec', 'values'))
  const references = valuesReferencesOf(object)
  const found = new Map<string, KubeObject | null>()
  for (const reference of references) {
    const id = `${reference.kind}/${reference.name}`
    if (!found.has(id)) found.set(id, await read(reference))
  }
  let result: GoMap = new Map()
  for (const reference of references) {
    const title = `${reference.kind} ${object.metadata.namespace ?? ''}/${reference.name}`
    const resource = found.get(`${reference.kind}/${reference.name}`) ?? null
    const bytes = resource === null ? null : dataOf(resource, reference.key)
    if (bytes === null) {
      if (reference.isOptional) continue
      throw refused(
        resource === null
          ? `${title} of spec.valuesFrom was not found.`
          : `${title} of spec.valuesFrom has no key ${reference.key}.`,
      )
    }
    try {
      if (reference.targetPath === '') {
        result = merge(result, readValues(typeof bytes === 'string' ? bytes : decodeText(bytes)))
        continue
      }
      result = merge(result, own)
      setAt(result, reference, typeof bytes === 'string' ? bytes : lossyText(bytes))
    } catch (error) {
      if (!(error instanceof SetLineError) && !(error instanceof BuildError && error.code === 'InvalidYaml'))
        throw error
      // Without the cause: it may quote what a Secret holds.
      throw refused(
        reference.targetPath === ''
          ? `${reference.key} of ${title} cannot be read as values.`
          : `${reference.key} of ${title} cannot be set at ${reference.targetPath}.`,
      )
    }
  }
  return merge(result, own)
}

function refused(message: string): SluiceError {
  return new SluiceError('RenderFailed', message, { remedy: 'Correct spec.valuesFrom, or what it names.' })
}

/** Of Secrets the bytes, which may be no text. */
function dataOf(resource: KubeObject, key: string): string | Uint8Array | null {
  const value = at(resource, 'data', key)
  if (typeof value !== 'string') return null
  return resource.kind === 'Secret' ? (decodeBase64(value) ?? new Uint8Array()) : value
}

function lossyText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function setAt(values: GoMap, { targetPath, isLiteral }: ValuesReference, text: string): void {
  if (isLiteral) return setLine(values, `${targetPath}=${text.replace(/[\\,[\]{}]/g, '\\$&')}`, true)
  const isQuoted = /^'[^]*'$|^"[^]*"$|^['"]$/.test(text)
  const value = isQuoted ? text.replace(/^['"]+|['"]+$/g, '') : text
  setLine(values, `${targetPath}=${value}`, isQuoted)
}

/** A new map; what only one side has is shared with it. */
function merge(a: GoMap, b: GoMap): GoMap {
  const result: GoMap = new Map(a)
  for (const [key, value] of b) {
    const known = result.get(key)
    result.set(key, known instanceof Map && value instanceof Map ? merge(known, value) : value)
  }
  return result
}
