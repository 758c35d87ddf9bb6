const productionWords: ReadonlySet<string> = new Set(['prod', 'production', 'prd', 'live'])

/** Whether a context's name, cluster or user looks like production: one of the words as a whole part of the name (`prod-eu-1`). */
export function isProductionName(name: string): boolean {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .some((word) => productionWords.has(word))
}
