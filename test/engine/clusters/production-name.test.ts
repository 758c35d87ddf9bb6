import { expect, it } from 'vitest'
import { isProductionName } from '../../../electron/engine/clusters/production-name.ts'

it.each([
  'prod',
  'prod-eu-1',
  'eu.production',
  'team_prd',
  'live',
  'PROD',
  'clusterProd',
  'arn:aws:eks:x:cluster/prod1',
])('%s looks like production', (name) => {
  expect(isProductionName(name)).toBe(true)
})

it.each(['staging', 'product-team', 'reproduction', 'delivery', 'alive', 'olive', 'kind-lab', '', 'preprod'])(
  '%s does not',
  (name) => {
    expect(isProductionName(name)).toBe(false)
  },
)
