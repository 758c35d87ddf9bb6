/** Local folders that the user mapped to sources of clusters: working copies to compare with, to open files in. Kept on this machine. */
import type { MappedFolder } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { KeyedItems } from '../clusters/keyed-feed.ts'
import type { Ports } from '../ports.ts'
import { StoredJson } from '../settings/stored-json.ts'
import type { FolderConsents } from '../source/consents.ts'

interface StoredFolder {
  readonly source: ObjectRef
  readonly path: string
}

interface StoredFolders {
  readonly version: 1
  readonly folders: readonly StoredFolder[]
}

export interface MappedFolders extends FolderConsents {
  readonly items: KeyedItems<MappedFolder>
  readonly loaded: Promise<void>
  /** Shows the folder dialog; SECURITY: item 7: the path never comes from the window. */
  map(source: ObjectRef): Promise<{ canceled: boolean }>
  unmap(source: ObjectRef): Promise<void>
  settled(): Promise<void>
}

/** `onChange`: the source has another folder now, or none. */
export function createMappedFolders(
  ports: Pick<Ports, 'clock' | 'store' | 'logger' | 'shell' | 'folders'>,
  onChange: (source: ObjectRef) => void,
): MappedFolders {
  const file = new StoredJson<StoredFolders>(ports, 'drift-folders.json')
  const items = new KeyedItems<MappedFolder>(ports.clock)
  const mapped = new Map<string, StoredFolder>()

  function tell(): void {
    items.set([...mapped].map(([key, { source, path }]) => ({ key, source, folder: ports.folders.display(path) })))
  }
  async function save(source: ObjectRef): Promise<void> {
    tell()
    await file.write({ version: 1, folders: [...mapped.values()] })
    onChange(source)
  }
  const loaded = file.read(parseFolders).then((stored) => {
    for (const folder of stored?.folders ?? []) mapped.set(refKey(folder.source), folder)
    tell()
  })

  return {
    items,
    loaded,
    folderOf(source) {
      const folder = mapped.get(refKey(source))
      return folder === undefined ? null : { path: folder.path, label: ports.folders.display(folder.path) }
    },
    async map(source) {
      await loaded
      const [picked] = await ports.shell.pickFiles('repository')
      if (picked === undefined) return { canceled: true }
      mapped.set(refKey(source), { source, path: await ports.folders.resolve(picked) })
      await save(source)
      return { canceled: false }
    },
    async unmap(source) {
      await loaded
      if (mapped.delete(refKey(source))) await save(source)
    },
    settled: () => file.settled(),
  }
}

function parseFolders(value: unknown): StoredFolders | null {
  const { folders } = (value ?? {}) as { folders?: unknown }
  if (!Array.isArray(folders)) return null
  const read: StoredFolder[] = []
  for (const entry of folders as unknown[]) {
    const { source, path } = (entry ?? {}) as { source?: Partial<Record<string, unknown>>; path?: unknown }
    const { cluster, group, kind, namespace, name } = source ?? {}
    if (typeof path !== 'string' || typeof cluster !== 'string' || typeof group !== 'string') continue
    if (typeof kind !== 'string' || typeof namespace !== 'string' || typeof name !== 'string') continue
    read.push({ source: { cluster, group, kind, namespace, name }, path })
  }
  return { version: 1, folders: read }
}
