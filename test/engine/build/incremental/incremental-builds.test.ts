import { describe, expect, it } from 'vitest'
import { createIncrementalBuilds } from '../../../../electron/engine/build/incremental/incremental-builds.ts'
import { createTreeMemo } from '../../../../electron/engine/build/incremental/tree-memo.ts'
import type { Files } from '../../../../electron/engine/kustomize/files.ts'
import { FileFault } from '../../../../electron/engine/kustomize/files.ts'
import { Chance } from '../../../fuzz/random.ts'
import { scaleCount, seed } from '../../../soak.ts'

/** A tree of texts and links, whose directories are those that hold something. */
class Tree {
  readonly texts = new Map<string, string>()
  readonly links = new Map<string, string>()
  reads = 0
  asked = 0

  follow(path: string, depth = 0): string {
    if (depth > 20) throw new FileFault('Io', path, 'EvalSymlinks: too many links')
    let real = ''
    for (const part of path.split('/').slice(1)) {
      real += `/${part}`
      const link = this.links.get(real)
      if (link !== undefined) real = this.follow(link, depth + 1)
    }
    return real
  }

  /** With fingerprints, a folder's tells its names, their kinds and links; at times it is not known, as for what is young. */
  files(hasFingerprints = false): Files {
    const kindOf = (real: string): 'file' | 'directory' | null => {
      if (this.texts.has(real)) return 'file'
      const below = `${real}/`
      for (const path of [...this.texts.keys(), ...this.links.keys()]) if (path.startsWith(below)) return 'directory'
      return null
    }
    const found = (path: string): string => {
      const real = this.follow(path)
      if (kindOf(real) === null) throw new FileFault('NotFound', path, `open ${path}: no such file or directory`)
      return real
    }
    return {
      stat: (path) => {
        try {
          return kindOf(this.follow(path))
        } catch {
          return null
        }
      },
      read: (path) => {
        this.reads += 1
        const text = this.texts.get(found(path))
        if (text === undefined) throw new FileFault('IsADirectory', path, `read ${path}: is a directory`)
        return new TextEncoder().encode(text)
      },
      list: (path) => {
        const below = `${found(path)}/`
        const names = [...this.texts.keys(), ...this.links.keys()]
          .filter((known) => known.startsWith(below))
          .map((known) => known.slice(below.length).split('/')[0] ?? '')
        return [...new Set(names)].sort()
      },
      realPath: (path) => found(path),
      fingerprint: (path) => {
        if (!hasFingerprints || ++this.asked % 7 === 0) return null
        try {
          const real = this.follow(path)
          const text = this.texts.get(real)
          if (text !== undefined) return `file ${text}`
          const below = `${real}/`
          const names = [...this.texts.keys(), ...this.links].flatMap((known) => {
            const [at, target] = typeof known === 'string' ? [known, ''] : known
            if (!at.startsWith(below)) return []
            const [name = '', ...more] = at.slice(below.length).split('/')
            return [`${name} ${more.length > 0 ? 'folder' : target}`]
          })
          return names.length === 0 ? null : `${real} ${[...new Set(names)].sort().join(', ')}`
        } catch {
          return null
        }
      },
    }
  }
}

