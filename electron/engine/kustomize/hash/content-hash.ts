/**
 * The content hash that generated ConfigMaps and Secrets carry in their names.
 * Semantics: kustomize api hasher (kubectl's own hash). Other kinds hash upstream's in-memory node with its comments and columns: refused.
 */
import { BuildError } from '../build-error.ts'
import { resIdText } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { encodeUtf8 } from '../kv/utf8.ts'
import { encodeJson } from '../yaml/go-json.ts'
import type { GoValue } from '../yaml/go-value.ts'
import type { YamlNode } from '../yaml/node.ts'
import { getField } from '../yaml/node.ts'
import { nodeToGoValue } from '../yaml/to-value.ts'
import { sha256Hex } from './sha256.ts'

/** Ten letters and digits. Throws BuildError NotSupported for other kinds than ConfigMap and Secret. */
export function contentHash(resource: Resource): string {
  return shortHash(encodeContent(resource))
}

/** First ten digits of the SHA-256, with those that could spell words replaced. */
export function shortHash(content: string): string {
  return sha256Hex(encodeUtf8(content))
    .slice(0, 10)
    .replace(/[013ae]/g, (digit) => safeDigits[digit]!)
}

const safeDigits: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

/** Upstream means to hash the name too, but asks for a field called `metadata/name`: it is always empty. */
function encodeContent(resource: Resource): string {
  const { node, kind } = resource
  if (kind === 'ConfigMap') {
    const content = new Map<string, GoValue>()
    const binaryData = getField(node, 'binaryData')
    if (binaryData?.kind === 'map') content.set('binaryData', nodeToGoValue(binaryData))
    content.set('data', contentOf(getField(node, 'data')))
    content.set('kind', kind)
    content.set('name', '')
    return encodeJson(content)
  }
  if (kind === 'Secret') {
    const content = new Map<string, GoValue>()
    content.set('data', contentOf(getField(node, 'data')))
    content.set('kind', kind)
    content.set('name', '')
    const stringData = getField(node, 'stringData')
    if (stringData?.kind === 'map') content.set('stringData', nodeToGoValue(stringData))
    content.set('type', contentOf(getField(node, 'type')))
    return encodeJson(content)
  }
  throw new BuildError(
    'NotSupported',
    `the content hash of ${resIdText(resource.currentId())} cannot be computed: upstream hashes only ConfigMaps and Secrets by their content`,
  )
}

/** A missing field counts as ''; a scalar as its text, nulls included. */
function contentOf(node: YamlNode | undefined): GoValue {
  if (node === undefined) return ''
  if (node.kind === 'scalar') return node.value
  return node.kind === 'map' ? nodeToGoValue(node) : null
}
