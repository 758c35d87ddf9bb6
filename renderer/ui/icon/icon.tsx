/**
 * Sluice's own icons: one typed set on a 16 px grid, drawn with 1.5 px strokes in the text's colour. Decorative by rule: the
 * accessible name always stands on the control or beside the icon.
 */
import type { CSSProperties, ReactElement } from 'react'
import { classNames } from '../class-names/class-names.ts'
import styles from './icon.module.css'

const shapes = {
  alert: (
    <>
      <path d="M8 2.25 14.25 13.25H1.75z" />
      <path d="M8 6.5v3.25M8 11.5v.01" />
    </>
  ),
  'arrow-down': (
    <>
      <path d="M8 3v10M4 9l4 4 4-4" />
    </>
  ),
  'arrow-right': (
    <>
      <path d="M2.5 8h11M9.5 4l4 4-4 4" />
    </>
  ),
  'arrow-up': (
    <>
      <path d="M8 13V3M4 7l4-4 4 4" />
    </>
  ),
  bell: (
    <>
      <path d="M4 7a4 4 0 0 1 8 0c0 2.8.8 3.8 1.5 4.5h-11C3.2 10.8 4 9.8 4 7z" />
      <path d="M6.5 13.75a1.6 1.6 0 0 0 3 0" />
    </>
  ),
  bolt: (
    <>
      <path d="M9 1.75 3.5 9H8l-1 5.25L12.5 7H8z" />
    </>
  ),
  brand: (
    <>
      <path d="M3 1.75v12.5M13 1.75v12.5M1.5 2.25h13" />
      <rect x="5.25" y="3.5" width="5.5" height="4.25" rx=".75" fill="currentColor" stroke="none" />
      <path d="M5 11.25c1-1.1 2-1.1 3 0s2 1.1 3 0" />
    </>
  ),
  calendar: (
    <>
      <path d="M2.25 3.25h11.5v10.5H2.25zM2.25 6.5h11.5M5.25 1.75V4.5M10.75 1.75V4.5" />
    </>
  ),
  changes: (
    <>
      <path d="M3.5 1.75h5.75l3.25 3.25v9.25h-9z" />
      <path d="M6 6.25h4M8 4.25v4M6 11.25h4" />
    </>
  ),
  check: (
    <>
      <path d="m3.25 8.5 3.25 3.25 6.25-7.25" />
    </>
  ),
  'chevron-down': (
    <>
      <path d="M3.5 6 8 10.5 12.5 6" />
    </>
  ),
  'chevron-left': (
    <>
      <path d="M10 3.5 5.5 8l4.5 4.5" />
    </>
  ),
  'chevron-right': (
    <>
      <path d="M6 3.5 10.5 8 6 12.5" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.5V8l2.5 1.5" />
    </>
  ),
  close: (
    <>
      <path d="m4 4 8 8M12 4l-8 8" />
    </>
  ),
  columns: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1.5" />
      <path d="M6 2.5v11M10 2.5v11" />
    </>
  ),
  commit: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M1.5 8h3.75M10.75 8h3.75" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8.25" height="8.25" rx="1.5" />
      <path d="M3.25 10.5H2.25v-8.25h8.25v1" />
    </>
  ),
  download: (
    <>
      <path d="M8 2.25v8M4.5 7 8 10.5 11.5 7M2.75 13.5h10.5" />
    </>
  ),
  drift: (
    <>
      <path d="M2.75 6h10.5M2.75 10h10.5M10.75 2.5l-5.5 11" />
    </>
  ),
  enter: (
    <>
      <path d="M13 3.5v5H3.5M6.5 5.5l-3 3 3 3" />
    </>
  ),
  events: (
    <>
      <path d="M2 8h2.5l2-4.75 3 9.5L11.5 8H14" />
    </>
  ),
  expand: (
    <>
      <path d="M3.5 6 8 1.75 12.5 6M3.5 10 8 14.25 12.5 10" />
    </>
  ),
  external: (
    <>
      <path d="M7 3H3v10h10V9M9.5 2.5h4v4M13.25 2.75 7.5 8.5" />
    </>
  ),
  eye: (
    <>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="1.9" />
    </>
  ),
  file: (
    <>
      <path d="M3.5 1.75h5.75l3.25 3.25v9.25h-9z" />
      <path d="M9 2v3.25h3.25" />
    </>
  ),
  filter: (
    <>
      <path d="M2 3.75h12M4.5 8h7M6.75 12.25h2.5" />
    </>
  ),
  fold: (
    <>
      <path d="M8 1.75v4M5.75 3.75 8 5.9l2.25-2.15M8 14.25v-4M5.75 12.25 8 10.1l2.25 2.15M2.5 8h11" />
    </>
  ),
  folder: (
    <>
      <path d="M1.75 12.5v-8.5a1 1 0 0 1 1-1h3.5l1.5 1.75h5.5a1 1 0 0 1 1 1v6.75a1 1 0 0 1-1 1H2.75a1 1 0 0 1-1-1z" />
    </>
  ),
  graph: (
    <>
      <rect x="1.75" y="6" width="4" height="4" rx="1" />
      <rect x="10.25" y="1.75" width="4" height="4" rx="1" />
      <rect x="10.25" y="10.25" width="4" height="4" rx="1" />
      <path d="M5.75 8H8M10.25 3.75H9A1 1 0 0 0 8 4.75v6.5a1 1 0 0 0 1 1h1.25" />
    </>
  ),
  helm: (
    <>
      <circle cx="8" cy="8" r="3.5" />
      <path d="M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M3.4 3.4l2.1 2.1M10.5 10.5l2.1 2.1M12.6 3.4l-2.1 2.1M5.5 10.5l-2.1 2.1" />
    </>
  ),
  history: (
    <>
      <path d="M2.5 5.6A5.9 5.9 0 1 1 2.1 8" />
      <path d="M2.25 2.5v3.25H5.5" />
      <path d="M8 4.75V8l2.25 1.5" />
    </>
  ),
  image: (
    <>
      <path d="M8 1.75 13.5 4.75v6.5L8 14.25l-5.5-3v-6.5z" />
      <path d="M2.75 4.9 8 7.75l5.25-2.85M8 7.75v6.5" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.5v3.5M8 5v.01" />
    </>
  ),
  inline: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1.5" />
      <path d="M4.75 6h6.5M4.75 10h6.5" />
    </>
  ),
  key: (
    <>
      <circle cx="5" cy="11" r="2.75" />
      <path d="m7 9 6.25-6.25M10.5 5.5l2 2M12.25 3.75l1.5 1.5" />
    </>
  ),
  keyboard: (
    <>
      <rect x="1.5" y="4" width="13" height="8.5" rx="1.5" />
      <path d="M4.25 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5.5 10h5" />
    </>
  ),
  kinds: (
    <>
      <path d="M2.5 3.5h3v3h-3zM2.5 9.5h3v3h-3zM8.5 3.75h5.25M8.5 6.25h3.5M8.5 9.75h5.25M8.5 12.25h3.5" />
    </>
  ),
  kustomization: (
    <>
      <path d="M8 2 14 5 8 8 2 5z" />
      <path d="m2 8 6 3 6-3" />
      <path d="m2 11 6 3 6-3" />
    </>
  ),
  link: (
    <>
      <path d="M6.75 9.25a2.75 2.75 0 0 0 4 0l2.25-2.25a2.83 2.83 0 0 0-4-4L8 4" />
      <path d="M9.25 6.75a2.75 2.75 0 0 0-4 0L3 9a2.83 2.83 0 0 0 4 4l1-1" />
    </>
  ),
  lock: (
    <>
      <rect x="3" y="7" width="10" height="7" rx="1.5" />
      <path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2" />
    </>
  ),
  logs: (
    <>
      <path d="M2.5 3.5h11M2.5 6.5h7.5M2.5 9.5h11M2.5 12.5h5" />
    </>
  ),
  minus: (
    <>
      <path d="M3 8h10" />
    </>
  ),
  monitor: (
    <>
      <rect x="1.75" y="2.75" width="12.5" height="8.5" rx="1.25" />
      <path d="M5.5 13.75h5M8 11.25v2.5" />
    </>
  ),
  moon: (
    <>
      <path d="M13.25 9.5A5.75 5.75 0 0 1 6.5 2.75a5.75 5.75 0 1 0 6.75 6.75z" />
    </>
  ),
  more: (
    <>
      <path d="M3.25 8h.01M8 8h.01M12.75 8h.01" strokeWidth={2.2} />
    </>
  ),
  overview: (
    <>
      <rect x="2.25" y="2.25" width="5" height="6.5" rx="1" />
      <rect x="9.75" y="2.25" width="4" height="3.5" rx="1" />
      <rect x="9.75" y="8.25" width="4" height="5.5" rx="1" />
      <rect x="2.25" y="11.25" width="5" height="2.5" rx="1" />
    </>
  ),
  pause: (
    <>
      <path d="M6 4v8M10 4v8" />
    </>
  ),
  pin: (
    <>
      <path d="M8 9.75v4.5M5 1.75h6M5.75 1.75v4L3.75 8.5v1.25h8.5V8.5l-2-2.75v-4" />
    </>
  ),
  play: (
    <>
      <path d="M5 3.25v9.5L12.5 8z" />
    </>
  ),
  plus: (
    <>
      <path d="M8 3v10M3 8h10" />
    </>
  ),
  reconcile: (
    <>
      <path d="M13.6 8.6A5.7 5.7 0 0 1 3.5 11.5M2.4 7.4A5.7 5.7 0 0 1 12.5 4.5" />
      <path d="M12.75 1.5v3.25H9.5M3.25 14.5v-3.25H6.5" />
    </>
  ),
  repo: (
    <>
      <path d="M3 12.5v-9a1.75 1.75 0 0 1 1.75-1.75H13v12.5H4.75A1.75 1.75 0 0 1 3 12.5z" />
      <path d="M3 12.5a1.75 1.75 0 0 1 1.75-1.75H13" />
    </>
  ),
  reset: (
    <>
      <path d="M3 4.5v3.25h3.25M3.2 7.6a5.4 5.4 0 1 1 .3 3.1" />
    </>
  ),
  'risk-1': (
    <>
      <path d="M3.5 10.5v3" strokeWidth={2.5} />
      <path d="M8 7.5v6M12.5 4v9.5" strokeWidth={2.5} opacity=".28" />
    </>
  ),
  'risk-2': (
    <>
      <path d="M3.5 10.5v3M8 7.5v6" strokeWidth={2.5} />
      <path d="M12.5 4v9.5" strokeWidth={2.5} opacity=".28" />
    </>
  ),
  'risk-3': (
    <>
      <path d="M3.5 10.5v3M8 7.5v6M12.5 4v9.5" strokeWidth={2.5} />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.75" />
      <path d="m10.5 10.5 3.5 3.5" />
    </>
  ),
  server: (
    <>
      <rect x="2" y="2.5" width="12" height="4.75" rx="1" />
      <rect x="2" y="8.75" width="12" height="4.75" rx="1" />
      <path d="M4.5 4.9h.01M4.5 11.15h.01" />
    </>
  ),
  settings: (
    <>
      <path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6" />
      <circle cx="10" cy="4.5" r="1.9" />
      <circle cx="6" cy="11.5" r="1.9" />
    </>
  ),
  'shield-check': (
    <>
      <path d="M8 1.75 13 3.5v4.2c0 3.2-2 5.4-5 6.55-3-1.15-5-3.35-5-6.55V3.5z" />
      <path d="m5.75 8 1.6 1.6 2.9-3.2" />
    </>
  ),
  source: (
    <>
      <circle cx="4.5" cy="3.5" r="1.75" />
      <circle cx="4.5" cy="12.5" r="1.75" />
      <circle cx="11.5" cy="5" r="1.75" />
      <path d="M4.5 5.25v5.5M11.5 6.75c0 2.6-2 3.1-4 3.2-1.5.1-2.6.3-3 1" />
    </>
  ),
  split: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1.5" />
      <path d="M8 2.5v11" />
    </>
  ),
  star: (
    <>
      <path d="m8 2 1.8 3.7 4.1.6-3 2.9.7 4.05L8 11.3l-3.6 1.95.7-4.05-3-2.9 4.1-.6z" />
    </>
  ),
  stop: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.25" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1" />
    </>
  ),
  terminal: (
    <>
      <path d="M3 4.5 6.5 8 3 11.5M8.5 12H13" />
    </>
  ),
  trash: (
    <>
      <path d="M2.75 4.25h10.5M6 4V2.5h4V4M4.25 4.25l.6 9.25h6.3l.6-9.25" />
    </>
  ),
  tree: (
    <>
      <path d="M2.5 2.5h5M4 2.5v10h3.5M4 7.5h3.5M10 7.5h3.5M10 12.5h3.5" />
    </>
  ),
  undo: (
    <>
      <path d="M5.5 3 2.5 6l3 3" />
      <path d="M2.5 6h7a4 4 0 0 1 0 8H6" />
    </>
  ),
  water: (
    <>
      <path d="M1.5 6.25c1.6-1.7 2.7-1.7 4.3 0s2.7 1.7 4.4 0 2.7-1.7 4.3 0M1.5 10.75c1.6-1.7 2.7-1.7 4.3 0s2.7 1.7 4.4 0 2.7-1.7 4.3 0" />
    </>
  ),
  'window-close': (
    <>
      <path d="m4.25 4.25 7.5 7.5M11.75 4.25l-7.5 7.5" strokeWidth={1.2} />
    </>
  ),
  'window-maximize': (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1" strokeWidth={1.2} />
    </>
  ),
  'window-minimize': (
    <>
      <path d="M3.5 8h9" strokeWidth={1.2} />
    </>
  ),
  wrap: (
    <>
      <path d="M2.5 3.75h11M2.5 8h9a2.25 2.25 0 0 1 0 4.5H8M9.75 10.75 8 12.5l1.75 1.75M2.5 12.25H5" />
    </>
  ),
} as const satisfies Record<string, ReactElement>

export type IconName = keyof typeof shapes

/** One icon, `size` in px (16 by default), hidden from assistive technology. */
export function Icon({
  name,
  size = 16,
  className,
  style,
}: {
  readonly name: IconName
  readonly size?: number
  readonly className?: string | undefined
  readonly style?: CSSProperties
}): ReactElement {
  return (
    <svg
      className={classNames(styles.icon, className)}
      style={{ ...style, width: size, height: size }}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  )
}
