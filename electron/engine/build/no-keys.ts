/** The decryptor of somebody without keys: it knows what is encrypted, and refuses it. */
import { BuildError } from '../kustomize/build-error.ts'
import type { MapNode, YamlNode } from '../kustomize/yaml/node.ts'
import { decodeText } from '../kustomize/yaml/parse.ts'
import { getField, getMap, getText } from '../kustomize/yaml/node.ts'
import type { Decryptor } from '../decrypt/decryptor.ts'
import { dataEntries, withData } from '../decrypt/secret-data.ts'
import { detectFormat, hasMarker } from '../decrypt/stores/formats.ts'

export const noKeys: Decryptor = {
  hasKeys: false,
  isEncrypted,
  decryptResource(node) {
    if (isEncrypted(node)) throw refusal('the object is encrypted', recipientsOf(node))
    const isSecret = getText(node, 'kind') === 'Secret' && !isDecryptionDisabled(node)
    return { node: isSecret ? withData(node, dataEntries(node)) : node, warnings: [], sensitivePaths: [] }
  },
  decryptFile(path, bytes, format) {
    if (hasMarker(bytes, format)) throw refusal(`the file '${path}' is encrypted`, recipientsIn(decodeText(bytes)))
    return { bytes, wasEncrypted: false, warnings: [] }
  },
}

function refusal(what: string, recipients: readonly string[]): BuildError {
  const keys = recipients.length === 0 ? '' : `; it is encrypted for ${recipients.join(', ')}`
  return new BuildError('DecryptionFailed', `${what} and there is no key here to decrypt it with${keys}`)
}

/** Fields by which SOPS names the keys that it encrypted for, apart from vaults, which are told by their address. */
const recipientFields = ['recipient', 'fp', 'arn', 'resource_id', 'key_id', 'vault_url', 'vault_address']
const recipientField = new RegExp(
  `(?<![A-Za-z0-9])(?:${recipientFields.join('|')})"?[ \\t]*[:=][ \\t]*"?([^\\s"',]{1,300})`,
  'g',
)
const sopsMark = /^sops|"sops"|\[sops\]/m

/** Public names only: of the part of a file that SOPS wrote. */
function recipientsIn(text: string): string[] {
  const start = text.search(sopsMark)
  const part = start < 0 ? '' : text.slice(start)
  return [...new Set([...part.matchAll(recipientField)].map(([, name]) => name ?? ''))]
}

function recipientsOf(node: MapNode): string[] {
  const sops = getMap(node, 'sops')
  const names = new Set<string>()
  const walk = (each: YamlNode): void => {
    if (each.kind === 'sequence') each.items.forEach(walk)
    if (each.kind !== 'map') return
    for (const field of recipientFields) if (getText(each, field) !== '') names.add(getText(each, field))
    each.values.forEach(walk)
  }
  if (sops !== null) walk(sops)
  const data = getMap(node, 'data')
  if (sops === null && data !== null)
    for (const value of data.values)
      if (value.kind === 'scalar') for (const name of recipientsIn(decodedText(value.value))) names.add(name)
  return [...names]
}

function decodedText(value: string): string {
  try {
    return atob(value)
  } catch {
    return ''
  }
}

function isDecryptionDisabled(node: MapNode): boolean {
  const annotations = getMap(getMap(node, 'metadata') ?? node, 'annotations')
  return (
    annotations !== null && getText(annotations, 'kustomize.toolkit.fluxcd.io/decrypt').toLowerCase() === 'disabled'
  )
}

function isEncrypted(node: MapNode): boolean {
  if (isDecryptionDisabled(node)) return false
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
