/**
 * Object references out of a rendered multi-document manifest, without a YAML parser: a release may be megabytes, and this runs in the
 * engine's thread. Only the top of each document is read: apiVersion, kind, metadata.name and metadata.namespace in block or flow style,
 * as Helm and Kubernetes tools print them.
 */
import type { InventoryEntry } from './entry.ts'

/** In the manifest's order, each object once. `namespace` is '' where the document names none: the caller knows the release's. */
export function splitManifest(manifest: string): readonly InventoryEntry[] {
  const result: InventoryEntry[] = []
  const seen = new Set<string>()
  for (const document of manifest.split(/^---(?:[ \t].*)?$/m)) {
    const entry = readDocument(document)
    if (entry === null) continue
    const key = `${entry.group}/${entry.kind}/${entry.namespace}/${entry.name}`
    if (seen.has(key)) continue
    seen.add(key)
    result.push(entry)
  }
  return result
}

function readDocument(document: string): InventoryEntry | null {
  let apiVersion = ''
  let kind = ''
  let name = ''
  let namespace = ''
  let metadataIndent = -1
  let isInMetadata = false
  for (const line of lines(document)) {
    if (/^\s*(#|$)/.test(line)) continue
    const indent = line.length - line.trimStart().length
    if (indent === 0) {
      isInMetadata = false
      const match = /^["']?(apiVersion|kind|metadata)["']?\s*:\s*(.*)$/.exec(line)
      if (match === null) continue
      const value = match[2] ?? ''
      if (match[1] === 'apiVersion') apiVersion = scalar(value)
      else if (match[1] === 'kind') kind = scalar(value)
      else if (value.startsWith('{')) {
        name = flowValue(value, 'name')
        namespace = flowValue(value, 'namespace')
      } else {
        isInMetadata = true
        metadataIndent = -1
      }
      continue
    }
    if (!isInMetadata) continue
    if (metadataIndent < 0) metadataIndent = indent
    if (indent !== metadataIndent) continue
    const match = /^\s*["']?(name|namespace)["']?\s*:\s*(.*)$/.exec(line)
    if (match?.[1] === 'name') name = scalar(match[2] ?? '')
    else if (match?.[1] === 'namespace') namespace = scalar(match[2] ?? '')
  }
  if (apiVersion === '' || kind === '' || name === '') return null
  const slash = apiVersion.lastIndexOf('/')
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    namespace,
    name,
  }
}

function* lines(text: string): Generator<string> {
  let start = 0
  while (start <= text.length) {
    const end = text.indexOf('\n', start)
    const line = end < 0 ? text.slice(start) : text.slice(start, end)
    yield line.endsWith('\r') ? line.slice(0, -1) : line
    if (end < 0) return
    start = end + 1
  }
}

function scalar(text: string): string {
  const value = text.trim()
  const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'/.exec(value)
  if (quoted !== null) return quoted[1] ?? (quoted[2] ?? '').replaceAll("''", "'")
  return value.replace(/\s+#.*$/, '')
}

function flowValue(text: string, key: string): string {
  const match = new RegExp(`[{,]\\s*["']?${key}["']?\\s*:\\s*("[^"]*"|'[^']*'|[^,}\\s]+)`).exec(text)
  return match === null ? '' : scalar(match[1] ?? '')
}
