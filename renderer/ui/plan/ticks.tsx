/** What a person ticks before the filled button is live. */
import type { ReactElement } from 'react'
import { Checkbox } from '../checkbox/checkbox.tsx'

/** A sentence to tick. */
export function Tick({
  isTicked,
  onTick,
  children,
}: {
  readonly isTicked: boolean
  readonly onTick: () => void
  readonly children: string
}): ReactElement {
  return (
    <Checkbox label={children} checked={isTicked} onChange={onTick}>
      {children}
    </Checkbox>
  )
}

/** Why the button is off while `ProductionTick` is not ticked. */
export const productionOffReason = 'Tick first that you mean a production context'

export function ProductionTick({
  context,
  isTicked,
  onTick,
}: {
  readonly context: string
  readonly isTicked: boolean
  readonly onTick: () => void
}): ReactElement {
  return <Tick isTicked={isTicked} onTick={onTick}>{`I mean it: ${context} looks like production.`}</Tick>
}
