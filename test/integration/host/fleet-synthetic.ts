/** A fleet by hand that uses every field of GitRepository and Kustomization which hosted mode runs. */
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'

export interface Synthetic {
  /** Of the plain ones. */
  readonly repository: GitRepository
  /** What brings everything else; for both clusters. */
  readonly entry: readonly KubeObject[]
  readonly kustomizations: readonly string[]
  /** Of the Git server that asks for a password. */
  stop(): Promise<void>
}

/** ConfigMaps of the Kustomization `ignored`, in `synthetic-a`: each lets others have `data.theirs` for another reason, the last one does not. */
export const ignoredMaps = [
  'ignored',
  'ignored-by-label',
  'ignored-by-annotation',
  'ignored-by-version',
  'ignored-by-nothing',
]

/**
 * What somebody does by hand to the ConfigMaps of the Kustomization `controls`, in `synthetic-a`, and what is left of it when it has run again: each
 * is marked otherwise, the first one not at all. Those that it never applies are made by hand.
 */
export const markedMaps: readonly {
  readonly name: string
  readonly edit: Readonly<Record<string, unknown>>
  readonly isMade?: boolean
  /** Its field manager; default: kubectl's, whose fields are taken over. */
  readonly by?: string
  readonly left: Readonly<Record<string, string>>
}[] = [
  { name: 'taken-back', edit: { data: { a: '2', more: '2' } }, left: { a: '1' } },
  { name: 'merged', edit: { data: { a: '2', more: '2' } }, left: { a: '1', more: '2' } },
  { name: 'once', edit: { data: { a: '2' } }, left: { a: '2' } },
  { name: 'left-alone', edit: { data: { a: '2' } }, isMade: true, left: { a: '2' } },
  { name: 'unreconciled', edit: { data: { a: '2' } }, isMade: true, left: { a: '2' } },
  // Of kubectl's the controller deletes the object, fails to take over the fields of what it has just deleted, and makes it anew the next time.
  { name: 'forced', edit: { data: { a: '2' }, immutable: true }, by: 'somebody', left: { a: '1' } },
]

type Files = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, unknown>>

const namespace = 'synthetic'
const signatures = path.resolve(import.meta.dirname, '../../fixtures/git-signatures')
const sops = path.resolve(import.meta.dirname, '../../fixtures/sops')

/** `plain`: also as many Kustomizations without anything special, for stories to be told of. `isKept`: of the special ones. */
export async function createSynthetic(
  git: GitServer,
  plain: number,
  isKept: (name: string) => boolean = () => true,
): Promise<Synthetic> {
  const library = await git.createRepository('library', {
    'base/kustomization.yaml': 'resources: [map.yaml]\n',
    'base/map.yaml': print(map('library', { from: 'library' })),
    'other/map.yaml': print(map('other', { from: 'library' })),
    'docs/readme.md': 'not part of it\n',
  })
  const versions = await tagVersions(library)
  const nested = await createNested(git, library)
  const signed = await createSigned(git)
  const guarded = await createGuarded()
  const children = Object.fromEntries(Object.entries(kustomizations()).filter(([name]) => isKept(name)))
  const plains = Array.from({ length: plain }, (_, at) => `plain-${String(at).padStart(2, '0')}`)
  const repository = await git.createRepository('synthetic', {
    ...(await contents()),
    'cluster/kustomization.yaml': `resources: [sources.yaml, inputs.yaml, ${filesOf(children)}]\n`,
    'cluster/sources.yaml': print(
      ...sources(library, versions),
      gitRepository('nested', { url: nested.url, ref: { branch: nested.branch }, recurseSubmodules: true }),
      gitRepository('hollow', { url: nested.url, ref: { branch: nested.branch } }),
      ...signed.sources,
      ...guarded.sources,
    ),
    // An include that is there before what it includes is asked for again after half a minute only.
    'late/sources.yaml': print(
      gitRepository('including', {
        url: library.url,
        ref: { branch: library.branch },
        include: [{ repository: { name: 'ignoring' }, fromPath: 'other', toPath: 'included' }],
      }),
    ),
    'cluster/inputs.yaml': print(...(await inputs())),
    ...definitionsOf(children),
  })
  // In a repository of their own: what happens to them lets nobody else run.
  const sourceRef = { kind: 'GitRepository', name: 'plains' }
  const plainFields = Object.fromEntries(plains.map((name) => [name, { path: `./apps/${name}`, sourceRef }]))
  const plainRepository = await git.createRepository('plains', {
    ...Object.fromEntries(plains.flatMap((name) => Object.entries(plainContent(name)))),
    'cluster/kustomization.yaml': `resources: [${filesOf(plainFields)}]\n`,
    ...definitionsOf(plainFields),
  })
  const entry: readonly KubeObject[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    // Before what asks for them: a first try without would be told as often as it happens.
    ...signed.secrets,
    ...guarded.secrets,
    gitRepository('synthetic', { url: repository.url, ref: { branch: repository.branch } }),
    kustomization('synthetic', { path: './cluster' }),
    gitRepository('plains', { url: plainRepository.url, ref: { branch: plainRepository.branch } }),
    kustomization('plains', { path: './cluster', sourceRef }),
  ]
  return {
    repository: plainRepository,
    entry,
    kustomizations: ['synthetic', 'plains', ...Object.keys(children), ...plains],
    stop: () => guarded.stop(),
  }
}

