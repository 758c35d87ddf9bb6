/**
 * Works through one kustomization: its resources, configurations, generators, components, transformers, validators and vars, in the order
 * that kustomize keeps, and through the kustomizations that it names.
 * Semantics: kustomize api internal/target, texts included.
 */
import { BuildError, BuildPanic, wrapping } from '../build-error.ts'
import { loadConfigurations, loadCrdConfigurations } from '../config/load-config.ts'
import { readKustomization } from '../kustomization/read-kustomization.ts'
import type { Kustomization } from '../kustomization/types.ts'
import type { Loader } from '../loader/loader.ts'
import { appendOrigin, recordTransformation } from '../origin/origin.ts'
import { configureGenerators, configureTransformers } from '../plugins/kustomization-plugins.ts'
import type { PluginScope } from '../plugins/kustomization-plugins.ts'
import type { Generator, Transformer } from '../plugins/plugin.ts'
import { configureGenerator, configureTransformer } from '../plugins/resource-plugins.ts'
import { runValidator } from '../plugins/run-validator.ts'
import type { ResMap } from '../resource/res-map.ts'
import { createResMap } from '../resource/res-map.ts'
import type { Origin } from '../resource/resource.ts'
import type { BuildSchemas } from '../schema/build-schemas.ts'
import { readOpenApiDocument } from '../schema/openapi-document.ts'
import { quoteGo } from '../selector/quote-go.ts'
import { varText } from '../vars/resolve-vars.ts'
import { decodeText } from '../yaml/parse.ts'
import { Accumulator } from './accumulator.ts'
import { readFileResources, readInlineResources } from './read-files.ts'

export class Target {
  readonly kustomization: Kustomization
  private readonly loader: Loader
  private readonly schemas: BuildSchemas
  private readonly fileName: string
  private readonly path: string
  /** Where this kustomization lies, seen from the one that is built; null unless origins are tracked. */
  private origin: Origin | null
  /** The namespace that overlays hand down to helm charts. */
  private readonly helmNamespace: string

  /** Reads the kustomization of the loader's directory. Throws BuildError naming its file. */
  constructor(loader: Loader, schemas: BuildSchemas, parent: Target | null) {
    const { kustomization, fileName, path } = readKustomization(loader)
    this.loader = loader
    this.schemas = schemas
    this.kustomization = kustomization
    this.fileName = fileName
    this.path = path
    if (parent === null) {
      this.origin = (kustomization.buildMetadata ?? []).length > 0 ? {} : null
      this.helmNamespace = ''
    } else {
      kustomization.buildMetadata = parent.kustomization.buildMetadata
      this.origin = parent.origin
      this.helmNamespace = parent.kustomization.namespace || parent.helmNamespace
    }
  }

  /** Puts the schema that `openapi:` asks for in force; only a build's root replaces one that is. */
  applySchema(isRoot: boolean): void {
    const { openapi } = this.kustomization
    const path = openapi?.get('path')
    const file = path === undefined ? undefined : this.loader.read(path)
    this.schemas.setSchema(openapi?.get('version'), file && (() => readOpenApiDocument(decodeText(file.bytes))), isRoot)
  }

  /**
   * Everything of this kustomization, into `into` for a component, else into a new accumulator. Throws BuildError with upstream's text; its
   * place is this kustomization's file unless a closer one is known.
   */
  accumulate(into: Accumulator = new Accumulator(this.schemas)): Accumulator {
    try {
      return this.accumulateAll(into)
    } catch (error) {
      if (!(error instanceof BuildError) || error.place.file !== undefined) throw error
      const place = { ...error.place, file: this.path }
      if (error instanceof BuildPanic) throw new BuildPanic(error.message, place)
      throw new BuildError(error.code, error.message, place, error)
    }
  }

  private accumulateAll(into: Accumulator): Accumulator {
    const k = this.kustomization
    const context = this.loader.context
    let gathered = wrapping('accumulating resources', () => this.accumulateResources(into, k.resources ?? []))
    gathered.mergeConfig(loadConfigurations(this.loader, k.configurations ?? []))
    wrapping(`loading CRDs [${(k.crds ?? []).join(' ')}]`, () =>
      gathered.mergeConfig(loadCrdConfigurations(this.loader, k.crds ?? [])),
    )
    this.runGenerators(gathered)
    gathered = wrapping('accumulating components', () => this.accumulateComponents(gathered, k.components ?? []))
    context.checkpoint()
    this.runTransformers(gathered)
    this.runValidators(gathered)
    if (k.vars !== null) {
      const { vars } = k
      wrapping(`merging vars [${vars.map((v) => varText(v)).join(' ')}]`, () => gathered.mergeVars(vars))
    }
    return gathered
  }

  private accumulateResources(gathered: Accumulator, paths: readonly string[]): Accumulator {
    for (const path of paths) {
      this.loader.context.checkpoint()
      const fault = this.accumulateFile(gathered, path)
      if (fault !== null) this.accumulateBase(gathered, path, fault)
    }
    return gathered
  }

  /** Takes `path` for a manifest file; the fault is given back, since it may be a directory. */
  private accumulateFile(gathered: Accumulator, path: string): BuildError | null {
    try {
      const origin = this.origin === null ? null : appendOrigin(this.origin, path)
      readFileResources(this.loader, path, origin, gathered.resources)
      return null
    } catch (error) {
      if (!(error instanceof BuildError) || error instanceof BuildPanic) throw error
      if (error.code === 'Canceled' || error.code === 'LimitExceeded') throw error
      return error
    }
  }

