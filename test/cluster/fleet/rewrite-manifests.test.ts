import { describe, expect, it } from 'vitest'
import { parseManifests } from '../apply-manifests.ts'
import { LeftOut } from './left-out.ts'
import { moveNamespaces, rewriteManifests, type RewriteContext } from './rewrite-manifests.ts'

function contextOf(kept: readonly string[] = []): RewriteContext {
  return {
    chartHost: '127.0.0.1:1',
    gitUrl: 'http://127.0.0.1:2/fleet.git',
    branch: 'main',
    charts: new Map(),
    leftOut: new LeftOut(),
    isKept: (name) => kept.includes(name),
    isReleaseKept: (name) => kept.includes(name),
  }
}

describe('rewriting the manifests of a repository', () => {
  it('leaves files alone that have nothing to rewrite, and templates that are no YAML', () => {
    expect(rewriteManifests('apiVersion: v1\nkind: ConfigMap\ndata: { mode: 0644, on: yes }\n', contextOf())).toBeNull()
    expect(rewriteManifests('apiVersion: v1\nkind: {{ .Kind }}\n{{- end }}\n', contextOf())).toBeNull()
  })

  it('points an OCIRepository at the chart server and keeps everything else as it was written', () => {
    const context = contextOf()
    const text = `---
# a comment
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: app }
spec:
  interval: 15m # short
  ref: { tag: 5.1 }
  url: oci://example.invalid/charts/app-template
`
    expect(rewriteManifests(text, context)).toBe(`---
# a comment
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: app }
spec:
  interval: 15m # short
  ref:
    tag: "5.1"
  url: "oci://127.0.0.1:1/charts/app-template"
  insecure: true
`)
    expect([...context.charts]).toEqual([['app-template', new Set(['1.0.0'])]])
  })

  it('moves namespaces wherever they are named, the same in text and in objects', () => {
    const movedNamespaces = new Map([['apps', 'one-apps']])
    const text = `apiVersion: v1
kind: Namespace
metadata: { name: apps }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: apps, namespace: apps }
data: { namespace: other }
`
    const moved = text
      .replace('name: apps }\n---', 'name: one-apps }\n---')
      .replace('namespace: apps', 'namespace: one-apps')
    expect(rewriteManifests(text, { ...contextOf(), movedNamespaces })).toBe(moved)
    expect(moveNamespaces(parseManifests(text), movedNamespaces)).toEqual(parseManifests(moved))
  })

  it('keeps a patch partial', () => {
    const patch =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: _ }\nspec: { suspend: true }\n'
    expect(rewriteManifests(patch, contextOf())).toBeNull()
  })

  it('leaves out a Kustomization that is not kept, and counts what dangles in one that is', () => {
    const context = contextOf(['app', 'base'])
    const kustomization = (name: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name} }
spec:
  decryption: { provider: sops }
  dependsOn: [{ name: base }, { name: gone }]
  sourceRef: { kind: GitRepository, name: flux-system }
`
    const text = rewriteManifests(`${kustomization('app')}---\n${kustomization('other')}`, context) ?? ''
    expect(text).toContain('name: app')
    expect(text).not.toContain('other')
    expect(text).not.toContain('decryption')
    expect(text).toMatch(/dependsOn: \[ ?\{ name: base \} ?\]/)
    expect(context.leftOut.toLines().join('\n')).toMatch(/1 Kustomization spec\.dependsOn/)
  })

  it('leaves an emptied list of dependencies where it is: patches of components add to it', () => {
    const text = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: app }
spec:
  dependsOn:
    - name: gone
`
    expect(rewriteManifests(text, contextOf(['app']))).toContain('dependsOn: []')
  })

  it('lets no Provider speak to anybody outside', () => {
    const text = `apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata: { name: chat }
spec: { type: slack, address: https://example.invalid/hook, secretRef: { name: token } }
`
    const rewritten = rewriteManifests(text, contextOf())
    expect(rewritten).toContain('http://127.0.0.1:1/events')
    expect(rewritten).not.toMatch(/example\.invalid|secretRef|slack/)
  })

  it('turns ciphertext into plain data that the API server takes', () => {
    const text = 'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: "ENC[x]" }\nsops: { mac: x }\n'
    const rewritten = rewriteManifests(text, contextOf())
    expect(rewritten).toContain(Buffer.from('encrypted').toString('base64'))
    expect(rewritten).not.toContain('sops')
  })
})
