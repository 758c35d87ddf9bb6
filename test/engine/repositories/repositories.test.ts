import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSystemClock } from '../../../electron/adapters/node/system-clock.ts'
import { createRepositories } from '../../../electron/engine/repositories/repositories.ts'
import type { Repositories, RepositoriesOptions } from '../../../electron/engine/repositories/repositories.ts'
import type { RepositoryEntry, RepositoryItem, RepositoryTree } from '../../../shared/model/repository.ts'
import { MemoryFolder, configMap } from './memory-folder.ts'

const call = { signal: new AbortController().signal, client: 'test' } as const

interface Opened {
  readonly folder: MemoryFolder
  readonly repositories: Repositories
  readonly id: string
  readonly items: Map<string, RepositoryItem>
  readonly tree: () => RepositoryTree
  readonly entry: (name: string) => RepositoryEntry
  readonly close: () => void
  readonly stored: Map<string, Uint8Array>
  readonly confirmed: string[]
}

const opened: Opened[] = []
afterEach(async () => {
  for (const { close, repositories } of opened.splice(0)) {
    close()
    await repositories.dispose()
  }
})

async function open(files: Readonly<Record<string, string>>, folder = new MemoryFolder()): Promise<Opened> {
  for (const [path, text] of Object.entries(files)) folder.files.set(path, text)
  const stored = new Map<string, Uint8Array>()
  const confirmed: string[] = []
  const ports = {
    clock: createSystemClock(),
    logger: { log: () => undefined },
    codec: { sha256Hex: (text: string) => createHash('sha256').update(text).digest('hex') },
    store: {
      read: async (name: string) => stored.get(name) ?? null,
      write: async (name: string, data: string) => void stored.set(name, new TextEncoder().encode(data)),
    },
    shell: {
      pickFiles: async () => ['/fleet'],
      confirmFolder: async (path: string) => {
        confirmed.push(path)
        return !path.includes('no')
      },
    },
    folders: folder,
    renderer: folder,
    editors: {
      choices: async () => [],
      open: async (id: string, _root: string, file: string) => ({ id, label: `${id} ${file}`, program: '' }),
    },
  } as unknown as RepositoriesOptions['ports']
  const repositories = createRepositories({ ports, editor: () => 'vscode' })
  const { repository } = await repositories.handlers['repository.pick']({}, call)
  const items = new Map<string, RepositoryItem>()
  const id = repository ?? ''
  const close = repositories.handlers['repository.watch'](
    { repository: id },
    {
      isClosed: false,
      push: (upsert, remove = []) => {
        for (const item of upsert) items.set(item.key, item)
        for (const key of remove) items.delete(key)
      },
      ready: () => undefined,
      end: () => undefined,
    },
    call,
  )
  const result: Opened = {
    folder,
    repositories,
    id,
    items,
    close,
    stored,
    confirmed,
    tree: () => items.get('tree') as RepositoryTree,
    entry: (name) => items.get(`flux|flux/${name}.yaml|flux-system/${name}`) as RepositoryEntry,
  }
  opened.push(result)
  await vi.waitFor(() => expect(items.has('tree')).toBe(true))
  return result
}

const isDone = (it: Opened, name: string) => vi.waitFor(() => expect(it.entry(name).state).toMatch(/ready|failed/))
const keyOf = (name: string): string => `flux|flux/${name}.yaml|flux-system/${name}`
const objectsOf = async (it: Opened, name: string) => {
  const { handlers } = it.repositories
  const output = await handlers['repository.output']({ repository: it.id, entry: keyOf(name) }, call)
  const place = { repository: it.id, entry: keyOf(name), revision: output.revision, offset: 0 }
  const { objects } = await handlers['repository.objects'](place, call)
  const { text } = await handlers['repository.text'](place, call)
  return { output, objects, text, place }
}

