import { expect, it } from 'vitest'
import { createSharedInputs } from '../../../electron/engine/drift/shared-inputs.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { MemoryCluster } from '../memory-cluster.ts'

const input = { kind: 'ConfigMap', namespace: 'apps', name: 'vars' } as const
const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: apps}\n'

it('asks again for those who waited for a read that ended with its asker', async () => {
  const cluster = new MemoryCluster()
  cluster.apply(yaml)
  const inputs = createSharedInputs(cluster.clock, () => null)
  const gone = new AbortController()
  /** As a run has it: nothing is answered after its end. */
  const ending = Object.assign(Object.create(cluster) as MemoryCluster, {
    fetch: () =>
      new Promise<never>((_resolve, reject) => {
        gone.signal.addEventListener('abort', () => reject(new Error('ended')))
      }),
  })
  const first = inputs.read(ending, input, gone.signal)
  const others = [1, 2].map(() => inputs.read(cluster, input, new AbortController().signal))
  expect(cluster.fetched).toEqual([])
  gone.abort()
  await expect(first).rejects.toThrow()
  expect((await Promise.all(others)).map((found) => found?.metadata.name)).toEqual(['vars', 'vars'])
  expect(cluster.fetched).toHaveLength(1)
})

it('tells all who wait of a fault, once', async () => {
  const cluster = new MemoryCluster()
  let count = 0
  const failing = Object.assign(Object.create(cluster) as MemoryCluster, {
    fetch: () => Promise.reject(new SluiceError('Forbidden', `refused ${String((count += 1))}`)),
  })
  const inputs = createSharedInputs(cluster.clock, () => null)
  const reads = [1, 2].map(() => inputs.read(failing, input, new AbortController().signal))
  for (const read of reads) await expect(read).rejects.toMatchObject({ message: 'refused 1' })
  await expect(inputs.read(failing, input, new AbortController().signal)).rejects.toMatchObject({
    message: 'refused 2',
  })
})
