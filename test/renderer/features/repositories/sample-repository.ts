/** One small repository as the engine streams it. */
import type {
  RepositoryEntry,
  RepositoryItem,
  RepositoryObject,
  RepositoryOutput,
  RepositoryTree,
} from '../../../../shared/model/repository.ts'
import type { FakeBridge } from '../../support/fake-bridge.ts'
import { failure } from '../../support/fake-bridge.ts'

export const repository = '0123456789abcdef'

export function treeItem(more: Partial<RepositoryTree> = {}): RepositoryTree {
  return {
    key: 'tree',
    type: 'tree',
    name: 'fleet',
    folder: '~/fleet',
    state: 'ready',
    error: null,
    watchProblem: '',
    change: 0,
    lastChange: null,
    ...more,
  }
}

export function entryItem(name: string, more: Partial<RepositoryEntry> = {}): RepositoryEntry {
  return {
    key: `flux|clusters/${name}.yaml|flux-system/${name}`,
    type: 'entry',
    kind: 'kustomization',
    namespace: 'flux-system',
    name,
    file: `clusters/${name}.yaml`,
    line: 3,
    directory: `apps/${name}`,
    targetNamespace: '',
    isSuspended: false,
    sourceRef: 'GitRepository/flux-system/fleet',
    dependsOn: [],
    isRoot: true,
    links: [],
    state: 'ready',
    note: '',
    revision: 1,
    objectCount: 2,
    durationMs: 3,
    assumptionCount: 0,
    warningCount: 0,
    changedCount: 0,
    error: null,
    ...more,
  }
}

export function fileItem(directory: string, more: Partial<RepositoryEntry> = {}): RepositoryEntry {
  return {
    ...entryItem(directory),
    key: `build|${directory}`,
    kind: 'build',
    namespace: '',
    name: directory,
    file: `${directory}/kustomization.yaml`,
    line: 1,
    directory,
    sourceRef: '',
    state: 'idle',
    revision: 0,
    objectCount: 0,
    ...more,
  }
}

export function objectOf(
  kind: string,
  name: string,
  line: number,
  more: Partial<RepositoryObject> = {},
): RepositoryObject {
  return {
    key: `/${kind}/apps/${name}`,
    group: kind === 'Deployment' ? 'apps' : '',
    kind,
    namespace: 'apps',
    name,
    line,
    lineCount: 6,
    origin: { file: `apps/web/${name}.yaml`, line: 1, isGenerated: false },
    change: null,
    hunks: [],
    hidden: [],
    ...more,
  }
}

/** Answers what the view asks of an entry: its objects and their text. */
export function answerOutput(
  bridge: FakeBridge,
  objects: readonly RepositoryObject[],
  text: string,
  more: Partial<RepositoryOutput> = {},
): void {
  const head: RepositoryOutput = {
    revision: 1,
    objectCount: objects.length,
    lineCount: text.split('\n').length,
    length: text.length,
    digest: `sha256:${'ab'.repeat(32)}`,
    durationMs: 3.2,
    warnings: [],
    assumptions: [],
    error: null,
    removed: [],
    hiddenCount: 0,
    ...more,
  }
  bridge.answer('repository.output', () => ({ ok: true, value: head }))
  bridge.answer('repository.objects', ({ offset }) => ({ ok: true, value: { objects: objects.slice(offset) } }))
  bridge.answer('repository.text', ({ offset }) => ({
    ok: true,
    value: { text: text.slice(offset, offset + 1000), offset, total: text.length },
  }))
  bridge.answer('repository.source', ({ file }) =>
    file.startsWith('apps/')
      ? { ok: true, value: { file, text: `# ${file}\nkind: X\n`, hiddenCount: 0, isTruncated: false } }
      : failure('NotFound', `${file} does not exist`),
  )
}

/** The repository with these items, remembered as a folder. */
export function publish(bridge: FakeBridge, items: readonly RepositoryItem[]): void {
  bridge.publish('repositories.watch', [{ key: repository, name: 'fleet', folder: '~/fleet', openedAt: Date.now() }])
  bridge.publish('repository.watch', items)
}
