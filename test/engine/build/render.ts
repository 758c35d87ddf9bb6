/** Renders a Flux Kustomization of a tree in memory: what every test of this folder needs. */
import { createHash } from 'node:crypto'
import { renderKustomization } from '../../../electron/engine/build/render-kustomization.ts'
import type { FluxRenderInput } from '../../../electron/engine/build/render-kustomization.ts'
import type { FluxRenderResult } from '../../../electron/engine/build/render-result.ts'
import { createDocumentCache } from '../../../electron/engine/kustomize/document-cache.ts'
import type { GoMap } from '../../../electron/engine/kustomize/yaml/go-value.ts'
import { goValueOf } from '../../conformance/go-value-of.ts'
import { createMemoryFiles } from '../../conformance/memory-files.ts'

export interface RenderOptions {
  /** `spec`; the Kustomization is flux-system/apps. */
  readonly spec?: Readonly<Record<string, unknown>>
  /** Paths relative to the artifact's root, which is /artifact. */
  readonly files: Readonly<Record<string, string>>
  readonly links?: Readonly<Record<string, string>>
  /** `Kind/name` to data; null is an object that does not exist; what is not listed is unknown. */
  readonly sources?: Readonly<Record<string, Readonly<Record<string, string>> | null>>
  readonly input?: Partial<FluxRenderInput>
}

export function render({ spec = {}, files, links = {}, sources = {}, input = {} }: RenderOptions): FluxRenderResult {
  const below = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(entries).map(([path, value]) => [path.startsWith('/') ? path : `/artifact/${path}`, value]),
    )
  return renderKustomization({
    object: goValueOf({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'apps', namespace: 'flux-system' },
      spec: { path: './apps', ...spec },
    }) as GoMap,
    root: '/artifact',
    files: createMemoryFiles({ files: below(files), links: below(links), directories: ['/artifact'] }),
    variables: (kind, _namespace, name) => {
      const found = sources[`${kind}/${name}`]
      return found === undefined ? 'unknown' : found === null ? null : new Map(Object.entries(found))
    },
    decryptor: null,
    isStrict: true,
    documents: createDocumentCache(),
    checkpoint: () => {},
    sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
    ...input,
  })
}

/** The text, or the error's message. */
export function renderText(options: RenderOptions): string {
  const { text, error } = render(options)
  return error === null ? text : `error: ${error.message}`
}

export function configMap(name: string, data: string = '  key: value\n'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${data}`
}

/** What a ConfigMap comes out as. */
export function printedConfigMap(name: string, data: string = '  key: value\n', more: string = ''): string {
  return `apiVersion: v1\ndata:\n${data}kind: ConfigMap\nmetadata:\n${more}  name: ${name}\n`
}
