import type { ReactElement } from 'react'
import { classNames } from '../../ui/class-names/class-names.ts'
import styles from './welcome.module.css'

/** The sluice itself, large: source at the left, cluster at the right. Decoration. */
export function GatePicture({ isOpen }: { readonly isOpen: boolean }): ReactElement {
  return (
    <svg className={classNames(styles.picture, isOpen && styles.open)} viewBox="0 0 320 120" aria-hidden="true">
      <rect className={styles.channel} x="8.5" y="52.5" width="303" height="44" rx="10" />
      <path className={styles.water} d="M18 53h136v43H18a9 9 0 0 1-9-9V62a9 9 0 0 1 9-9z" />
      <path className={styles.through} d="M154 53h148a9 9 0 0 1 9 9v25a9 9 0 0 1-9 9H154z" />
      <path className={styles.wave} d="M26 74c9-7 18-7 27 0s18 7 27 0 18-7 27 0 18 7 27 0" />
      <path className={styles.waveThrough} d="M182 74c9-7 18-7 27 0s18 7 27 0 18-7 27 0 18 7 27 0" />
      <path className={styles.frame} d="M142 112V12M178 112V12M134 14h52" />
      <rect className={styles.leaf} x="147" y="38" width="26" height="68" rx="4" />
    </svg>
  )
}
