/**
 * Local repositories: folders that the user opened, remembered by id, each scanned, rendered and watched while somebody looks at it. Owns the
 * procedures `repositories.*` and `repository.*`. Must not know clusters, nor how a tree is rendered (renderer-port.ts) or the disk is read
 * (folder-port.ts). Semantics of what is rendered: flux-semantics.md 2 and rendering.md.
 *
 * SECURITY: item 7: the window names a folder by the id that it was given here, and a file by a relative path that is checked by the
 * contract's schema, and by the folder port where its links lead.
 */
import type { CallContext, Handlers } from '../../../shared/contract/index.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { RepositoryObject, RepositoryRow } from '../../../shared/model/repository.ts'
import { KeyedItems } from '../clusters/keyed-feed.ts'
import type { Codec, Dispose, Ports } from '../ports.ts'
import { StoredJson } from '../settings/stored-json.ts'
import { findObjects, parseFind } from './find-objects.ts'
import { maskSource } from './mask.ts'
import { revealField } from './reveal-field.ts'
import { textOf } from './rendered-entry.ts'
import type { RenderedEntry } from './rendered-entry.ts'
import { RepositorySession } from './repository-session.ts'

export type RepositoryHandlers = Pick<
  Handlers,
  | 'repositories.watch'
  | 'repository.pick'
  | 'repository.openPath'
  | 'repository.forget'
  | 'repository.watch'
  | 'repository.refresh'
  | 'repository.output'
  | 'repository.objects'
  | 'repository.text'
  | 'repository.source'
  | 'repository.find'
  | 'repository.reveal'
  | 'repository.editors'
  | 'repository.openInEditor'
>

export interface RepositoriesOptions {
  readonly ports: Pick<Ports, 'clock' | 'logger' | 'codec' | 'store' | 'shell' | 'folders' | 'editors' | 'renderer'>
  readonly editor: () => Parameters<Ports['editors']['open']>[0]
}

export interface Repositories {
  readonly handlers: RepositoryHandlers
  /** The setting: whether values are decrypted with the user's SOPS keys. Opened folders are rendered anew where it matters. */
  useOwnKeys(isOn: boolean): void
  dispose(): Promise<void>
}

interface StoredRepositories {
  readonly version: 1
  readonly folders: readonly { readonly root: string; readonly openedAt: number }[]
}

interface OpenRepository {
  readonly session: RepositorySession
  users: number
  cancelClose: Dispose | null
}

/** A folder nobody looks at any more stays rendered for so long: going back is instant. */
const lingerMs = 60_000
const maxRemembered = 50
const pageCharacters = 1024 * 1024
const pageObjects = 1000
const maxSourceBytes = 1024 * 1024
/** What may be shown: manifests. Keys, environment files and the like may lie beside them. */
const manifestName = /(^|\/)([^/]+\.(ya?ml|json)|Kustomization)$/i

