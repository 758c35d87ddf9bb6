/**
 * The documents of a release's manifest as helm-controller reads them: split where a line begins with `---`, each the first YAML document of
 * its part. Semantics: k8s.io/apimachinery v0.36.2 `util/yaml`, sigs.k8s.io/yaml v1.6.0.
 */
import { toExactValue } from '../build/cluster/plain-value.ts'
import { yamlToJson } from '../build/yaml-to-json.ts'
import { BuildError } from '../kustomize/build-error.ts'
import { parseDocuments } from '../kustomize/yaml/parse.ts'

/** Values, null for empty documents; `checkpoint` is called before each. Throws BuildError with upstream's text. */
export function readManifest(manifest: string, checkpoint: () => void): readonly unknown[] {
  return splitDocuments(manifest).map((text) => {
    checkpoint()
    const [node] = parseDocuments(text, { dialect: 'v2', mergesKeys: true })
    return node === undefined ? null : toExactValue(yamlToJson(node, null))
  })
}

function splitDocuments(manifest: string): readonly string[] {
  const parts: string[] = []
  // Upstream takes the end of the text, and a carriage return before it, for the end of a line.
  const text = manifest.includes('\r') ? manifest.replace(/\r\n/g, '\n') : manifest
  let start = 0
  let at = 0
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline + 1
    if (text.startsWith('---', at)) {
      const rest = text.slice(at + 3, end).trim()
      if (rest !== '' && !rest.startsWith('#'))
        throw new BuildError('InvalidYaml', `yaml: invalid Yaml document separator: ${rest}`)
      if (at > start) parts.push(text.slice(start, at))
      // The line itself begins the next part only where that would be empty otherwise: it means nothing there.
      start = end
    }
    at = end
  }
  if (start < text.length) parts.push(text.slice(start))
  return parts
}
