import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createClusterRenders } from '../../../../electron/engine/build/cluster/cluster-renders.ts'
import type { ClusterRenderRequest } from '../../../../electron/engine/drift/cluster-renderer-port.ts'
import { createDocumentCache } from '../../../../electron/engine/kustomize/document-cache.ts'
import { createMemoryFiles } from '../../../conformance/memory-files.ts'

it('opens a tree once, however many Kustomizations are built from it, keeps the last ones open, and closes the rest', async () => {
  const opened: string[] = []
  const closed: string[] = []
  const renders = createClusterRenders({
    openTree({ path, contentKey }) {
      opened.push(contentKey)
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-${contentKey}}\n`
      const names = ['a', 'b', 'c'].map((name) => [`${path}/${name}/map.yaml`, text])
      const files = createMemoryFiles({ files: Object.fromEntries(names) as Record<string, string> })
      return { files, root: path, close: () => void closed.push(contentKey) }
    },
    documents: createDocumentCache(),
    crypto: {} as never,
    sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
    now: () => 0,
    checkpoint: () => undefined,
    keptTrees: 2,
  })
  const render = async (name: string, contentKey: string): Promise<string> => {
    const request: ClusterRenderRequest = {
      tree: { kind: 'archive', path: `/trees/${contentKey}`, contentKey, files: 3, bytes: 100 },
      kustomization: {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name, namespace: 'flux-system' },
        spec: { path: `./${name}`, prune: true, interval: '10m' },
      },
      variables: {},
      decryptionKeys: null,
      usesOwnKeys: false,
      isStrict: true,
    }
    const { objects, error } = await renders.render(request, null)
    expect(error).toBeNull()
    return objects
  }
  for (const name of ['a', 'b', 'c']) expect(await render(name, 'one')).toContain('of-one')
  expect(opened).toEqual(['one'])
  expect(await render('a', 'two')).toContain('of-two')
  await render('b', 'one')
  await render('a', 'three')
  // The one that was not used for longest.
  expect([opened, closed]).toEqual([['one', 'two', 'three'], ['two']])
  await render('a', 'one')
  expect(opened).toHaveLength(3)
})