describe('an opened folder', () => {
  it('renders every Flux Kustomization, and a kustomization file when it is asked for', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', { k: 'v' }), 'b/1.yaml': configMap('two', { k: 'v' }) })
    await isDone(it, 'a')
    await isDone(it, 'b')
    expect(it.folder.renders).toBe(2)
    expect(it.items.get('build|a')).toMatchObject({ state: 'idle', objectCount: 0 })
    const output = await it.repositories.handlers['repository.output']({ repository: it.id, entry: 'build|a' }, call)
    expect(output).toMatchObject({ revision: 1, objectCount: 1, error: null })
    await vi.waitFor(() => expect(it.items.get('build|a')).toMatchObject({ state: 'ready' }))
  })

  it('is rendered with the user’s own keys once they say so, and anew when they change their mind', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', { k: 'v' }) })
    await isDone(it, 'a')
    expect([it.folder.usesKeys, it.folder.renders]).toEqual([false, 1])
    it.repositories.useOwnKeys(true)
    await vi.waitFor(() => expect(it.folder.renders).toBe(2))
    expect(it.folder.usesKeys).toBe(true)
    it.repositories.useOwnKeys(true)
    it.repositories.useOwnKeys(false)
    await vi.waitFor(() => expect(it.folder.renders).toBe(3))
    expect(it.folder.usesKeys).toBe(false)
  })

  it('says of what it cannot render why', async () => {
    const folder = new MemoryFolder()
    folder.elsewhere.add('a')
    const it = await open({ 'a/1.yaml': configMap('one', {}) }, folder)
    await vi.waitFor(() =>
      expect(it.entry('a')).toMatchObject({ state: 'elsewhere', note: 'Its source is another repository' }),
    )
    await expect(
      it.repositories.handlers['repository.output']({ repository: it.id, entry: keyOf('a') }, call),
    ).rejects.toMatchObject({ code: 'Unsupported' })
  })

  it('marks lines and objects that a saved file changed, until the next one', async () => {
    const it = await open({
      'a/1.yaml': `${configMap('one', { image: 'app:1', other: 'x' })}---\n${configMap('two', { k: 'v' })}`,
      'b/1.yaml': configMap('three', { k: 'v' }),
    })
    await isDone(it, 'a')
    await isDone(it, 'b')
    it.folder.write('a/1.yaml', `${configMap('one', { image: 'app:2', other: 'x' })}---\n${configMap('new', {})}`)
    await vi.waitFor(() => expect(it.tree().lastChange).toMatchObject({ objectCount: 3, isComplete: true }))
    expect(it.entry('a').changedCount).toBe(3)
    const { output, objects } = await objectsOf(it, 'a')
    expect(output.removed).toEqual(['ConfigMap apps/two'])
    expect(objects.map(({ name, change, hunks }) => ({ name, change, hunks }))).toEqual([
      { name: 'one', change: 'changed', hunks: [{ line: 3, added: 1, removed: ['  image: app:1'] }] },
      { name: 'new', change: 'added', hunks: [{ line: 10, added: 6, removed: [] }] },
    ])
    it.folder.write('b/1.yaml', configMap('three', { k: 'w' }))
    await vi.waitFor(() => expect(it.entry('b').changedCount).toBe(1))
    expect(it.entry('a').changedCount).toBe(0)
    expect((await objectsOf(it, 'a')).objects.every(({ change }) => change === null)).toBe(true)
  })

  it('tells a build that fails by file and line, and goes on when it is repaired, marking nothing', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', { k: 'v' }) })
    await isDone(it, 'a')
    it.folder.write('a/1.yaml', '!error')
    await vi.waitFor(() => expect(it.entry('a').state).toBe('failed'))
    expect(it.entry('a').error).toMatchObject({ file: 'a/1.yaml', line: 1 })
    it.folder.write('a/1.yaml', configMap('one', { k: 'v' }))
    await vi.waitFor(() => expect(it.entry('a').state).toBe('ready'))
    expect(it.entry('a').changedCount).toBe(0)
  })

  it('leaves marks alone when what is saved is read by no build', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', { k: 'v' }) })
    await isDone(it, 'a')
    it.folder.write('a/1.yaml', configMap('one', { k: 'w' }))
    await vi.waitFor(() => expect(it.entry('a').changedCount).toBe(1))
    it.folder.files.set('README', '')
    const { change } = it.tree()
    it.folder.tell(['README'])
    await vi.waitFor(() => expect(it.tree().change).toBe(change + 1))
    expect(it.entry('a').changedCount).toBe(1)
  })

  it('says Gone for pages of an output that has been rendered anew', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', { k: 'v' }) })
    await isDone(it, 'a')
    const { place } = await objectsOf(it, 'a')
    it.folder.write('a/1.yaml', configMap('one', { k: 'w' }))
    await vi.waitFor(() => expect(it.entry('a').revision).toBeGreaterThan(place.revision))
    await expect(it.repositories.handlers['repository.text'](place, call)).rejects.toMatchObject({ code: 'Gone' })
  })

  it('drops what is not in the tree any more', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', {}), 'b/1.yaml': configMap('two', {}) })
    await isDone(it, 'b')
    it.folder.write('b/1.yaml', null)
    await vi.waitFor(() => expect(it.items.has(keyOf('b'))).toBe(false))
  })

  it('says that the folder is gone, and goes on when it is back', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', {}) })
    await isDone(it, 'a')
    it.folder.folderState = 'missing'
    it.folder.tell(null)
    await vi.waitFor(() => expect(it.tree().state).toBe('missing'))
    it.folder.folderState = 'there'
    await vi.waitFor(() => expect(it.tree().state).toBe('ready'), { timeout: 5000 })
  })

  it('starts a build anew that a second save overtakes', async () => {
    const it = await open({ 'a/1.yaml': configMap('one', { k: '1' }) })
    await isDone(it, 'a')
    let free = (): void => undefined
    it.folder.gate = new Promise((resolve) => (free = resolve))
    it.folder.write('a/1.yaml', configMap('one', { k: '2' }))
    await vi.waitFor(() => expect(it.folder.renders).toBe(2))
    it.folder.write('a/1.yaml', configMap('one', { k: '3' }))
    await vi.waitFor(() => expect(it.folder.renders).toBe(3))
    free()
    await vi.waitFor(() => expect(it.entry('a').changedCount).toBe(1))
    const { objects, text } = await objectsOf(it, 'a')
    expect(text).toContain('k: 3')
    expect(objects[0]?.hunks).toEqual([{ line: 3, added: 1, removed: ['  k: 1'] }])
  })
})

