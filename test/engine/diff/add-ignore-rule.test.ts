import { describe, expect, it } from 'vitest'
import { addIgnoreRule } from '../../../electron/engine/diff/add-ignore-rule.ts'

const kustomization = {
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'apps',
}
const release = { group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', namespace: 'apps', name: 'podinfo' }
const rule = { paths: ['/spec/replicas'], target: { kind: 'Deployment', name: 'podinfo' } }
const add = (text: string) => addIgnoreRule(text, kustomization, ['spec', 'ignore'], rule)

const head = `# applied by the cluster
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps # the team's
  namespace: flux-system
`

describe('an ignore rule put into a manifest', () => {
  it('goes to the end of spec, and every other byte stays', () => {
    const text = `${head}spec:\n    interval: 10m   # often\n    path: "./apps"\n\n# end\n`
    const { text: after, line } = add(text)
    expect(after).toBe(
      `${head}spec:\n    interval: 10m   # often\n    path: "./apps"\n    ignore:\n    - paths:\n      - /spec/replicas\n      target:\n        kind: Deployment\n        name: podinfo\n\n# end\n`,
    )
    expect(line).toBe(10)
  })

  it('is appended to the rules that are there, in their indentation', () => {
    const text = `${head}spec:\n  ignore:\n    # by the autoscaler\n    - paths: [/spec/replicas]\n      target: { kind: StatefulSet } # all\n  prune: true\n`
    expect(add(text).text).toBe(
      `${head}spec:\n  ignore:\n    # by the autoscaler\n    - paths: [/spec/replicas]\n      target: { kind: StatefulSet } # all\n    - paths:\n      - /spec/replicas\n      target:\n        kind: Deployment\n        name: podinfo\n  prune: true\n`,
    )
  })

  it('finds its document among several and makes what is missing for a HelmRelease', () => {
    const text = `${head}spec: {}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: podinfo }\nspec:\n  values:\n    note: |\n      last\n\n---\n{}\n`
    const { text: after } = addIgnoreRule(text, release, ['spec', 'driftDetection', 'ignore'], rule)
    expect(after).toContain('      last\n')
    expect(after).toContain('  driftDetection:\n    ignore:\n    - paths:\n      - /spec/replicas\n')
    expect(after.endsWith('---\n{}\n')).toBe(true)
  })

  it('keeps line ends of Windows and a missing last line end', () => {
    const text = `${head}spec:\n  prune: true`.replaceAll('\n', '\r\n')
    expect(add(text).text.startsWith(`${text}\r\n  ignore:\r\n  - paths:\r\n`)).toBe(true)
  })

  it.each([
    ['spec in braces', `${head}spec: { prune: true }\n`, /braces/],
    ['rules in brackets', `${head}spec:\n  ignore: []\n`, /brackets/],
    ['an empty place', `${head}spec:\n  ignore:\n`, /empty/],
    ['no YAML', `${head}spec:\n  a: [\n`, /no valid YAML/],
    ['another object', head.replace('name: apps', 'name: other'), /No document/],
    ['the object twice', `${head}---\n${head}`, /Several documents/],
  ])('refuses %s', (_name, text, message) => {
    expect(() => add(text)).toThrow(message)
  })

  it('refuses a rule that is there already', () => {
    expect(() => add(add(`${head}spec:\n  prune: true\n`).text)).toThrow(/has this rule already/)
  })
})
