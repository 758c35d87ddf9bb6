/**
 * One closed union of error codes. Expected outcomes are values; faults are SluiceErrors, wrapped once at a port with the object
 * and the phase, redacted before they leave the host. Code never matches on message text.
 */
export const errorCodes = [
  // input and contract
  'InvalidInput',
  'UnknownProcedure',
  'FrameTooLarge',
  'TooManyRequests',
  'Canceled',
  'NotFound',
  'Internal',
  'Unsupported',
  // kubeconfig and credentials
  'KubeconfigMissing',
  'KubeconfigUnreadable',
  'KubeconfigMalformed',
  'KubeconfigEmpty',
  'ContextInvalid',
  'CredentialMissing',
  'ExecNotApproved',
  'ExecNotFound',
  'ExecTimeout',
  'ExecFailed',
  'ExecOutputInvalid',
  'ExecInteractive',
  // transport
  'ConnectionRefused',
  'ConnectionTimeout',
  'NameNotResolved',
  'TlsUntrusted',
  'TlsNameMismatch',
  'ConnectionLost',
  'ProxyFailed',
  // API server
  'Unauthorized',
  'Forbidden',
  'ResourceNotServed',
  'Conflict',
  'Invalid',
  'Gone',
  'Throttled',
  'ServerError',
  'ResponseMalformed',
  'AlreadyExists',
  // actions
  'ReadOnlyContext',
  'PlanMoved',
  'PlanUnknown',
  'AlreadySuspended',
  'NotSuspended',
  'SuspendedRefused',
  'NoGate',
  'AlwaysAsk',
  'ReconcileFailed',
  'ReconcileTimeout',
  'NotConnected',
  // sources, rendering and comparing
  'HostNotAllowed',
  'SourceNotFound',
  'ArtifactMissing',
  'ArtifactUnavailable',
  'ArtifactRefused',
  'GitFailed',
  'GitAuthFailed',
  'RenderFailed',
  'DryRunFailed',
  'ReleaseUnreadable',
  'PreviewNeeded',
  // hosted mode
  'LeaseLost',
  'NotHosted',
  'StorageFailed',
  'ApplyFailed',
  'PruneHeld',
  // control plane and playground
  'ToolMissing',
  'BuildFailed',
  'StartFailed',
] as const
export type ErrorCode = (typeof errorCodes)[number]

/** The form in which an error crosses a boundary: redacted, plain JSON. */
export interface SluiceErrorData {
  readonly code: ErrorCode
  /** The sentence that the user sees: names the object and the place. */
  readonly message: string
  /** What the user can do about it; '' if nothing. */
  readonly remedy: string
  /** Verbatim text of the other side (API server, plugin's stderr), capped and redacted; '' if none. */
  readonly detail: string
  readonly retry: 'transient' | 'terminal' | 'canceled'
}

export class SluiceError extends Error {
  readonly code: ErrorCode
  readonly remedy: string
  readonly detail: string
  readonly retry: SluiceErrorData['retry']

  constructor(
    code: ErrorCode,
    message: string,
    more: { remedy?: string; detail?: string; retry?: SluiceErrorData['retry']; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'SluiceError'
    this.code = code
    this.remedy = more.remedy ?? ''
    this.detail = more.detail ?? ''
    this.retry = more.retry ?? 'terminal'
  }

  toData(): SluiceErrorData {
    return { code: this.code, message: this.message, remedy: this.remedy, detail: this.detail, retry: this.retry }
  }
}

/** Any fault as data: SluiceErrors keep their code, everything else becomes Internal. */
export function toErrorData(error: unknown): SluiceErrorData {
  if (error instanceof SluiceError) return error.toData()
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'Canceled', message: 'Canceled', remedy: '', detail: '', retry: 'canceled' }
  return {
    code: 'Internal',
    message: error instanceof Error ? error.message : String(error),
    remedy: '',
    detail: '',
    retry: 'terminal',
  }
}

/** The error that came as data, to be thrown again. */
export function fromErrorData({ code, message, remedy, detail, retry }: SluiceErrorData): SluiceError {
  return new SluiceError(code, message, { remedy, detail, retry })
}