const filesOf = (children: Readonly<Record<string, Fields>>): string =>
  Object.keys(children)
    .map((name) => `${name}.yaml`)
    .join(', ')

function definitionsOf(children: Readonly<Record<string, Fields>>): Files {
  const files = Object.entries(children).map(([name, spec]) => [
    `cluster/${name}.yaml`,
    print(kustomization(name, spec)),
  ])
  return Object.fromEntries(files) as Files
}

/** The commit of v1.0.0, which the branch has left behind. */
async function tagVersions(repository: GitRepository): Promise<{ readonly first: string }> {
  const first = await repository.git('rev-parse', 'HEAD')
  await repository.git('tag', 'v1.0.0')
  const base = 'base/map.yaml'
  await repository.commit({ [base]: print(map('library', { from: 'v1.1.0' })) }, 'More')
  await repository.git('tag', '-a', '-m', 'With a tagger', 'v1.1.0')
  await repository.commit({ [base]: print(map('library', { from: 'library' })) }, 'Not released')
  await repository.git('tag', 'v1.2.0-rc.1')
  return { first }
}

/** A repository with the library as a submodule in `lib`. */
async function createNested(git: GitServer, library: GitRepository): Promise<GitRepository> {
  const nested = await git.createRepository('nested')
  // Without a checkout: its commit is all that stands in the tree, and the folder keeps it there.
  await mkdir(path.join(nested.workFolder, 'lib'))
  await nested.git('update-index', '--add', '--cacheinfo', `160000,${await library.git('rev-parse', 'HEAD')},lib`)
  await nested.commit({
    '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ${library.url}\n`,
    'top/map.yaml': print(map('top', { from: 'nested' })),
  })
  return nested
}

/** Sources over https, of an authority that nobody else knows, for whoever has the password. */
async function createGuarded(): Promise<{
  readonly sources: readonly KubeObject[]
  readonly secrets: readonly KubeObject[]
  stop(): Promise<void>
}> {
  const authority = createAuthority('A fleet of the tests')
  const credentials = { username: 'ana', password: 'h@sh: ü' }
  const server = await startGitServer({
    credentials,
    certificate: issueLeaf(authority, { commonName: 'git', usage: 'server', hosts: ['127.0.0.1'] }),
  })
  const { url, branch } = await server.createRepository('guarded', {
    'base/map.yaml': print(map('guarded', { from: 'guarded' })),
  })
  const ca = { 'ca.crt': authority.certPem }
  const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    guarded: { ...credentials, ...ca },
    mistaken: { ...credentials, password: 'another', ...ca },
    nobody: ca,
    unknown: credentials,
  }
  return {
    sources: Object.keys(kinds).map((name) =>
      gitRepository(name, { url, ref: { branch }, provider: 'generic', secretRef: { name } }),
    ),
    secrets: Object.entries(kinds).map(([name, stringData]) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      stringData,
    })),
    stop: () => server.stop(),
  }
}

