/** A history that records clusters in memory into lists in memory. */
import { createReleaseReader, readReleaseHere } from '../../../electron/adapters/worker-pool/release-reader.ts'
import { createHistory } from '../../../electron/engine/history/history.ts'
import type { History, HistoryDeps } from '../../../electron/engine/history/history.ts'
import { silentLogger } from '../memory-cluster.ts'
import type { MemoryCluster } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'

export function startHistory(
  cluster: MemoryCluster,
  {
    blobs,
    store,
    findCommit = () => Promise.resolve(null),
    findLog = () => Promise.resolve([]),
    watchAllowed,
    drift = { 'drift.objects': () => () => undefined, 'drift.owners': () => () => undefined },
  }: Pick<HistoryDeps, 'store'> & { readonly blobs: HistoryDeps['ports']['store'] } & Partial<
      Pick<HistoryDeps, 'findCommit' | 'findLog' | 'drift' | 'watchAllowed'>
    >,
): History {
  return createHistory({
    ports: {
      clock: cluster.clock,
      random: { uuid: () => 'u', unit: () => 0.5 },
      logger: silentLogger,
      store: blobs,
      codec: memoryCodec,
      environment: { userName: 'ann' } as never,
      shell: {} as never,
      releases: createReleaseReader(readReleaseHere),
    },
    store,
    clusters: cluster,
    isRecording: true,
    findCommit,
    findLog,
    findOrigin: () => Promise.resolve(null),
    drift,
    ...(watchAllowed === undefined ? {} : { watchAllowed }),
  })
}
