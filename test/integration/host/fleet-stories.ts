/**
 * What happens to a fleet: each story is told of a Kustomization of its own, in steps. A step is a commit, or a change by hand on both clusters where a
 * commit would leave it to chance whether a Kustomization runs before its parent changes it.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Document } from 'yaml'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { findCondition, readConditions } from '../../../electron/engine/status/conditions.ts'
import { asArray, at, textAt } from '../../../electron/engine/status/read.ts'
import type { Chance } from '../../cluster/drift/random.ts'
import type { GitRepository } from '../../cluster/git-server.ts'

/** A Kustomization of a repository: one that renders its own kustomization.yaml, depends on nobody and is well. */
export interface Subject {
  readonly name: string
  /** In the work tree: where the Kustomization is defined, and where its kustomization.yaml is. */
  readonly file: string
  readonly folder: string
  readonly namespace: string
  /** Where its objects come to be. */
  readonly target: string
  /** Others depend on it: where there are many, whether each runs once more before this one fails or goes is chance. */
  readonly isNeeded: boolean
}

type Spec = Readonly<Record<string, unknown>>

export interface Step {
  /** Files of the commit; null removes one. */
  readonly files?: Readonly<Record<string, string | null>>
  /**
   * Whether everybody is asked to run: while there is a cycle, kustomize-controller tells nobody of a new revision (it cannot sort them) and each
   * waits for its interval.
   */
  readonly isAsked?: boolean
  /** Merge patches of specs, by name of the Kustomization. */
  readonly patches?: readonly { readonly name: string; readonly spec: Spec }[]
  /** A ConfigMap that does not go before it is released, and the Kustomization that waits until it has gone. */
  readonly held?: { readonly subject: Subject; readonly map: string }
}

export interface Story {
  readonly title: string
  readonly subjects: readonly Subject[]
  readonly steps: readonly (() => Promise<Step>)[]
}

const content = 'sluice-story.yaml'

