/** Rule and commit from the eyes of the user: both, or neither. */
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import type { IgnoreEdits } from '../../../electron/engine/drift/ignore-edits.ts'
import { createIgnoreEdits } from '../../../electron/engine/drift/ignore-edits.ts'

const file = 'clusters/apps.yaml'
const before = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  prune: true
`
const ref = (kind: string, namespace: string, name: string): ObjectRef => ({
  cluster: 'kind-a',
  group: kind === 'Deployment' ? 'apps' : 'kustomize.toolkit.fluxcd.io',
  kind,
  namespace,
  name,
})
const owner = ref('Kustomization', 'flux-system', 'apps')
const origin = { source: ref('GitRepository', 'flux-system', 'fleet'), file }
const rule = { paths: ['/spec/repl\u202eicas\n'], target: null }

interface Bench {
  readonly edits: IgnoreEdits
  readonly disk: Map<string, string>
  readonly done: string[]
  /** What stands in the way of looking, committing, replacing; by its beginning. */
  readonly faults: Map<string, Error>
  branch: string
}

function bench(): Bench {
  const disk = new Map([[file, before]])
  const done: string[] = []
  const faults = new Map<string, Error>()
  const made: { branch: string } = { branch: 'main' }
  const doing = (what: string): Promise<void> => {
    done.push(what)
    const fault = [...faults].find(([start]) => what.startsWith(start))?.[1]
    return fault === undefined ? Promise.resolve() : Promise.reject(fault)
  }
  const ports = {
    random: { uuid: () => `edit-${done.length}`, unit: () => 0 },
    folders: {
      read: () => Promise.resolve({ bytes: new TextEncoder().encode(disk.get(file)), isTruncated: false }),
      replace: async (_root: string, name: string, from: string, to: string) => {
        await doing(`replace ${to === before ? 'back' : 'on'}`)
        if (disk.get(name) !== from) throw new SluiceError('Conflict', `${name} was changed meanwhile`)
        disk.set(name, to)
      },
    },
    workingCopies: {
      look: async () => {
        await doing('look')
        return { branch: made.branch, author: 'A <a@example.invalid>', skippedHooks: ['pre-commit'], isUnsigned: false }
      },
      commit: async (_root: string, name: string, text: string, message: string) => {
        expect(disk.get(name)).toBe(text)
        await doing(`commit ${JSON.stringify(message)}`)
        return 'c0ffee'
      },
    },
  } as unknown as Pick<Ports, 'folders' | 'random' | 'workingCopies'>
  const edits = createIgnoreEdits(ports, { folderOf: () => ({ path: '/fleet', label: '~/fleet' }) })
  return Object.assign(made, { edits, disk, done, faults })
}

const prepare = ({ edits }: Bench) =>
  edits.prepare(owner, origin, 'spec.ignore', rule, ref('Deployment', 'apps', 'podinfo'))

describe('a rule that is written and committed', () => {
  it('shows branch, author, hooks and a message of plain text before anything is written', async () => {
    const at = bench()
    const { commit } = await prepare(at)
    expect(commit).toEqual({
      branch: 'main',
      author: 'A <a@example.invalid>',
      skippedHooks: ['pre-commit'],
      isUnsigned: false,
      message:
        'Ignore /spec/repl icas  of Deployment apps/podinfo\n\nKustomization flux-system/apps leaves it as the cluster has it.',
    })
    expect(at.done).toEqual(['look'])
  })

  it('is looked at again, written, then committed with the message that the user wrote', async () => {
    const at = bench()
    const { id } = await prepare(at)
    expect(await at.edits.write(id, ' Mine\n')).toEqual({ file, commit: { id: 'c0ffee', branch: 'main' } })
    expect(at.done).toEqual(['look', 'look', 'replace on', 'commit "Mine\\n"'])
    expect(at.disk.get(file)).toContain('ignore:')
    await expect(at.edits.write(id, 'again')).rejects.toThrow('prepared too long ago')
  })

  it('is only written where nobody wants the commit, and where none is possible', async () => {
    const at = bench()
    at.faults.set('look', new SluiceError('GitFailed', '~/fleet has no branch checked out', { remedy: 'Switch.' }))
    const { id, commit } = await prepare(at)
    expect(commit).toEqual({ refused: '~/fleet has no branch checked out', remedy: 'Switch.' })
    await expect(at.edits.write(id, 'Mine')).rejects.toThrow('no branch checked out')
    expect(at.disk.get(file)).toBe(before)
    expect(await at.edits.write(id, null)).toEqual({ file, commit: null })
    expect(at.disk.get(file)).toContain('ignore:')
  })

  it('is taken back where the commit fails, and can be tried again', async () => {
    const at = bench()
    const { id } = await prepare(at)
    at.faults.set('commit', new SluiceError('GitFailed', 'not committed', { detail: 'locked' }))
    await expect(at.edits.write(id, 'Mine')).rejects.toMatchObject({
      code: 'GitFailed',
      message: 'not committed',
      remedy: 'The file is as it was.',
      detail: 'locked',
    })
    expect(at.disk.get(file)).toBe(before)
    at.faults.clear()
    expect((await at.edits.write(id, 'Mine')).commit).toEqual({ id: 'c0ffee', branch: 'main' })
  })

  it('says that the rule is left in the file where it cannot be taken back', async () => {
    const at = bench()
    const { id } = await prepare(at)
    at.faults.set('commit', new SluiceError('GitFailed', 'not committed'))
    at.faults.set('replace back', new Error('disk'))
    await expect(at.edits.write(id, 'Mine')).rejects.toMatchObject({
      remedy: `The rule is still in ${file}: take it out, or commit it yourself.`,
    })
    expect(at.disk.get(file)).toContain('ignore:')
  })

  it('keeps the file where the commit was made with another text in it', async () => {
    const at = bench()
    const { id } = await prepare(at)
    at.faults.set('commit', new SluiceError('Conflict', 'changed while it was committed'))
    await expect(at.edits.write(id, 'Mine')).rejects.toThrow('changed while it was committed')
    expect(at.done).not.toContain('replace back')
  })

  it('goes to no other branch than the one shown, and has a message', async () => {
    const at = bench()
    const { id } = await prepare(at)
    await expect(at.edits.write(id, ' \n')).rejects.toThrow('no message')
    at.branch = 'production'
    await expect(at.edits.write(id, 'Mine')).rejects.toThrow('~/fleet has production checked out by now, not main')
    expect(at.disk.get(file)).toBe(before)
  })
})
