/** What comparing and showing needs of apply/ and diff/, in one place. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { compareSet } from '../apply/run-comparison.ts'
import type { Comparison } from './compare-owner.ts'

export const comparison: Comparison = {
  compareSet,
  textsOf: () => ({ git: '', live: '', marks: [] }),
  patchOf: () => '',
  ignoreRuleOf: () => {
    throw new SluiceError('Unsupported', 'Rules are not written yet')
  },
}
