/** A kind as kubectl's short name in a box; the whole kind stands in the tooltip. */
import type { ReactElement } from 'react'
import { findFluxKind } from '../../../shared/flux/kinds.ts'
import { shortKind } from '../../../shared/flux/short-kinds.ts'
import { tooltip } from '../tooltip/tooltip.tsx'
import styles from './kind-badge.module.css'

/** `short` wins where it is known (trees); without a group, Flux's own kinds are found by their name. */
export function KindBadge({
  kind,
  group,
  short,
}: {
  readonly kind: string
  readonly group?: string
  readonly short?: string
}): ReactElement {
  const text =
    short ?? (group === undefined ? (findFluxKind(kind)?.shortNames[0] ?? kind.toLowerCase()) : shortKind(group, kind))
  return (
    <span className={styles.kind} {...tooltip(kind)}>
      {text}
    </span>
  )
}
