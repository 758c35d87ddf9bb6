/**
 * The schemas of one build, as `openapi:` fields set them. Upstream keeps them for the whole process and parses them late, so what a
 * kustomization without its own schema sees depends on what was looked up before; the same state is kept here, but per build.
 *
 * Semantics: kyaml's openapi.SetSchema, initSchema and IsNamespaceScoped; Flux's build preloads the embedded schema, the command line does not.
 */
import { BuildError } from '../build-error.ts'
import { builtinSchemas, builtinVersion, kubernetesDocument, kustomizeDocument } from './builtin-schema.ts'
import { scopeOf } from './builtin-scopes.ts'
import type { SchemaDocument } from './definitions.ts'
import { SchemaIndex } from './definitions.ts'
import type { SchemaSet, SchemaType } from './schema.ts'

export interface BuildSchemas extends SchemaSet {
  /**
   * What `openapi:` of a kustomization asks for: `version` (undefined if not given) and the parsed file of `path` (undefined if not given).
   * The file is parsed when it is first needed, as upstream does. `isRoot` for the kustomization that is built, which replaces what is set;
   * for others only the first to ask is heard. Throws BuildError InvalidKustomization with upstream's texts.
   */
  setSchema(version: string | undefined, readCustom: (() => SchemaDocument) | undefined, isRoot: boolean): void
}

export interface BuildSchemasOptions {
  /** True for Flux's build: a custom schema then adds to the embedded one. Otherwise it mostly replaces it. */
  readonly isPreloaded: boolean
}

/** Schemas for one build. */
export function createBuildSchemas(options: BuildSchemasOptions): BuildSchemas {
  const state = new State()
  if (options.isPreloaded) state.initialize()
  return state
}

class State implements BuildSchemas {
  private version = ''
  private readCustom: (() => SchemaDocument) | null = null
  private isInitialized = false
  private builtinStatus: 'notParsed' | 'delayed' | 'parsed' = 'notParsed'
  private readonly documents: SchemaDocument[] = []
  private index: SchemaSet | null = null

  forKind(apiVersion: string, kind: string): SchemaType | null {
    this.initialize()
    return this.indexed().forKind(apiVersion, kind)
  }

  isNamespaced(apiVersion: string, kind: string): boolean | null {
    const known = scopeOf(apiVersion, kind)
    if (known !== undefined) return known
    if (!this.isInitialized) {
      if (this.readCustom !== null) this.initialize()
      else if (this.builtinStatus === 'notParsed') this.builtinStatus = 'delayed'
    }
    return this.documents.length === 0 ? null : this.indexed().isNamespaced(apiVersion, kind)
  }

  setSchema(version: string | undefined, readCustom: (() => SchemaDocument) | undefined, isRoot: boolean): void {
    const isSet = this.version !== '' || this.readCustom !== null
    if (isSet && !isRoot) return
    if (readCustom !== undefined) {
      if (version !== undefined) fail('builtin version and custom schema provided, cannot use both')
      this.readCustom = readCustom
      this.version = 'custom'
      this.isInitialized = false
      return
    }
    this.version = version ?? ''
    if (this.version === '') return
    if (this.version !== builtinVersion) fail('the specified OpenAPI version is not built in')
    this.readCustom = null
    this.isInitialized = false
  }

  initialize(): void {
    if (this.isInitialized) return
    this.isInitialized = true
    if (this.readCustom !== null) {
      try {
        this.documents.push(this.readCustom())
      } catch (error) {
        throw error instanceof BuildError ? error.wrap('invalid schema file') : error
      }
    } else {
      this.documents.push(kubernetesDocument())
      this.builtinStatus = 'parsed'
    }
    if (this.builtinStatus === 'delayed') {
      this.documents.push(kubernetesDocument())
      this.builtinStatus = 'parsed'
    }
    this.documents.push(kustomizeDocument())
    this.index = null
  }

  private indexed(): SchemaSet {
    if (this.index === null) {
      const [first, second, third] = this.documents
      const isPlain = first === kubernetesDocument() && second === kustomizeDocument() && third === undefined
      this.index = isPlain ? builtinSchemas() : new SchemaIndex(this.documents)
    }
    return this.index
  }
}

function fail(message: string): never {
  throw new BuildError('InvalidKustomization', message)
}