export function createRepositories({ ports, editor }: RepositoriesOptions): Repositories {
  const { clock, folders, shell } = ports
  const file = new StoredJson<StoredRepositories>(ports, 'repositories.json')
  const rows = new KeyedItems<RepositoryRow>(clock)
  const roots = new Map<string, { readonly root: string; readonly openedAt: number }>()
  const open = new Map<string, OpenRepository>()
  const texts = new WeakMap<RenderedEntry, string>()

  const loaded = file.read(parseStored).then((stored) => {
    for (const folder of stored?.folders ?? []) roots.set(idOf(ports.codec, folder.root), folder)
    tell()
  })

  function tell(): void {
    rows.set(
      [...roots].map(([key, { root, openedAt }]) => ({
        key,
        name: root.split(/[\\/]+/).findLast((part) => part !== '') ?? root,
        folder: folders.display(root),
        openedAt,
      })),
    )
  }

  async function remember(path: string): Promise<string> {
    await loaded
    const root = await folders.resolve(path)
    const id = idOf(ports.codec, root)
    roots.set(id, { root, openedAt: clock.now() })
    const kept = [...roots].sort(([, a], [, b]) => b.openedAt - a.openedAt)
    for (const [old] of kept.slice(maxRemembered)) if (!open.has(old)) roots.delete(old)
    tell()
    await save()
    return id
  }

  function save(): Promise<void> {
    return file.write({ version: 1, folders: [...roots.values()] })
  }

  function rootOf(id: string): string {
    const known = roots.get(id)
    if (known === undefined)
      throw new SluiceError('NotFound', 'This repository is not among the opened ones', {
        remedy: 'Open its folder again.',
      })
    return known.root
  }

  function use(id: string): OpenRepository {
    const root = rootOf(id)
    const known = open.get(id)
    const used = known ?? { session: new RepositorySession(root, ports), users: 0, cancelClose: null }
    used.cancelClose?.()
    used.cancelClose = null
    used.users += 1
    if (known === undefined) open.set(id, used)
    return used
  }

  function leave(id: string, used: OpenRepository): void {
    used.users -= 1
    if (used.users > 0 || open.get(id) !== used) return
    used.cancelClose = clock.after(lingerMs, () => close(id))
  }

  function close(id: string): void {
    const used = open.get(id)
    open.delete(id)
    used?.cancelClose?.()
    used?.session.dispose()
  }

  function sessionOf(id: string): RepositorySession {
    const used = open.get(id)
    if (used === undefined) throw new SluiceError('Gone', 'This repository is not open', { retry: 'transient' })
    return used.session
  }

  function wholeText(entry: RenderedEntry): string {
    const known = texts.get(entry)
    if (known !== undefined) return known
    const text = textOf(entry)
    texts.set(entry, text)
    return text
  }

  const handlers: RepositoryHandlers = {
    'repositories.watch': (_input, sink) => {
      let stop: Dispose | null = null
      let isStopped = false
      void loaded.then(() => {
        if (!isStopped) stop = rows.feed.subscribe(sink)
      })
      return () => {
        isStopped = true
        stop?.()
      }
    },
    'repository.pick': async () => {
      const [path] = await shell.pickFiles('repository')
      return { repository: path === undefined ? null : await remember(path) }
    },
    'repository.openPath': async ({ path }) => {
      // SECURITY: item 7: a path from the window is opened only after the user said so in a dialog that the window cannot draw.
      if (!(await shell.confirmFolder(path))) return { repository: null }
      return { repository: await remember(path) }
    },
    'repository.forget': async ({ repository }) => {
      await loaded
      close(repository)
      roots.delete(repository)
      tell()
      await save()
      return null
    },
    'repository.watch': (input, sink) => {
      let stop: Dispose | null = null
      let isStopped = false
      void loaded.then(() => {
        if (isStopped) return
        try {
          const used = use(input.repository)
          const unsubscribe = used.session.items.feed.subscribe(sink)
          stop = () => {
            unsubscribe()
            leave(input.repository, used)
          }
        } catch (error) {
          sink.end(error)
        }
      })
      return () => {
        isStopped = true
        stop?.()
        stop = null
      }
    },
    'repository.refresh': async ({ repository }) => {
      sessionOf(repository).refresh()
      return null
    },
    'repository.output': async ({ repository, entry }, call: CallContext) => {
      const shown = await sessionOf(repository).output(entry, call.signal)
      const { render } = shown
      return {
        revision: shown.revision,
        objectCount: shown.objects.length,
        lineCount: shown.lineCount,
        length: shown.length,
        digest: render.digest,
        durationMs: render.durationMs,
        warnings: render.warnings.slice(0, maxNotes),
        assumptions: render.assumptions.slice(0, maxNotes),
        error: render.error,
        removed: shown.removed.slice(0, maxNotes),
        hiddenCount: shown.objects.reduce((sum, { hidden }) => sum + hidden.length, 0),
      }
    },
    'repository.objects': async ({ repository, entry, revision, offset }) => {
      const shown = sessionOf(repository).revision(entry, revision)
      const objects = shown.objects.slice(offset, offset + pageObjects).map(({ summary }): RepositoryObject => summary)
      return { objects }
    },
    'repository.text': async ({ repository, entry, revision, object, offset }) => {
      const shown = sessionOf(repository).revision(entry, revision)
      const text = object === undefined ? wholeText(shown) : shown.byKey.get(object)?.text
      if (text === undefined) throw new SluiceError('NotFound', 'This object is not part of the output')
      return { text: text.slice(offset, offset + pageCharacters), offset, total: text.length }
    },
    'repository.source': async ({ repository, file: path }) => {
      if (!manifestName.test(path))
        throw new SluiceError('InvalidInput', `${path} is no manifest: only YAML and JSON files are shown`)
      const { bytes, isTruncated } = await folders.read(rootOf(repository), path, maxSourceBytes)
      const text = new TextDecoder('utf-8').decode(bytes).replace(/\r\n?/g, '\n')
      return { file: path, isTruncated, ...maskSource(text) }
    },
    'repository.find': async ({ repository, text, limit }) => {
      const session = sessionOf(repository)
      return { ...findObjects(session.rendered(), parseFind(text), limit), waitingCount: session.waitingCount }
    },
    'repository.reveal': async ({ repository, entry, revision, object, field }) => {
      const shown = sessionOf(repository).revision(entry, revision).byKey.get(object)
      const value = shown === undefined ? null : revealField(shown, field)
      if (value === null) throw new SluiceError('NotFound', 'This object hides no such field')
      return value
    },
    'repository.editors': async () => ({ editors: [...(await ports.editors.choices())] }),
    'repository.openInEditor': async ({ repository, file: path, line }) => {
      const { label } = await ports.editors.open(editor(), rootOf(repository), path, line)
      return { editor: label }
    },
  }

  let usesOwnKeys = false

  return {
    handlers,
    useOwnKeys(isOn) {
      if (isOn === usesOwnKeys) return
      usesOwnKeys = isOn
      ports.renderer.useOwnKeys(isOn)
      for (const { session } of open.values()) session.refresh()
    },
    async dispose() {
      for (const id of [...open.keys()]) close(id)
      await file.settled()
    },
  }
}

/** Of warnings, assumptions and removed objects, so many are told. */
const maxNotes = 200

function idOf(codec: Codec, root: string): string {
  return codec.sha256Hex(root).slice(0, 16)
}

function parseStored(value: unknown): StoredRepositories | null {
  if (typeof value !== 'object' || value === null) return null
  const { folders } = value as Record<string, unknown>
  if (!Array.isArray(folders)) return null
  return {
    version: 1,
    folders: folders.slice(0, maxRemembered).flatMap((entry: unknown) => {
      const { root, openedAt } = (entry ?? {}) as Record<string, unknown>
      return typeof root === 'string' && root !== '' && typeof openedAt === 'number' ? [{ root, openedAt }] : []
    }),
  }
}