  /** Takes `path` for a directory with a kustomization; `fileFault` is what it was as a file. */
  private accumulateBase(gathered: Accumulator, path: string, fileFault: BuildError): void {
    try {
      const loader = this.openBase(path, fileFault)
      this.accumulateDirectory(gathered, loader, path, false)
    } catch (error) {
      if (!(error instanceof BuildError) || error instanceof BuildPanic || error === fileFault) throw error
      throw combineFaults(fileFault, error)
    }
  }

  private openBase(path: string, fileFault: BuildError): Loader {
    try {
      return this.loader.open(path)
    } catch (error) {
      // A file that is there and is no YAML was meant as a file: what it is not helps nobody.
      throw fileFault.message.includes('MalformedYAMLError') ? fileFault : error
    }
  }

  private accumulateComponents(gathered: Accumulator, paths: readonly string[]): Accumulator {
    let result = gathered
    for (const path of paths) {
      this.loader.context.checkpoint()
      const loader = quoting('loader.New', () => this.loader.open(path))
      result = quoting('accumulateDirectory:', () => this.accumulateDirectory(result, loader, path, true))
    }
    return result
  }

  private accumulateDirectory(gathered: Accumulator, loader: Loader, path: string, isComponent: boolean): Accumulator {
    const outerOrigin = this.origin
    if (outerOrigin !== null) this.origin = appendOrigin(outerOrigin, path)
    let inner: Target
    try {
      inner = wrapping(`couldn't make target for path '${loader.root}'`, () => new Target(loader, this.schemas, this))
    } finally {
      this.origin = outerOrigin
    }
    inner.applySchema(false)
    inner.checkKind(isComponent)
    const inside = wrapping(`recursed accumulation of path '${loader.root}'`, () =>
      isComponent ? inner.accumulate(gathered) : inner.accumulate(),
    )
    // What a component leaves is gathered anew, so that ids that became equal are found.
    const result = isComponent ? new Accumulator(this.schemas) : gathered
    wrapping(`recursed merging from path '${loader.root}'`, () => result.mergeAccumulator(inside))
    return result
  }

  private checkKind(isComponent: boolean): void {
    const { kind } = this.kustomization
    if (isComponent === (kind === 'Component')) return
    const message = isComponent
      ? `expected kind 'Component' for path '${this.loader.root}' but got '${kind}'`
      : `expected kind != 'Component' for path '${this.loader.root}'`
    throw new BuildError('InvalidKustomization', message, { file: this.path })
  }

  private runGenerators(gathered: Accumulator): void {
    const generators: Generator[] = [
      ...configureGenerators(this.kustomization, this.scope()),
      ...wrapping('loading generator plugins', () => this.loadGenerators()),
    ]
    for (const generator of generators) {
      const generated = createResMap(this.schemas)
      for (const resource of generator.generate()) {
        resource.origin ??= generator.origin
        resource.file ??= this.path
        generated.append(resource)
      }
      wrapping(`merging from generator &{0xc000000000 ${generator.origin === null ? '<nil>' : '0xc000000000'}}`, () =>
        gathered.resources.absorbAll(generated),
      )
    }
  }

  private scope(): PluginScope {
    const { loader, fileName, origin, helmNamespace } = this
    return { loader, fileName, origin, helmNamespace }
  }

  private loadGenerators(): Generator[] {
    const configs = this.readPluginConfigs(this.kustomization.generators ?? [], 'configuring external generator')
    return configs
      .resources()
      .map((config) => wrapping('failed to load generator', () => configureGenerator(config, this.loader)))
  }

  private runTransformers(gathered: Accumulator): void {
    const { resources, config } = gathered
    const transformers: Transformer[] = [
      ...configureTransformers(this.kustomization, config!, this.scope()),
      ...this.loadTransformers(this.kustomization.transformers ?? []),
    ]
    for (const transformer of transformers) {
      transformer.transform(resources)
      if (transformer.origin !== null) recordTransformation(resources.resources(), transformer.origin)
      resources.dropEmpties()
      this.loader.context.checkpoint()
    }
  }

  private runValidators(gathered: Accumulator): void {
    for (const validator of this.loadTransformers(this.kustomization.validators ?? []))
      runValidator(validator, gathered.resources)
  }

  private loadTransformers(entries: readonly string[]): Transformer[] {
    const configs = this.readPluginConfigs(entries, 'configuring external transformer')
    return configs.resources().map((config) => configureTransformer(config, this.loader))
  }

  /** Entries are manifests in place, files or directories with kustomizations; the latter two come after the first. */
  private readPluginConfigs(entries: readonly string[], prefix: string): ResMap {
    const gathered = new Accumulator(this.schemas)
    const paths: string[] = []
    for (const entry of entries) {
      const inline = readInlineResources(entry, this.loader.context, this.schemas)
      if (inline === null) paths.push(entry)
      else {
        if (this.origin !== null)
          for (const resource of inline.resources()) resource.origin = appendOrigin(this.origin, this.fileName)
        wrapping(prefix, () => gathered.resources.appendAll(inline))
      }
    }
    return this.accumulateResources(gathered, paths).resources
  }
}

/** Go's `%q` of an error behind a prefix. */
function quoting<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildError) || error instanceof BuildPanic) throw error
    throw new BuildError(error.code, `${prefix} ${quoteGo(error.message)}`, error.place, error)
  }
}

/** Both of upstream's faults in its wording; code and place are those of the attempt that got further. */
function combineFaults(asFile: BuildError, asDirectory: BuildError): BuildError {
  const wasNoFile = asFile.code === 'FileNotFound' || asFile.code === 'FileUnreadable'
  const { code, place } = wasNoFile ? asDirectory : asFile
  return new BuildError(code, `accumulation err='${asFile.message}': ${asDirectory.message}`, place, asDirectory)
}