/** What a fixture's key has signed, and who is asked whether it did. */
async function createSigned(
  git: GitServer,
): Promise<{ readonly sources: readonly KubeObject[]; readonly secrets: readonly KubeObject[] }> {
  // The tree of the fixture's commit.
  const repository = await git.createRepository('signed', { a: 'a\n' })
  const { url, branch } = repository
  const run = (...args: readonly string[]): Promise<string> => repository.git(...args)
  const write = (type: string, file: string): Promise<string> =>
    run('hash-object', '-t', type, '-w', '--no-filters', path.join(signatures, file))
  await run('update-ref', `refs/heads/${branch}`, await write('commit', 'pgp.commit'))
  await run('update-ref', 'refs/tags/v1.0.0', await write('tag', 'pgp.tag'))
  const by = (mode: string, name: string): Fields => ({ verify: { mode, secretRef: { name } } })
  const secret = async (name: string, file: string): Promise<KubeObject> => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: { 'author.asc': await readFile(path.join(signatures, file), 'utf8') },
  })
  return {
    sources: [
      gitRepository('signed', { url, ref: { branch }, ...by('HEAD', 'signer') }),
      gitRepository('signed-tag', { url, ref: { tag: 'v1.0.0' }, ...by('Tag', 'signer') }),
      gitRepository('signed-both', { url, ref: { semver: '^1.0.0' }, ...by('TagAndHEAD', 'signer') }),
      gitRepository('distrusted', { url, ref: { branch }, ...by('HEAD', 'stranger') }),
      gitRepository('distrusted-tag', { url, ref: { tag: 'v1.0.0' }, ...by('TagAndHEAD', 'stranger') }),
    ],
    secrets: [await secret('signer', 'signer.asc'), await secret('stranger', 'other.asc')],
  }
}

function sources({ url, branch }: GitRepository, { first }: { readonly first: string }): readonly KubeObject[] {
  return [
    gitRepository('library', {
      url,
      ref: { branch },
      timeout: '30s',
      sparseCheckout: ['base'],
      recurseSubmodules: true,
    }),
    gitRepository('ignoring', { url, ref: { name: `refs/heads/${branch}` }, ignore: '/*\n!/other/\n' }),
    gitRepository('tagged', { url, ref: { tag: 'v1.0.0' } }),
    gitRepository('annotated', { url, ref: { tag: 'v1.1.0' } }),
    gitRepository('versioned', { url, ref: { semver: '>=1.0.0 <2.0.0' } }),
    gitRepository('early', { url, ref: { semver: '>=1.2.0-0' } }),
    gitRepository('pinned', { url, ref: { branch, commit: first } }),
    gitRepository('pinned-alone', { url, ref: { commit: first } }),
    gitRepository('untagged', { url, ref: { semver: '>=9.0.0' } }),
    gitRepository('branchless', { url, ref: { branch: 'absent' } }),
    gitRepository('tagless', { url, ref: { tag: 'v0' } }),
    gitRepository('nameless', { url, ref: { name: 'refs/heads/absent' } }),
    gitRepository('commitless', { url, ref: { branch, commit: '0'.repeat(39) + '1' } }),
    gitRepository('unversioned', { url, ref: { semver: 'not a range' } }),
    gitRepository('secretless', { url, ref: { branch }, secretRef: { name: 'absent' } }),
    gitRepository('resting', { url, ref: { branch }, suspend: true }),
  ]
}

