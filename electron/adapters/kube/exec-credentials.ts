/** Credentials from exec plugins: approved once, run once for all who wait, kept until they expire or the server refuses them. */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ExecApproval } from '../../../shared/model/rows.ts'
import type { ContextSettings } from './context-settings.ts'
import { hashOf } from './exec-approvals.ts'
import type { ExecApprovals } from './exec-approvals.ts'
import { buildExecEnv, execNotFound, runExecPlugin } from './exec-plugin.ts'
import type { ExecCredential } from './exec-plugin.ts'
import type { ExecSpec } from './kubeconfig-text.ts'
import { quoteName } from './plain-text.ts'
import { findProgram } from './program-file.ts'

export interface ExecCredentialsOptions {
  readonly approvals: ExecApprovals
  readonly env: Readonly<Record<string, string | undefined>>
  readonly loginPath: () => Promise<string>
  readonly timeoutMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export interface ExecCredentials {
  /** Cached or fresh. Rejects with ExecApprovalNeeded where the user has not allowed the plugin, else with Exec* codes. */
  get(settings: ContextSettings): Promise<ExecCredential>
  /** The server refused `used`: the next get runs the plugin anew, unless someone else has done so meanwhile. */
  drop(settings: ContextSettings, used: ExecCredential): void
  /** Throws ExecNotApproved when the plugin is no longer the one that was shown. */
  approve(settings: ContextSettings, digest: string): Promise<void>
}

/** ExecNotApproved, with what there is to approve: everyone who waited for the run must be able to show it. */
export class ExecApprovalNeeded extends SluiceError {
  readonly approval: ExecApproval

  constructor(context: string, spec: ExecSpec, approval: ExecApproval) {
    const what = `Context ${context}: exec plugin ${quoteName(spec.command)}`
    super(
      'ExecNotApproved',
      approval.isChanged ? `${what} has changed since you allowed it` : `${what} waits for your approval`,
      { remedy: 'Look at the command, then allow it once.' },
    )
    this.approval = approval
  }
}

interface Slot {
  credential: ExecCredential | null
  run: Promise<ExecCredential> | null
  failure: { readonly error: unknown; readonly until: number } | null
}

/** A failed run answers for this long: eighty requests in a row must not open eighty login pages. */
const failureHoldMs = 1000

export function createExecCredentials(options: ExecCredentialsOptions): ExecCredentials {
  const slots = new Map<string, Slot>()
  const slotOf = (settings: ContextSettings): Slot => {
    const key = keyOf(settings)
    const slot = slots.get(key) ?? { credential: null, run: null, failure: null }
    slots.set(key, slot)
    return slot
  }

  /** What would run now, and the approval that it needs. */
  const inspect = async (settings: ContextSettings) => {
    const spec = specOf(settings)
    const path = await options.loginPath()
    const program = await findProgram(spec.command, path)
    if (program === null) throw execNotFound(quoteName(settings.contextName), spec)
    const digest = `sha256:${hashOf(spec.command, spec.args, spec.env, program.path, program.digest)}`
    const subject = hashOf(settings.userFile, settings.userName)
    const commandLine = hashOf(spec.command, spec.args)
    return { spec, path, program, digest, subject, commandLine }
  }

  const run = async (settings: ContextSettings): Promise<ExecCredential> => {
    const { spec, path, program, digest, subject, commandLine } = await inspect(settings)
    // SECURITY: item 10: plugins run arbitrary programs: only what the user approved, in exactly this form.
    if (!(await options.approvals.has(digest))) {
      const isChanged = await options.approvals.isChanged(digest, subject, commandLine)
      const envNames = spec.env.map(({ name }) => name)
      const approval = { digest, command: program.path, args: spec.args, envNames, isChanged }
      throw new ExecApprovalNeeded(quoteName(settings.contextName), spec, approval)
    }
    return runExecPlugin({
      spec,
      program: program.path,
      env: buildExecEnv(options.env, path, settings, spec),
      timeoutMs: options.timeoutMs,
      context: quoteName(settings.contextName),
    })
  }

  return {
    async get(settings) {
      const slot = slotOf(settings)
      const { credential, failure } = slot
      if (credential !== null && (credential.expiresAt === null || credential.expiresAt > options.now()))
        return credential
      if (slot.run === null) {
        if (failure !== null && failure.until > options.now()) throw failure.error
        slot.failure = null
        slot.run = run(settings)
          .then((fresh) => (slot.credential = fresh))
          .catch((error: unknown) => {
            slot.credential = null
            if (!(error instanceof ExecApprovalNeeded)) slot.failure = { error, until: options.now() + failureHoldMs }
            throw error
          })
          .finally(() => (slot.run = null))
      }
      return slot.run
    },
    drop(settings, used) {
      const slot = slotOf(settings)
      if (slot.credential === used) slot.credential = null
    },
    async approve(settings, digest) {
      const { spec, program, digest: now, subject, commandLine } = await inspect(settings)
      if (now !== digest) {
        const envNames = spec.env.map(({ name }) => name)
        const approval = { digest: now, command: program.path, args: spec.args, envNames, isChanged: true }
        throw new ExecApprovalNeeded(quoteName(settings.contextName), spec, approval)
      }
      await options.approvals.remember(digest, subject, commandLine)
    },
  }
}

function specOf(settings: ContextSettings): ExecSpec {
  if (settings.exec === null) throw new SluiceError('Internal', 'Context has no exec plugin')
  return settings.exec
}

/** Users of one name in two files are two users; contexts that share a user share its credential. */
function keyOf(settings: ContextSettings): string {
  const spec = specOf(settings)
  const cluster = spec.isClusterInfoProvided
    ? [settings.server.href, settings.ca?.toString('base64') ?? null, settings.execConfig]
    : null
  return hashOf(settings.userFile, settings.userName, spec, cluster)
}
