/** A fleet by hand that uses every field of GitRepository and Kustomization which hosted mode runs. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'

export interface Synthetic {
  /** Of the plain ones. */
  readonly repository: GitRepository
  /** What brings everything else; for both clusters. */
  readonly entry: readonly KubeObject[]
  readonly kustomizations: readonly string[]
}

type Files = Readonly<Record<string, string>>
type Fields = Readonly<Record<string, unknown>>

const namespace = 'synthetic'
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
  const children = Object.fromEntries(Object.entries(kustomizations()).filter(([name]) => isKept(name)))
  const plains = Array.from({ length: plain }, (_, at) => `plain-${String(at).padStart(2, '0')}`)
  const repository = await git.createRepository('synthetic', {
    ...(await contents()),
    'cluster/kustomization.yaml': `resources: [sources.yaml, inputs.yaml, ${filesOf(children)}]\n`,
    'cluster/sources.yaml': print(...sources(library)),
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
    gitRepository('synthetic', { url: repository.url, ref: { branch: repository.branch } }),
    kustomization('synthetic', { path: './cluster' }),
    gitRepository('plains', { url: plainRepository.url, ref: { branch: plainRepository.branch } }),
    kustomization('plains', { path: './cluster', sourceRef }),
  ]
  return {
    repository: plainRepository,
    entry,
    kustomizations: ['synthetic', 'plains', ...Object.keys(children), ...plains],
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

function sources({ url, branch }: GitRepository): readonly KubeObject[] {
  return [
    gitRepository('library', {
      url,
      ref: { branch },
      timeout: '30s',
      sparseCheckout: ['base'],
      recurseSubmodules: true,
    }),
    gitRepository('ignoring', { url, ref: { name: `refs/heads/${branch}` }, ignore: '/*\n!/other/\n' }),
    gitRepository('untagged', { url, ref: { semver: '>=1.0.0' } }),
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
      ignore: [{ paths: ['/data/theirs'], target: { kind: 'ConfigMap', name: 'ignored' } }],
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
    'apps/ignored/all.yaml': print(map('ignored', { ours: '1', theirs: '1' })),
    'apps/controls/all.yaml': print(
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
