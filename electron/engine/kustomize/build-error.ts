/**
 * A build that cannot go on. `message` is upstream's own text as far as we can give it, without a leading `Error: `; callers wrap it the
 * way upstream wraps (`accumulating resources: ...`). `code` says what kind of fault it is, `file` and `line` where a user looks for it.
 */
export type BuildErrorCode =
  | 'InvalidYaml'
  | 'InvalidKustomization'
  | 'FileNotFound'
  | 'FileUnreadable'
  | 'PathRefused'
  | 'Cycle'
  | 'RemoteNotFetched'
  | 'NotSupported'
  | 'IdConflict'
  | 'InvalidResource'
  | 'PatchFailed'
  | 'TransformFailed'
  | 'ReferenceAmbiguous'
  | 'SubstitutionFailed'
  | 'DecryptionFailed'
  | 'LimitExceeded'
  | 'Canceled'

export interface BuildErrorPlace {
  /** Path inside the tree, as the Files port names it. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
}

export class BuildError extends Error {
  override readonly name = 'BuildError'
  readonly code: BuildErrorCode
  readonly place: BuildErrorPlace

  constructor(code: BuildErrorCode, message: string, place: BuildErrorPlace = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.place = place
  }

  /** The same fault with upstream's wrapping in front: `PREFIX: message`. */
  wrap(prefix: string): BuildError {
    return new BuildError(this.code, `${prefix}: ${this.message}`, this.place, this)
  }
}

/** Upstream's build would not end with an error here but panic, so nothing wraps it on the way: kustomize crashes, the controller recovers. */
export class BuildPanic extends BuildError {
  constructor(message: string, place: BuildErrorPlace = {}) {
    super('TransformFailed', message, place)
  }

  override wrap(): BuildError {
    return this
  }
}

/** Runs `work`; a BuildError that leaves it carries `prefix: ` in front. Other exceptions pass untouched. */
export function wrapping<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof BuildError ? error.wrap(prefix) : error
  }
}
