/** A planted secret in what is rendered: in no file of the data folder, in no text that the store hands back. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'
import { createRenderKeeper, findRender, readRendered } from '../../../electron/engine/history/renders.ts'
import { memoryCodec } from '../../engine/memory-codec.ts'
import { MemoryCluster, silentLogger } from '../../engine/memory-cluster.ts'
import { desiredSet } from '../../engine/history/rendered.ts'
import { fromYaml } from '../../engine/status/yaml.ts'
import { never, openStore, testFolder } from './entries.ts'

const planted = 'correct-horse-battery-staple'
const decrypted = 'only-sops-knows-this'

it('never writes a planted secret, wherever it stands in a render', async () => {
  const folder = testFolder()
  const store = openStore(join(folder, 'history', 'history.db'))
  const cluster = new MemoryCluster()
  const owner = fromYaml(`
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: shop, namespace: apps }
spec: { valuesFrom: [{ kind: Secret, name: values }] }
status: { history: [{ name: shop, status: deployed, version: 4, chartName: shop, chartVersion: 1.2.3 }] }
`)
  cluster.apply(`
apiVersion: v1
kind: Secret
metadata: { name: values, namespace: apps }
data: { values.yaml: ${btoa(`database:\n  host: db\n  password: "${planted}"\n`)} }
`)
  const ref = {
    cluster: cluster.id,
    group: 'helm.toolkit.fluxcd.io',
    kind: 'HelmRelease',
    namespace: 'apps',
    name: 'shop',
  }
  const keeper = createRenderKeeper({
    store,
    ports: {
      clock: cluster.clock,
      random: { uuid: () => '01234567-89ab-cdef-0123-456789abcdef', unit: () => 0.5 },
      codec: memoryCodec,
      store: createBlobStore(folder),
      logger: silentLogger,
    },
    write: async (entries) => void (await store.append(entries)),
  })
  const set = desiredSet(
    ref,
    'shop@1.2.3',
    [
      `{ apiVersion: v1, kind: Secret, metadata: { name: own, namespace: apps }, data: { key: ${btoa(planted)} }, stringData: { more: ${planted} } }`,
      `{ apiVersion: v1, kind: ConfigMap, metadata: { name: config, namespace: apps, annotations: { note: "was ${planted}" } }, data: { url: "postgres://shop:${planted}@db/shop", field: ${decrypted} } }`,
      `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: shop, namespace: apps }, spec: { template: { spec: { containers: [{ name: shop, image: "shop:1", args: ["--password=${planted}"], env: [{ name: DB, value: ${planted} }] }] } } } }`,
    ],
    [['data', 'field']],
  )
  await keeper.keep(cluster, owner, set)

  // Found under the revision that its runs have, too.
  const kept = await findRender(store, ref, { revision: '1.2.3' }, never)
  expect([...(kept?.objects.keys() ?? [])]).toEqual([
    '/Secret/apps/own',
    '/ConfigMap/apps/config',
    'apps/Deployment/apps/shop',
  ])
  const texts = await Promise.all([...(kept?.objects.values() ?? [])].map((digest) => store.text(digest)))
  const entries = (await store.query({ types: ['render'] }, { limit: 10, after: null }, never)).entries
  const deployment = await readRendered(store, kept?.objects.get('apps/Deployment/apps/shop') ?? '')
  expect(JSON.stringify(deployment)).toContain('shop:1')
  // Of what is not secret nothing is lost, and what is written can be told apart.
  expect(texts.join()).toContain('sealed:')
  await store.close()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['history.db', 'render-key']))
  const written = [
    ...texts,
    JSON.stringify(entries),
    ...files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')),
  ]
  for (const secret of [planted, decrypted, btoa(planted), btoa(decrypted)])
    for (const text of written) expect(text).not.toContain(secret)
})
