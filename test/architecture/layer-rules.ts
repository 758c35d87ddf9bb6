/**
 * The layers of the house, as rules for dependency-cruiser: who may import whom. Semantics: docs/architecture.md. A rule names
 * what is allowed and forbids the rest, so that a new folder or package has to be let in here.
 */
import type { IForbiddenRuleType } from 'dependency-cruiser'

/** Packages that compute only: no I/O, no clock, no globals of Node or a browser. The engine may use these and no others. */
export const purePackages = [
  'zod',
  'yaml',
  'js-yaml',
  're2js',
  'ajv',
  'smol-toml',
  '@bufbuild/cel',
  '@bufbuild/cel-spec',
  '@bufbuild/protobuf',
  'age-encryption',
  'openpgp',
  '@noble',
  '@scure',
]

const zod = '^node_modules/zod/'
const pure = `^node_modules/(${purePackages.join('|')})/`
const pureTypes = '^node_modules/@types/js-yaml/'
const electron = '^node_modules/electron/'
/** Where a package of npm resolves to; Node's own modules have the type `core` and no path in node_modules. */
const anyPackage = '^node_modules/'
/** Node's own modules, by the bare names that dependency-cruiser reports. */
const nodeCore = { dependencyTypes: ['core' as const] }

interface Layer {
  readonly folder: string
  /** Patterns of what it may import besides itself. */
  readonly mayImport: readonly string[]
  readonly mayImportNode: boolean
}

const layers: readonly Layer[] = [
  { folder: 'shared', mayImport: [zod], mayImportNode: false },
  { folder: 'electron/engine', mayImport: ['^shared/', pure, pureTypes], mayImportNode: false },
  { folder: 'electron/adapters', mayImport: ['^electron/engine/', '^shared/', anyPackage], mayImportNode: true },
  { folder: 'electron/host', mayImport: ['^electron/engine/', '^shared/', zod], mayImportNode: false },
  {
    folder: 'electron/workers',
    mayImport: ['^electron/(engine|adapters|host)/', '^shared/', anyPackage],
    mayImportNode: true,
  },
  { folder: 'electron/main', mayImport: ['^shared/', anyPackage], mayImportNode: true },
  { folder: 'electron/preload', mayImport: ['^shared/contract/', electron], mayImportNode: false },
  {
    folder: 'electron/cli',
    mayImport: ['^electron/(engine|adapters|host)/', '^shared/', anyPackage],
    mayImportNode: true,
  },
  { folder: 'renderer', mayImport: ['^shared/', anyPackage], mayImportNode: false },
]

function rulesOf(layer: Layer): IForbiddenRuleType[] {
  const name = layer.folder.replace('/', '-')
  const from = { path: `^${layer.folder}/` }
  const imports: IForbiddenRuleType = {
    name: `${name}-imports`,
    severity: 'error',
    comment: `${layer.folder} imports itself and ${layer.mayImport.join(', ') || 'nothing else'}`,
    from,
    to: { pathNot: [`^${layer.folder}/`, ...layer.mayImport], dependencyTypesNot: ['core'], couldNotResolve: false },
  }
  if (layer.mayImportNode) return [imports]
  const node: IForbiddenRuleType = {
    name: `${name}-no-node`,
    severity: 'error',
    comment: `${layer.folder} runs without Node: what it needs of it comes through a port`,
    from,
    to: nodeCore,
  }
  return [imports, node]
}

/** Every rule that the architecture test holds. */
export const layerRules: readonly IForbiddenRuleType[] = [
  ...layers.flatMap(rulesOf),
  {
    name: 'electron-in-main-and-preload-only',
    severity: 'error',
    comment: 'only main and preload import electron',
    from: { path: '^(shared|electron|renderer)/', pathNot: '^electron/(main|preload)/' },
    to: { path: electron },
  },
  {
    name: 'ui-knows-no-domain',
    severity: 'error',
    comment: 'renderer/ui never imports features or stores',
    from: { path: '^renderer/ui/' },
    to: { path: '^renderer/(features|stores|app|bridge)/' },
  },
  {
    name: 'features-stand-alone',
    severity: 'error',
    comment: 'a feature never imports another feature',
    from: { path: '^renderer/features/([^/]+)/' },
    to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
  },
  {
    name: 'monaco-in-editor-only',
    severity: 'error',
    comment: 'only renderer/editor imports monaco',
    from: { path: '^renderer/', pathNot: '^renderer/editor/' },
    to: { path: '^node_modules/monaco-editor/' },
  },
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'two modules that need each other are one module, or hide a third',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    severity: 'error',
    comment: 'a module that nobody imports and that imports nobody is dead',
    from: {
      orphan: true,
      path: '^(shared|electron|renderer)/',
      pathNot: ['\\.d\\.ts$', '^electron/(workers|main|preload|cli)/[^/]+\\.ts$'],
    },
    to: {},
  },
  {
    name: 'resolvable',
    severity: 'error',
    comment: 'an import that leads nowhere hides a layer from these rules',
    from: { path: '^(shared|electron|renderer)/' },
    to: { couldNotResolve: true },
  },
]
