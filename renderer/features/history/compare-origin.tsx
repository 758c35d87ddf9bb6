/** Who changed it, as a sign: Git the teal square, the cluster the amber disc, somebody's hand a terminal. Decorative: the word stands beside it. */
import type { ReactElement } from 'react'
import type { ChangeOrigin } from '../../../shared/model/history-compare.ts'
import { OriginMark } from '../../ui/drift-marks/drift-marks.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import styles from './compare.module.css'

export const originWords: Readonly<Record<ChangeOrigin, string>> = {
  git: 'Git',
  cluster: 'Cluster',
  hand: 'By hand',
}

export function OriginSign({ origin }: { readonly origin: ChangeOrigin }): ReactElement {
  if (origin === 'hand')
    return (
      <span className={styles.hand}>
        <Icon name="terminal" size={12} />
      </span>
    )
  return <OriginMark origin={origin} />
}
