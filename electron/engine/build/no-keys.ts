/** The decryptor of somebody without keys: it knows what is encrypted, and refuses it. */
import { BuildError } from '../kustomize/build-error.ts'
import type { MapNode } from '../kustomize/yaml/node.ts'
import { getField, getMap, getText } from '../kustomize/yaml/node.ts'
import type { Decryptor } from '../decrypt/decryptor.ts'
import { detectFormat, hasMarker } from '../decrypt/stores/formats.ts'

export const noKeys: Decryptor = {
  hasKeys: false,
  isEncrypted,
  decryptResource(node) {
    if (isEncrypted(node)) throw refusal('the object is encrypted')
    return { node, warnings: [], sensitivePaths: [] }
  },
  decryptFile(path, bytes, format) {
    if (hasMarker(bytes, format)) throw refusal(`the file '${path}' is encrypted`)
    return { bytes, wasEncrypted: false, warnings: [] }
  },
}

function refusal(what: string): BuildError {
  return new BuildError('DecryptionFailed', `${what} and there is no key here to decrypt it with`)
}

function isEncrypted(node: MapNode): boolean {
  const annotations = getMap(getMap(node, 'metadata') ?? node, 'annotations')
  if (annotations !== null && getText(annotations, 'kustomize.toolkit.fluxcd.io/decrypt').toLowerCase() === 'disabled')
    return false
  const sops = getMap(node, 'sops')
  if (sops !== null && getText(sops, 'mac') !== '') return true
  const data = getText(node, 'kind') === 'Secret' ? getField(node, 'data') : undefined
  if (data?.kind !== 'map') return false
  return data.values.some((value) => {
    if (value.kind !== 'scalar') return false
    try {
      return detectFormat(Uint8Array.from(atob(value.value), (char) => char.charCodeAt(0))) !== null
    } catch {
      return false
    }
  })
}
