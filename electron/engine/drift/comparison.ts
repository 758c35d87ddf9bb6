/** What comparing and showing needs of apply/ and diff/, in one place. */
import { compareSet } from '../apply/run-comparison.ts'
import { ignoreRuleOf } from '../diff/ignore-rule-text.ts'
import { patchOf } from '../diff/patch-text.ts'
import { textsOf } from '../diff/texts.ts'
import type { Comparison } from './compare-owner.ts'

export const comparison: Comparison = { compareSet, textsOf, patchOf, ignoreRuleOf }
