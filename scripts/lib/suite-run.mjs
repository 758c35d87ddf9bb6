/**
 * Running one suite: its environment, its seconds, its counts.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './children.mjs'
import { cacheDir, pinnedNode, root, toolEnv } from './places.mjs'
import { SetupError, say } from './progress.mjs'
import { countReport, failures, nothing } from './results.mjs'

/** The script behind an installed tool's command, so that it runs under the pinned Node on every platform. */
function scriptOf(tool) {
  const owner = { tsc: 'typescript' }[tool] ?? tool
  const folder = join(root, 'node_modules', owner)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[tool])
}

/** Runs an installed tool under the pinned Node; answers as `run` does. */
export function runTool(tool, args, options = {}) {
  return run(pinnedNode(), [scriptOf(tool), ...args], { cwd: root, ...options, env: toolEnv(options.env) })
}

/** The programs of the control plane that a cold suite builds first. */
const controlPlanePrograms = ['kube-apiserver', 'etcd', 'kube-controller-manager', 'kube-scheduler', 'kwok']

/** Whether the whole control plane is in the cache, so that a suite which needs it may be held to its warm seconds. */
export function hasControlPlane(env = process.env) {
  const wanted = new Set(controlPlanePrograms)
  const visit = (folder, depth) => {
    for (const entry of entriesOf(folder)) {
      if (!entry.isDirectory()) wanted.delete(entry.name.replace(/\.exe$/, ''))
      else if (depth > 0) visit(join(folder, entry.name), depth - 1)
    }
  }
  visit(join(cacheDir(env), 'control-plane'), 4)
  for (const entry of env.KUBEBUILDER_ASSETS ? entriesOf(env.KUBEBUILDER_ASSETS) : []) wanted.delete(entry.name)
  return wanted.size === 0
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** The seconds that a suite may take now. */
export function budgetOf(suite, isCold) {
  return isCold && suite.cold !== undefined ? suite.cold : suite.warm
}

/**
 * What lies beside the checkout and suites need: `flux`, real Flux controllers (FLUX_ASSETS), and `corpus`, real repositories with their exact
 * rendering. Answers those that are not there; throws SetupError where FLUX_ASSETS names a folder without them, which nobody meant.
 */
export function missingAssets(env = process.env, checkout = root) {
  const missing = []
  if (!env.FLUX_ASSETS) missing.push('flux')
  else if (!existsSync(join(env.FLUX_ASSETS, 'crds')))
    throw new SetupError(`FLUX_ASSETS names ${env.FLUX_ASSETS}, where no Flux is: there is no folder crds in it`)
  if (!existsSync(join(checkout, '..', 'shared', 'corpus', 'fleets'))) missing.push('corpus')
  return missing
}

/** Words for what is missing, after the count of the tests that were left out for it. */
export const assetWords = { flux: 'FLUX_ASSETS', corpus: 'the corpus beside the checkout' }

/**
 * Runs a suite and answers {counts, failed, seconds, budget, isOver}; `failed` tells in words which tests did. Its process group is killed when the
 * budget is over, which is a failed test whatever passed before. `filters` are file patterns for vitest; `budget` null lifts the bound.
 */
export async function runSuite(suite, { env = process.env, filters = [], budget }) {
  const startedAt = performance.now()
  const timeoutMs = budget === null ? undefined : budget * 1000
  const outcome =
    suite.kind === 'vitest' ? await runVitest(suite, filters, env, timeoutMs) : await runCommands(suite, env, timeoutMs)
  const seconds = (performance.now() - startedAt) / 1000
  const counts = outcome.isOver ? { ...outcome.counts, failed: outcome.counts.failed + 1 } : outcome.counts
  if (outcome.isOver) say(`${suite.name} was stopped: it took more than its ${budget} s`)
  return { counts, failed: outcome.failed ?? [], seconds, budget, isOver: outcome.isOver }
}

async function runCommands(suite, env, timeoutMs) {
  const endsAt = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
  let isRed = false
  for (const [tool, ...args] of suite.commands) {
    const left = endsAt === undefined ? undefined : Math.max(1, endsAt - performance.now())
    const result = await runTool(tool, args, { env, timeoutMs: left })
    if (result.timedOut) return { counts: nothing, isOver: true }
    isRed ||= result.code !== 0
  }
  return { counts: { ...nothing, [isRed ? 'failed' : 'passed']: 1 }, isOver: false }
}

async function runVitest(suite, filters, env, timeoutMs) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-results-'))
  const file = join(folder, 'report.json')
  try {
    const args = [
      'run',
      '--project',
      suite.name,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...filters,
    ]
    const result = await runTool('vitest', args, { env, timeoutMs })
    const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
    const failed = failures(report, root)
    if (result.timedOut) return { counts: report ? countReport(report, 0) : nothing, failed, isOver: true }
    return { counts: countReport(report, result.code), failed, isOver: false }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
