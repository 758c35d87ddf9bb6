import { useSyncExternalStore } from 'react'

/** Whether a media query holds now; false where the environment knows no media. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = typeof window.matchMedia === 'function' ? window.matchMedia(query) : null
      list?.addEventListener('change', listener)
      return () => list?.removeEventListener('change', listener)
    },
    () => typeof window.matchMedia === 'function' && window.matchMedia(query).matches,
  )
}

/** Below 1120 px: rail of icons, fewer columns, details over the content (interface.md, Widths). */
export function useIsNarrow(): boolean {
  return useMedia('(max-width: 1120px)')
}