/** All that may play a part, by name; `running` are the Kustomizations of this repository on a cluster. */
export async function findSubjects(
  { workFolder }: GitRepository,
  running: readonly KubeObject[],
): Promise<readonly Subject[]> {
  const found = new Map<string, Subject[]>()
  const neededBy = (object: KubeObject): readonly string[] =>
    asArray(at(object, 'spec', 'dependsOn')).map(
      (entry) => `${textAt(entry, 'namespace') || (object.metadata.namespace ?? '')}/${textAt(entry, 'name')}`,
    )
  const needed = new Set(running.flatMap(neededBy))
  for (const entry of await readdir(workFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) continue
    const file = path.relative(workFolder, path.join(entry.parentPath, entry.name))
    const text = await readFile(path.join(workFolder, file), 'utf8')
    if (!text.includes('kustomize.toolkit.fluxcd.io') || text.includes('{{')) continue
    for (const document of parseAllDocuments(text, { logLevel: 'silent' }) as Document[]) {
      const object = document.errors.length > 0 ? null : (document.toJS() as Flux | null)
      if (object?.kind !== 'Kustomization' || object.spec?.sourceRef?.kind !== 'GitRepository') continue
      const { path: below = '', dependsOn = [], suspend = false } = object.spec
      const folder = path.posix.join('.', below)
      const own = await readOwn(path.join(workFolder, folder, 'kustomization.yaml'))
      if (own === null || dependsOn.length > 0 || suspend) continue
      const name = object.metadata?.name ?? ''
      const [live, ...more] = running.filter(({ metadata }) => metadata.name === name)
      if (live === undefined || more.length > 0) continue
      if (findCondition(readConditions(live), 'Ready')?.status !== 'True') continue
      const { namespace = '' } = live.metadata
      const isNeeded = needed.has(`${namespace}/${name}`)
      const target = textAt(live, 'spec', 'targetNamespace') || (own.namespace ?? 'default')
      found.set(name, [...(found.get(name) ?? []), { name, file, folder, namespace, target, isNeeded }])
    }
  }
  // Of two with one name nobody knows which is meant; entries bring others, and whoever shares a folder shares its fate.
  const single = [...found.values()].flatMap((all) => (all.length === 1 ? all : []))
  return single
    .filter(({ folder, name }) => single.every((other) => other.name === name || !isBeside(folder, other)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isBeside = (folder: string, other: Subject): boolean =>
  other.folder === folder || other.file.startsWith(`${folder}/`)

/** One story of each kind (of those that are `wanted`), on subjects by chance; those for which there are no subjects left are not told. */
export function tellStories(
  repository: GitRepository,
  subjects: readonly Subject[],
  chance: Chance,
  wanted: (kind: number) => boolean = () => true,
): readonly Story[] {
  const free = [...subjects]
  const take = (): Subject | null => free.splice(chance.below(Math.max(1, free.length)), 1)[0] ?? null
  const pen = createPen(repository)
  const stories: Story[] = []
  for (const [title, count, steps] of kinds(pen).filter((_, kind) => wanted(kind))) {
    const chosen = Array.from({ length: count }, take).filter((subject) => subject !== null)
    if (chosen.length === count) stories.push({ title, subjects: chosen, steps: steps(chosen[0]!, chosen.at(-1)!) })
  }
  return stories
}

type Kind = readonly [
  title: string,
  subjects: number,
  steps: (subject: Subject, second: Subject) => readonly (() => Promise<Step>)[],
]

function kinds(pen: Pen): readonly Kind[] {
  const { begin, write, spec, resources, remove } = pen
  const files = (make: (subject: Subject) => Promise<Step>) => (subject: Subject) => () => make(subject)
  const both = (subject: Subject, second: Subject, state: string) => async (): Promise<Step> => ({
    isAsked: true,
    files: { ...(await write(subject, { a: { state } })).files, ...(await write(second, { a: { state } })).files },
  })
  const start = files(begin)
  const policies = ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'] as const
  return [
    [
      'new commit',
      1,
      (s) => [start(s), () => write(s, { a: { state: 'new' }, b: {} }), () => write(s, { a: {}, b: {}, c: {} })],
    ],
    ['rename', 1, (s) => [start(s), () => write(s, { renamed: {}, b: {} }), () => write(s, { a: {}, b: {} })]],
    ['deletion', 1, (s) => [start(s), () => write(s, { b: {} }), () => write(s, {})]],
    [
      'prune disabled',
      1,
      (s) => [start(s), () => spec(s, { prune: false }), () => write(s, { a: {} }), () => spec(s, { prune: true })],
    ],
    [
      'suspended',
      1,
      (s) => [
        start(s),
        () => patch([s, { suspend: true }]),
        () => write(s, { a: { state: 'new' } }),
        () => patch([s, { suspend: false }]),
      ],
    ],
    ['failing build', 1, (s) => [start(s), () => resources(s, ['absent.yaml']), () => resources(s, [])]],
    [
      'failing health',
      1,
      (s) => [
        start(s),
        () => spec(s, healthSpec(s)),
        () => write(s, { a: { state: 'bad' } }),
        () => write(s, { a: { state: 'ok' } }),
      ],
    ],
    [
      'immutable field, then force',
      1,
      (s) => [
        () => begin(s, { a: { immutable: true } }),
        () => write(s, { a: { immutable: true, state: 'new' } }),
        // By hand: else it is chance whether it fails once more before its parent changes it, and its history tells.
        () => patch([s, { force: true }]),
      ],
    ],
    [
      'dependency cycle',
      2,
      (s, t) => [
        async () => ({ files: { ...(await begin(s)).files, ...(await begin(t)).files } }),
        () => patch([s, { dependsOn: [dependencyOn(t)] }]),
        async () => ({ ...(await patch([t, { dependsOn: [dependencyOn(s)] }])), isAsked: true }),
        both(s, t, 'new'),
        () => patch([s, { dependsOn: null }]),
      ],
    ],
    ...policies.map((deletionPolicy): Kind => {
      const isWaiting = deletionPolicy === 'WaitForTermination'
      const title = `deletion with ${deletionPolicy}`
      const steps: Kind[2] = (s) => [
        () => begin(s, { a: { held: isWaiting }, b: {} }),
        // Deleted with prune off, the explicit policies still delete; mirrored, it leaves everything.
        () => spec(s, { deletionPolicy, prune: false }),
        async () => ({
          ...(await remove(s)),
          ...(isWaiting ? { held: { subject: s, map: mapName(s.name, 'a') } } : {}),
        }),
      ]
      return [title, 1, steps]
    }),
  ]
}

const patch = (...patches: readonly (readonly [Subject, Spec])[]): Promise<Step> =>
  Promise.resolve({ patches: patches.map(([{ name }, spec]) => ({ name, spec })) })

const dependencyOn = ({ name, namespace }: Subject): Spec => ({ name, namespace })

/** One ConfigMap says by itself whether it is well: no controller is needed for it. */
function healthSpec({ name, target }: Subject): Spec {
  return {
    wait: false,
    timeout: '2m',
    healthChecks: [{ apiVersion: 'v1', kind: 'ConfigMap', name: mapName(name, 'a'), namespace: target }],
    healthCheckExprs: [
      { apiVersion: 'v1', kind: 'ConfigMap', current: "data.state == 'ok'", failed: "data.state == 'bad'" },
    ],
  }
}

interface Content {
  readonly state?: string
  readonly immutable?: boolean
  /** Deleted, it stays until somebody takes its finalizer. */
  readonly held?: boolean
}

interface Pen {
  readonly begin: (subject: Subject, maps?: Readonly<Record<string, Content>>) => Promise<Step>
  readonly write: (subject: Subject, maps: Readonly<Record<string, Content>>) => Promise<Step>
  readonly resources: (subject: Subject, more: readonly string[]) => Promise<Step>
  readonly spec: (subject: Subject, spec: Spec) => Promise<Step>
  readonly remove: (subject: Subject) => Promise<Step>
}

const mapName = (name: string, key: string): string => `sluice-${name}-${key}`

function createPen({ workFolder }: GitRepository): Pen {
  const read = async (file: string): Promise<Document[]> =>
    parseAllDocuments(await readFile(path.join(workFolder, file), 'utf8'), { logLevel: 'silent' })
  const printed = (documents: readonly Document[]): string =>
    documents.length === 0
      ? '# left out\n'
      : documents
          .map((document) => document.toString({ lineWidth: 0 }))
          .join('---\n')
          .replaceAll('---\n---\n', '---\n')
  const isOf =
    (subject: Subject) =>
    (document: Document): boolean => {
      const { kind, metadata } = (document.toJS() ?? {}) as Flux
      return kind === 'Kustomization' && metadata?.name === subject.name
    }

  const pen: Pen = {
    async begin(subject, maps = { a: {}, b: {} }) {
      const { files } = await pen.resources(subject, [])
      return { files: { ...files, ...(await pen.write(subject, maps)).files } }
    },
    write({ folder, name, target }, maps) {
      const objects = Object.entries(maps).map(([key, { state = 'ok', immutable, held = false }]) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: mapName(name, key),
          namespace: target,
          ...(held ? { finalizers: ['sluice.invalid/held'] } : {}),
        },
        data: { state },
        ...(immutable === undefined ? {} : { immutable }),
      }))
      const text = objects.map((object) => JSON.stringify(object)).join('\n---\n')
      return Promise.resolve({ files: { [`${folder}/${content}`]: `${text || '# nothing'}\n` } })
    },
    async resources({ folder }, more) {
      const file = `${folder}/kustomization.yaml`
      const [document] = await read(file)
      const { resources = [] } = (document?.toJS() ?? {}) as { resources?: string[] }
      const kept = resources.filter((each) => each !== 'absent.yaml' && each !== content)
      document?.set('resources', [...kept, content, ...more])
      return { files: { [file]: printed(document === undefined ? [] : [document]) } }
    },
    async spec(subject, spec) {
      const documents = await read(subject.file)
      const document = documents.find(isOf(subject))
      for (const [field, value] of Object.entries(spec)) document?.setIn(['spec', field], value)
      return { files: { [subject.file]: printed(documents) } }
    },
    async remove(subject) {
      const documents = await read(subject.file)
      return { files: { [subject.file]: printed(documents.filter((document) => !isOf(subject)(document))) } }
    },
  }
  return pen
}

interface Flux {
  readonly kind?: string
  readonly metadata?: { readonly name?: string }
  readonly spec?: {
    readonly path?: string
    readonly suspend?: boolean
    readonly dependsOn?: readonly unknown[]
    readonly sourceRef?: { readonly kind?: string }
  }
}

/** A kustomization.yaml that has resources; null: there is none. */
async function readOwn(file: string): Promise<{ readonly namespace?: string } | null> {
  if (!existsSync(file)) return null
  const [document] = parseAllDocuments(await readFile(file, 'utf8'), { logLevel: 'silent' }) as Document[]
  const own = (document?.toJS() ?? {}) as { kind?: string; resources?: unknown; namespace?: string }
  return (own.kind ?? 'Kustomization') === 'Kustomization' && Array.isArray(own.resources) ? own : null
}