describe('SECURITY 9: secret values', () => {
  const secret = configMap('login', { password: 'aHVudGVyMg==', raw: 'AAECAw==' }, 'Secret')

  it('stay in the engine: neither in text, source, differences nor finds', async () => {
    const it = await open({ 'a/1.yaml': secret })
    await isDone(it, 'a')
    it.folder.write('a/1.yaml', secret.replace('aHVudGVyMg==', 'aHVudGVyMw=='))
    await vi.waitFor(() => expect(it.entry('a').changedCount).toBe(1))
    const { objects, text } = await objectsOf(it, 'a')
    expect(objects[0]).toMatchObject({
      hidden: ['data.password', 'data.raw'],
      hunks: [{ line: 3, added: 1, removed: ['  password: •••'] }],
    })
    const { handlers } = it.repositories
    const source = await handlers['repository.source']({ repository: it.id, file: 'a/1.yaml' }, call)
    const found = await handlers['repository.find']({ repository: it.id, text: 'ahvudgv', limit: 10 }, call)
    expect(found.total).toBe(0)
    expect(JSON.stringify([objects, text, source, [...it.items.values()]])).not.toMatch(/aHVudGVy/)
  })

  it('are revealed one at a time', async () => {
    const it = await open({ 'a/1.yaml': secret })
    await isDone(it, 'a')
    const { objects, place } = await objectsOf(it, 'a')
    const reveal = (field: string) =>
      it.repositories.handlers['repository.reveal']({ ...place, object: objects[0]?.key ?? '', field }, call)
    expect(await reveal('data.password')).toEqual({ value: 'aHVudGVyMg==', decoded: 'hunter2' })
    expect(await reveal('data.raw')).toEqual({ value: 'AAECAw==', decoded: null })
    await expect(reveal('metadata.name')).rejects.toMatchObject({ code: 'NotFound' })
  })
})

describe('find', () => {
  it('looks through all rendered objects, narrowed by conditions', async () => {
    const it = await open({
      'a/1.yaml': `${configMap('one', { image: 'oci.example/App:1' })}---\n${configMap('two', { image: 'none' })}`,
      'b/1.yaml': configMap('three', { image: 'oci.example/app:2' }),
    })
    await isDone(it, 'a')
    await isDone(it, 'b')
    const find = (text: string) =>
      it.repositories.handlers['repository.find']({ repository: it.id, text, limit: 10 }, call)
    const texts = async (text: string) => (await find(text)).matches.map((match) => match.text)
    expect(await texts('image: OCI')).toEqual(['image: oci.example/App:1', 'image: oci.example/app:2'])
    expect(await texts('in:*/b image:')).toEqual(['image: oci.example/app:2'])
    expect(await texts('-name:t* image:')).toEqual(['image: oci.example/App:1'])
    expect((await find('kind:cm name:one,three')).matches.map(({ object }) => object.name)).toEqual(['one', 'three'])
    const { matches } = await find('image: none')
    expect(matches[0]).toMatchObject({ line: 11, start: 0, end: 11, object: { line: 9 } })
  })
})

describe('SECURITY 7: paths', () => {
  it('from the window are asked for in a dialog of the main process', async () => {
    const it = await open({})
    const { handlers } = it.repositories
    expect(await handlers['repository.openPath']({ path: '/no' }, call)).toEqual({ repository: null })
    expect((await handlers['repository.openPath']({ path: '/other' }, call)).repository).toMatch(/^[0-9a-f]{16}$/)
    expect(it.confirmed).toEqual(['/no', '/other'])
  })

  it('of files that are no manifests are not shown', async () => {
    const it = await open({ 'a/secrets.env': 'x' })
    await expect(
      it.repositories.handlers['repository.source']({ repository: it.id, file: 'a/secrets.env' }, call),
    ).rejects.toMatchObject({ code: 'InvalidInput' })
  })
})

it('folders are remembered by id, forgotten on request', async () => {
  const it = await open({})
  await it.repositories.dispose()
  expect(new TextDecoder().decode(it.stored.get('repositories.json'))).toContain('"/fleet"')
  await it.repositories.handlers['repository.forget']({ repository: it.id }, call)
  expect(new TextDecoder().decode(it.stored.get('repositories.json'))).not.toContain('"/fleet"')
  expect(it.folder.isDisposed).toBe(true)
})
