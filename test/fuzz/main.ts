/**
 * `npm run fuzz [-- kustomize|yaml] [--count N] [--seed N] [--keep FOLDER]`: generated kustomizations against the real kustomize, or
 * generated YAML against nothing but the clock. Exit code 1 when anything differs, crashes or hangs.
 */
import { parseArgs } from 'node:util'
import { fuzzKustomize } from './fuzz-kustomize.ts'
import { fuzzYaml } from './fuzz-yaml.ts'

const { values, positionals } = parseArgs({
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    jobs: { type: 'string' },
    wording: { type: 'boolean' },
  },
  allowPositionals: true,
})
const number = (text: string | undefined, otherwise: number): number => {
  const parsed = text === undefined ? otherwise : Number.parseInt(text, 10)
  if (!Number.isInteger(parsed) || parsed < 0) throw new RangeError(`${String(text)} is no count`)
  return parsed
}
const which = positionals.length === 0 ? ['kustomize', 'yaml'] : positionals
let isRed = false
for (const name of which) {
  if (name === 'kustomize') {
    const result = await fuzzKustomize({
      count: number(values.count, 20_000),
      firstSeed: number(values.seed, 1),
      jobs: number(values.jobs, 2),
      keep: values.keep,
      isWordingShown: values.wording === true,
      say: (line) => console.log(line),
    })
    isRed ||= result.differences > 0
  } else if (name === 'yaml') {
    const result = fuzzYaml({
      count: number(values.count, 1_000_000),
      firstSeed: number(values.seed, 1),
      say: (line) => console.log(line),
    })
    isRed ||= result.failures > 0
  } else {
    console.error(`no fuzzer ${name}; there are: kustomize, yaml`)
    process.exit(2)
  }
}
process.exit(isRed ? 1 : 0)