/** Reads as a build does: looks for a list under two names, else takes every text; entries are files first, then folders. */
function buildToy(files: Files, folder: string, depth = 0): string {
  if (depth > 5) return '(deep)'
  const real = files.realPath(folder)
  for (const name of ['list.txt', 'list']) {
    if (files.stat(`${real}/${name}`) !== 'file') continue
    return text(files.read(`${real}/${name}`))
      .split(' ')
      .map((entry) => {
        const path = entry.startsWith('../')
          ? `${real.slice(0, real.lastIndexOf('/'))}/${entry.slice(3)}`
          : `${real}/${entry}`
        const kind = files.stat(path)
        return kind === null
          ? `no ${entry}`
          : kind === 'file'
            ? text(files.read(path))
            : buildToy(files, path, depth + 1)
      })
      .join('|')
  }
  return files
    .list(real)
    .filter((name) => files.stat(`${real}/${name}`) === 'file')
    .map((name) => text(files.read(`${real}/${name}`)))
    .join('+')
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function attempt(files: Files, folder: string): string {
  try {
    return buildToy(files, folder)
  } catch (error) {
    if (error instanceof FileFault) return `!${error.code}`
    throw error
  }
}

function makeTree(): Tree {
  const tree = new Tree()
  tree.texts.set('/r/a/list.txt', 'one two ../base')
  tree.texts.set('/r/a/one', '1')
  tree.texts.set('/r/base/x', 'x')
  tree.texts.set('/r/base/y', 'y')
  tree.texts.set('/r/b/list', '../base ../a ../linked')
  tree.texts.set('/r/c/z', 'z')
  tree.links.set('/r/linked', '/r/c')
  return tree
}

function createBuilds(tree: Tree, maxBytes = 1_000_000, hasFingerprints = false) {
  const memo = createTreeMemo(tree.files(hasFingerprints), text)
  return createIncrementalBuilds<string>({ memo, maxBytes, bytesOf: (result) => result.length })
}

const get = (builds: ReturnType<typeof createBuilds>, folder: string) =>
  builds.get(folder, ({ files }) => attempt(files, folder))

describe('incremental builds', () => {
  it('does nothing again when nothing changed', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    expect(get(builds, '/r/a')).toEqual({ result: '1|no two|x+y', isReused: false })
    const { reads } = tree
    expect(builds.changed([])).toEqual([])
    expect(get(builds, '/r/a').isReused).toBe(true)
    expect(tree.reads).toBe(reads)
  })

  it('reaches the builds that read a file, and no others', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    for (const folder of ['/r/a', '/r/b', '/r/c']) get(builds, folder)
    tree.texts.set('/r/a/one', '11')
    expect([...builds.changed(['/r/a/one'])].sort()).toEqual(['/r/a', '/r/b'])
    expect(get(builds, '/r/a').result).toBe('11|no two|x+y')
    expect(get(builds, '/r/c').isReused).toBe(true)
  })

  it('notices a file that was looked for and not there', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    get(builds, '/r/a')
    tree.texts.set('/r/a/two', '2')
    expect(builds.changed(['/r/a/two'])).toEqual(['/r/a'])
    expect(get(builds, '/r/a').result).toBe('1|2|x+y')
  })

  it('notices a new entry of a folder that was listed', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    get(builds, '/r/c')
    tree.texts.set('/r/c/zz', 'new')
    expect(builds.changed(['/r/c/zz'])).toEqual(['/r/c'])
    expect(get(builds, '/r/c').result).toBe('z+new')
  })

  it('finds a change under the name that a link hides', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    expect(get(builds, '/r/b').result).toBe('x+y|1|no two|x+y|z')
    tree.texts.set('/r/c/z', 'zzz')
    expect(builds.changed(['/r/c/z'])).toEqual(['/r/b'])
    expect(get(builds, '/r/b').result).toBe('x+y|1|no two|x+y|zzz')
  })

  it('finds a link that leads elsewhere now', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    get(builds, '/r/b')
    tree.links.set('/r/linked', '/r/base')
    builds.changed(['/r/linked'])
    expect(get(builds, '/r/b').result).toBe('x+y|1|no two|x+y|x+y')
  })

  it('gives the old result for a change that was undone, without building', () => {
    const tree = makeTree()
    const builds = createBuilds(tree)
    get(builds, '/r/a')
    tree.texts.set('/r/a/one', '11')
    builds.changed(['/r/a/one'])
    get(builds, '/r/a')
    tree.texts.set('/r/a/one', '1')
    builds.changed(['/r/a/one'])
    expect(get(builds, '/r/a')).toEqual({ result: '1|no two|x+y', isReused: true })
  })

  it('keeps results under the cap, the last used ones', () => {
    const tree = makeTree()
    const builds = createBuilds(tree, 1500)
    for (const folder of ['/r/a', '/r/b', '/r/c']) get(builds, folder)
    expect(get(builds, '/r/c').isReused).toBe(true)
    expect(get(builds, '/r/a').isReused).toBe(false)
  })

  it('builds again when a noted value changed', () => {
    const memo = createTreeMemo(makeTree().files(), text)
    let value = 'one'
    const builds = createIncrementalBuilds<string>({ memo, maxBytes: 1e6, bytesOf: () => 1, textOfValue: () => value })
    const run = () =>
      builds.get('key', (sources) => {
        sources.noteValue('cluster-settings', value)
        return value
      })
    expect(run()).toEqual({ result: 'one', isReused: false })
    expect(run()).toEqual({ result: 'one', isReused: true })
    value = 'two'
    expect(run()).toEqual({ result: 'two', isReused: false })
  })

  it('equals a full build after any edit, told or looked for', () => {
    const chance = new Chance(seed())
    const folders = ['/r/a', '/r/b', '/r/c', '/r/base', '/r/linked', '/r/d', '/r']
    const names = ['list.txt', 'list', 'one', 'two', 'x', 'z', 'sub/x', 'sub/list']
    const contents = ['1', 'one two', '../base', 'sub ../c', '../a ../linked', 'x ../d one', '']
    for (let round = 0; round < scaleCount(200); round++) {
      const tree = makeTree()
      const builds = createBuilds(tree, chance.is(0.2) ? 3000 : 1_000_000, chance.is(0.5))
      for (let step = 0; step < 30; step++) {
        const changed: string[] = []
        for (let edits = chance.is(0.8) ? 1 : chance.between(2, 4); edits > 0; edits--) changed.push(...edit(tree))
        builds.changed(chance.is(0.5) ? changed : null)
        for (const folder of chance.some(folders, chance.between(1, folders.length)))
          expect(get(builds, folder).result, `${folder} after ${changed.join(', ')}`).toBe(
            attempt(tree.files(), folder),
          )
      }
    }

    function edit(tree: Tree): string[] {
      const path = `${chance.pick(folders.filter((folder) => folder !== '/r/linked'))}/${chance.pick(names)}`
      const known = [...tree.texts.keys()]
      switch (known.length === 0 ? 4 : chance.int(5)) {
        case 0: {
          const gone = chance.pick(known)
          tree.texts.delete(gone)
          return [gone]
        }
        case 1: {
          const from = chance.pick(known)
          tree.texts.set(path, tree.texts.get(from) ?? '')
          if (from !== path) tree.texts.delete(from)
          return clean(tree, path, [from, path])
        }
        case 2: {
          const target = chance.pick(['/r/a', '/r/base', '/r/d', '/r/c/z'])
          tree.links.set('/r/linked', target)
          return ['/r/linked']
        }
        default:
          tree.texts.set(path, chance.pick(contents))
          return clean(tree, path, [path])
      }
    }

    /** A name cannot be a file and a folder. */
    function clean(tree: Tree, path: string, changed: string[]): string[] {
      for (const known of [...tree.texts.keys()])
        if (known.startsWith(`${path}/`) || path.startsWith(`${known}/`)) {
          tree.texts.delete(known)
          changed.push(known)
        }
      return changed
    }
  })
})
