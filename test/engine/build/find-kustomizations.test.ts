/** Every Flux Kustomization of a tree, wherever it stands. */
import { describe, expect, it } from 'vitest'
import { findKustomizations } from '../../../electron/engine/build/find-kustomizations.ts'
import { createMemoryFiles } from '../../conformance/memory-files.ts'
import { configMap } from './render.ts'

const flux = (name: string, namespace = 'flux-system', version = 'v1'): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/${version}\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nspec:\n  path: ./${name}\n`

function find(
  files: Record<string, string>,
  links: Record<string, string> = {},
): ReturnType<typeof findKustomizations> {
  const below = Object.fromEntries(Object.entries(files).map(([path, text]) => [`/tree/${path}`, text]))
  return findKustomizations(createMemoryFiles({ files: below, links }), '/tree')
}
const places = (found: ReturnType<typeof findKustomizations>): string[] =>
  found.kustomizations.map(({ file, line, namespace, name }) => `${file}:${line} ${namespace}/${name}`)

describe('finding', () => {
  it('gives file and line, in the order of files and documents', () => {
    const found = find({
      'clusters/b.yaml': flux('b'),
      'clusters/a.yml': `# first\n---\n${configMap('x')}---\n# note\n${flux('a1')}---\n${flux('a2', 'other')}`,
      'z/deep/er.yaml': flux('z', 'n', 'v1beta2'),
    })
    expect(places(found)).toEqual([
      'clusters/a.yml:11 flux-system/a1',
      'clusters/a.yml:19 other/a2',
      'clusters/b.yaml:1 flux-system/b',
      'z/deep/er.yaml:1 n/z',
    ])
    expect(found.kustomizations[0]?.object.get('spec')).toEqual(new Map([['path', './a1']]))
    expect(found.problems).toEqual([])
  })

  it('opens lists', () => {
    const items = [flux('one'), flux('two')].map((text) => `- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`).join('')
    expect(places(find({ 'l.yaml': `apiVersion: v1\nkind: List\nitems:\n${items}` }))).toEqual([
      'l.yaml:4 flux-system/one',
      'l.yaml:11 flux-system/two',
    ])
  })

  it('passes over everything else', () => {
    const found = find({
      'kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n',
      'templates/x.yaml': '{{ if .Values.x }}\nkind: {{ .x }}\n{{ end }}\n',
      'mention.yaml': 'kind: ConfigMap\nname: kustomize.toolkit.fluxcd.io/v1\n',
      'nameless.yaml': 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {}\n',
      'other-kind.yaml': flux('x').replace('kind: Kustomization', 'kind: Other'),
      'readme.md': flux('text'),
      '.git/x.yaml': flux('git'),
      'node_modules/p/x.yaml': flux('package'),
    })
    expect(places(found)).toEqual([])
    expect(found.problems).toEqual([])
  })

  it('does not follow links into directories', () => {
    expect(
      places(find({ 'a/x.yaml': flux('x') }, { '/tree/b': 'a', '/tree/loop': '.', '/tree/a/gone.yaml': 'nowhere' })),
    ).toEqual(['a/x.yaml:1 flux-system/x'])
  })
})

describe('broken files', () => {
  it('are problems where they name Flux, and the documents that can be read are found', () => {
    const found = find({ 'a.yaml': `${flux('good')}---\na: b: c\n---\n${flux('behind')}`, 'b.yaml': flux('other') })
    expect(places(found)).toEqual([
      'a.yaml:1 flux-system/good',
      'a.yaml:11 flux-system/behind',
      'b.yaml:1 flux-system/other',
    ])
    expect(found.problems).toHaveLength(1)
    expect(found.problems[0]).toMatchObject({ file: 'a.yaml', line: 9 })
    expect(found.problems[0]?.message).toContain('mapping values are not allowed in this context')
  })

  it('are not read without end', () => {
    const aliases = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
    for (let i = 0; i < 12; i++) {
      const [from, to] = ['abcdefghijklmn'[i]!, 'abcdefghijklmn'[i + 1]!]
      aliases.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(',')}]`)
    }
    const found = find({ 'bomb.yaml': `${flux('a')}${aliases.join('\n')}\n`, 'b.yaml': flux('b') })
    expect(places(found)).toContain('b.yaml:1 flux-system/b')
    expect(found.problems.map(({ file }) => file)).toEqual(['bomb.yaml'])
  })
})
