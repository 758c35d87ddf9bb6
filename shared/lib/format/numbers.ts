/** Numbers and counts for people. */

const counters = new Map<string, Intl.NumberFormat>()

/** With the locale's separators; `locale` undefined = the system's. */
export function formatCount(value: number, locale?: string): string {
  const key = locale ?? ''
  let formatter = counters.get(key)
  if (formatter === undefined) {
    formatter = new Intl.NumberFormat(locale)
    counters.set(key, formatter)
  }
  return formatter.format(value)
}

/** `1 object`, `2 objects`, `1,204 objects`. */
export function formatCountOf(value: number, one: string, many = `${one}s`, locale?: string): string {
  return `${formatCount(value, locale)} ${value === 1 ? one : many}`
}

/** `812 B`, `4.2 KiB`, `5.0 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = Math.max(0, bytes)
  let index = 0
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024
    index += 1
  }
  return `${index === 0 ? String(Math.round(value)) : value.toFixed(1)} ${units[index] ?? ''}`
}
