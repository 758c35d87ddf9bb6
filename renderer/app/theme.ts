import { selectSettings, settingsStore } from '../stores/settings.ts'

/** Keeps `data-theme` on the root element: the person's choice, else the system's, from now on. Returns what ends it. */
export function followTheme(): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const apply = (): void => {
    const chosen = selectSettings(settingsStore.getState())?.theme ?? 'system'
    const theme = chosen === 'system' ? (system.matches ? 'dark' : 'light') : chosen
    document.documentElement.dataset['theme'] = theme
  }
  apply()
  system.addEventListener('change', apply)
  const unsubscribe = settingsStore.subscribe(apply)
  return () => {
    system.removeEventListener('change', apply)
    unsubscribe()
  }
}