async function inputs(): Promise<readonly KubeObject[]> {
  const key = await readFile(path.join(sops, 'keys/first.agekey'), 'utf8')
  return [
    ...['synthetic-a', 'synthetic-b'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    { ...map('settings', { color: 'red', count: '3' }), metadata: { name: 'settings', namespace } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secrets', namespace }, stringData: { token: 'four' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'age', namespace }, stringData: { 'key.agekey': key } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'tenant', namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'tenant', namespace: 'synthetic-b' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'tenant', namespace }],
    },
  ]
}

function kustomizations(): Readonly<Record<string, Fields>> {
  const mapCheck = (name: string, inNamespace: string): Fields => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name,
    namespace: inNamespace,
  })
  return {
    overlay: {
      path: './apps/overlay',
      targetNamespace: 'synthetic-a',
      namePrefix: 'pre-',
      nameSuffix: '-post',
      commonMetadata: { labels: { team: 'blue' }, annotations: { 'example.invalid/note': 'of all' } },
      images: [
        { name: 'web', newName: 'registry.invalid/web', newTag: '2' },
        { name: 'side', digest: `sha256:${'0'.repeat(64)}` },
      ],
      patches: [
        {
          patch: '- {op: add, path: /metadata/labels, value: {patched: "yes"}}',
          target: { kind: 'ConfigMap', name: 'data' },
        },
        { patch: added('/data/byLabel'), target: { labelSelector: 'tier in (front, back),!absent' } },
        { patch: added('/data/byAnnotation'), target: { annotationSelector: 'example.invalid/mark=yes' } },
        { patch: added('/data/byVersion'), target: { version: 'v1', kind: 'ConfigMap', name: 'data|chosen' } },
        { patch: added('/data/byNothing'), target: { version: 'v2', kind: 'ConfigMap', name: 'data' } },
        {
          patch: '- {op: add, path: /spec/replicas, value: 2}',
          target: { group: 'apps', version: 'v1', kind: 'Deployment' },
        },
        { patch: 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {sessionAffinity: ClientIP}\n' },
      ],
      components: ['../../components/extra', '../../components/absent'],
      ignoreMissingComponents: true,
      buildMetadata: ['originAnnotations', 'transformerAnnotations'],
    },
    variables: {
      path: './apps/variables',
      targetNamespace: 'synthetic-a',
      postBuild: {
        substitute: { color: 'green', quoted: '"1"' },
        substituteFrom: [
          { kind: 'ConfigMap', name: 'settings' },
          { kind: 'Secret', name: 'secrets' },
          { kind: 'ConfigMap', name: 'absent', optional: true },
        ],
        substituteStrategy: 'Always',
      },
    },
    unresolved: { path: './apps/unresolved', targetNamespace: 'synthetic-a', postBuild: { substitute: { a: '1' } } },
    stages: { path: './apps/stages', wait: true, timeout: '1m', force: true },
    'after-stages': {
      path: './apps/after',
      targetNamespace: 'synthetic-extra',
      dependsOn: [
        { name: 'stages' },
        { name: 'overlay', namespace, readyExpr: 'dep.status.observedGeneration >= 1 && self.spec.prune' },
      ],
    },
    checked: {
      path: './apps/checked',
      targetNamespace: 'synthetic-a',
      healthChecks: [
        mapCheck('checked', 'synthetic-a'),
        { ...mapCheck('synthetic', namespace), kind: 'GitRepository', apiVersion: 'source.toolkit.fluxcd.io/v1' },
      ],
      healthCheckExprs: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          inProgress: "data.state == 'soon'",
          failed: "data.state == 'bad'",
          current: "data.state == 'ok'",
        },
      ],
    },
    uncompiled: {
      path: './apps/checked',
      healthCheckExprs: [{ apiVersion: 'v1', kind: 'ConfigMap', current: 'data.' }],
    },
    tenant: { path: './apps/tenant', targetNamespace: 'synthetic-b', serviceAccountName: 'tenant' },
    stranger: { path: './apps/stranger', targetNamespace: 'synthetic-a', serviceAccountName: 'tenant' },
    remote: {
      path: './apps/remote',
      targetNamespace: 'synthetic-a',
      kubeConfig: { secretRef: { name: 'own-cluster', key: 'value' } },
    },
    sealed: {
      path: './apps/sealed',
      targetNamespace: 'synthetic-a',
      decryption: { provider: 'sops', secretRef: { name: 'age' } },
    },
    ignored: {
      path: './apps/ignored',
      targetNamespace: 'synthetic-a',
      ignore: [
        { paths: ['/data/theirs'], target: { kind: 'ConfigMap', name: 'ignored' } },
        { paths: ['/data/theirs'], target: { labelSelector: 'ignored=by-label' } },
        { paths: ['/data/theirs'], target: { annotationSelector: 'example.invalid/ignored in (yes)' } },
        { paths: ['/data/theirs'], target: { version: 'v1', name: 'ignored-by-version' } },
        { paths: ['/data/theirs'], target: { version: 'v2', name: 'ignored-by-nothing' } },
      ],
    },
    controls: { path: './apps/controls', targetNamespace: 'synthetic-a' },
    unpruned: { path: './apps/unpruned', targetNamespace: 'synthetic-a', prune: false },
    resting: { path: './apps/after', suspend: true },
    pathless: { path: './apps/absent' },
    sourceless: { path: './apps/after', sourceRef: { kind: 'GitRepository', name: 'absent' } },
    forbidden: { path: './apps/forbidden' },
    library: {
      path: './base',
      targetNamespace: 'synthetic-b',
      sourceRef: { kind: 'GitRepository', name: 'library', namespace },
    },
    ...Object.fromEntries(
      ['tagged', 'versioned', 'pinned', 'signed-both'].map((name) => [
        `from-${name}`,
        {
          path: name.startsWith('signed') ? './' : './base',
          targetNamespace: 'synthetic-b',
          namePrefix: `${name}-`,
          sourceRef: { kind: 'GitRepository', name, namespace },
        },
      ]),
    ),
    'from-nested': {
      path: './lib/base',
      targetNamespace: 'synthetic-b',
      namePrefix: 'nested-',
      sourceRef: { kind: 'GitRepository', name: 'nested' },
    },
    'from-guarded': {
      path: './base',
      targetNamespace: 'synthetic-b',
      sourceRef: { kind: 'GitRepository', name: 'guarded' },
    },
    late: {
      path: './late',
      healthChecks: ['ignoring', 'including'].map((name) => ({
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        name,
        namespace,
      })),
      dependsOn: [{ name: 'library' }],
    },
    included: {
      path: './included',
      targetNamespace: 'synthetic-b',
      sourceRef: { kind: 'GitRepository', name: 'including', apiVersion: 'source.toolkit.fluxcd.io/v1' },
      // Its own source is looked for before its dependencies are.
      retryInterval: '2s',
    },
    mirrored: { path: './apps/mirrored', targetNamespace: 'synthetic-b', deletionPolicy: 'MirrorPrune' },
  }
}

