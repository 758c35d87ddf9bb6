/**
 * A plan in a dialog: prepared when the dialog opens and again when what it would write changes, executed by its digest. The dialog
 * never waits for a second confirmation: what was typed last is prepared and executed in one go.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ActionName, Plan } from '../../../shared/model/actions.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { callHost } from '../../stores/host.ts'

export interface PlanInput {
  readonly action: ActionName
  readonly refs: readonly ObjectRef[]
  readonly reason?: string | undefined
  readonly until?: number | undefined
  readonly owner?: string | undefined
}

export interface PlanState {
  readonly plan: Plan | null
  readonly isPreparing: boolean
  readonly isExecuting: boolean
  readonly error: SluiceErrorData | null
  /** Prepares anew, whatever is there. */
  readonly prepareAgain: () => void
  /** Executes what the dialog shows; true once the engine has taken it. */
  readonly execute: () => Promise<boolean>
}

const typingPauseMs = 300

type Request = Parameters<typeof callHost<'plan.prepare'>>[1]

function requestOf(input: PlanInput): Request {
  const reason = input.reason?.trim() ?? ''
  const owner = input.owner?.trim() ?? ''
  return {
    action: input.action,
    refs: [...input.refs],
    ...(reason === '' ? {} : { reason }),
    ...(input.until === undefined ? {} : { until: input.until }),
    ...(owner === '' ? {} : { owner }),
  }
}

export function usePlan(input: PlanInput): PlanState {
  const key = JSON.stringify(requestOf(input))
  const [plan, setPlan] = useState<{ readonly plan: Plan; readonly key: string } | null>(null)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const [isPreparing, setPreparing] = useState(true)
  const [isExecuting, setExecuting] = useState(false)
  const running = useRef<{
    readonly key: string
    readonly plan: Promise<Plan | null>
    readonly controller: AbortController
  } | null>(null)

  const prepare = useCallback((of: string): Promise<Plan | null> => {
    // Who confirms while it is typed asks at once; the pause after typing must not take that plan away from them.
    if (running.current?.key === of) return running.current.plan
    running.current?.controller.abort()
    const controller = new AbortController()
    const ask = async (): Promise<Plan | null> => {
      setPreparing(true)
      const result = await callHost('plan.prepare', JSON.parse(of) as Request, controller.signal)
      if (controller.signal.aborted) return null
      running.current = null
      setPreparing(false)
      if (!result.ok) {
        setError(result.error)
        return null
      }
      setError(null)
      setPlan({ plan: result.value, key: of })
      return result.value
    }
    const plan = ask()
    running.current = { key: of, plan, controller }
    return plan
  }, [])

  const isFirst = useRef(true)
  useEffect(() => {
    const wait = isFirst.current ? 0 : typingPauseMs
    isFirst.current = false
    const timer = setTimeout(() => void prepare(key), wait)
    return () => clearTimeout(timer)
  }, [key, prepare])

  useEffect(() => () => running.current?.controller.abort(), [])

  const isBusy = useRef(false)
  const execute = async (): Promise<boolean> => {
    if (isBusy.current) return false
    isBusy.current = true
    setExecuting(true)
    try {
      const current = plan?.key === key && error === null ? plan.plan : await prepare(key)
      if (current === null) return false
      const result = await callHost('plan.execute', { digest: current.digest })
      if (!result.ok) setError(result.error)
      return result.ok
    } finally {
      isBusy.current = false
      setExecuting(false)
    }
  }

  return {
    plan: plan?.plan ?? null,
    isPreparing,
    isExecuting,
    error,
    prepareAgain: () => void prepare(key),
    execute,
  }
}