async function contents(): Promise<Files> {
  const control = (name: string, key: string, value: string, where = 'annotations'): KubeObject => ({
    ...map(name, { a: '1' }),
    metadata: { name, [where]: { [`kustomize.toolkit.fluxcd.io/${key}`]: value } },
  })
  return {
    'components/extra/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [extra.yaml]\n',
    'components/extra/extra.yaml': print(map('extra', { from: 'component' })),
    'apps/overlay/kustomization.yaml':
      'resources: [all.yaml]\nconfigMapGenerator: [{name: generated, literals: [a=1]}]\nsecretGenerator: [{name: hidden, literals: [b=2]}]\n',
    'apps/overlay/all.yaml': print(
      map('data', { a: '1' }),
      {
        ...map('chosen', { a: '1' }),
        metadata: { name: 'chosen', labels: { tier: 'front' }, annotations: { 'example.invalid/mark': 'yes' } },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              containers: [
                {
                  name: 'web',
                  image: 'web:1',
                  ports: [{ containerPort: 80 }],
                  envFrom: [{ configMapRef: { name: 'generated' } }],
                },
                { name: 'side', image: 'side:1', resources: { requests: { cpu: '1000m', memory: '1Gi' } } },
              ],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 80 }] },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'plain' }, stringData: { word: 'open' } },
    ),
    'apps/variables/all.yaml': print(
      map('variables', {
        color: '${color}',
        count: 'n${count}',
        token: '${token:=none}',
        absent: '${absent:-default}',
        kept: '$${color}',
      }),
      {
        ...map('untouched', { color: '${color}' }),
        metadata: { name: 'untouched', labels: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } },
      },
    ),
    'apps/unresolved/all.yaml': print(map('unresolved', { b: '${missing}' })),
    'apps/stages/all.yaml': print(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'synthetic-extra' } },
      definition('Widget', 'widgets'),
      definition('WidgetClass', 'widgetclasses'),
      {
        apiVersion: 'synthetic.invalid/v1',
        kind: 'WidgetClass',
        metadata: { name: 'first', namespace: 'synthetic-extra' },
        spec: { a: 1 },
      },
      {
        apiVersion: 'synthetic.invalid/v1',
        kind: 'Widget',
        metadata: { name: 'first', namespace: 'synthetic-extra' },
        spec: { class: 'first' },
      },
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'synthetic' }, value: 10 },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'synthetic:reader' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
      },
    ),
    'apps/after/all.yaml': print(map('after', {})),
    'apps/checked/all.yaml': print(map('checked', { state: 'ok' })),
    'apps/tenant/all.yaml': print(map('tenant', {})),
    'apps/stranger/all.yaml': print(map('stranger', {})),
    'apps/remote/all.yaml': print(map('remote', {})),
    'apps/sealed/secret.yaml': await readFile(path.join(sops, 'rule-encrypted-regex.enc'), 'utf8'),
    'apps/ignored/all.yaml': print(
      ...ignoredMaps.map((name) => ({
        ...map(name, { ours: '1', theirs: '1' }),
        metadata: {
          name,
          labels: { ignored: name.replace('ignored-', '') },
          annotations: { 'example.invalid/ignored': name === 'ignored-by-annotation' ? 'yes' : 'no' },
        },
      })),
    ),
    'apps/controls/all.yaml': print(
      map('taken-back', { a: '1' }),
      control('once', 'ssa', 'IfNotPresent'),
      control('merged', 'ssa', 'Merge', 'labels'),
      control('left-alone', 'ssa', 'Ignore'),
      control('unreconciled', 'reconcile', 'disabled'),
      control('kept', 'prune', 'Disabled'),
      control('forced', 'force', 'enabled'),
    ),
    'apps/unpruned/all.yaml': print(map('unpruned', {})),
    // A field that its kind does not know: the API server refuses it.
    'apps/forbidden/all.yaml': print({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'Not_A_Name', namespace: 'default' },
    }),
    'apps/mirrored/all.yaml': print(map('mirrored', {})),
  }
}

function plainContent(name: string): Files {
  return {
    [`apps/${name}/kustomization.yaml`]: 'namespace: default\nresources:\n  - map.yaml\n',
    [`apps/${name}/map.yaml`]: print(map(name, { a: '1' })),
  }
}

/** A JSON patch. */
function added(at: string): string {
  return `- {op: add, path: ${at}, value: "1"}`
}

function map(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
}

function gitRepository(name: string, spec: Fields): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name, namespace },
    spec: { interval: '1h', ...spec },
  }
}

function kustomization(name: string, spec: Fields): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval: '1h',
      retryInterval: '2h',
      timeout: '1m',
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'synthetic' },
      ...spec,
    },
  }
}

function definition(kind: string, plural: string): KubeObject {
  const group = 'synthetic.invalid'
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  }
}

/** YAML documents; JSON is YAML. */
function print(...objects: readonly KubeObject[]): string {
  return `${objects.map((object) => JSON.stringify(object)).join('\n---\n')}\n`
}
