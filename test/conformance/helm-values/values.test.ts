/** helm-controller's own module (built from scripts/data/helm-oracle) composes and digests values, and ours must be the same to the byte. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { commonMetadataDigest, postRenderersDigest } from '../../../electron/engine/helm/post-render-digest.ts'
import { composeValues } from '../../../electron/engine/helm/values/compose-values.ts'
import { digestValues, valuesText } from '../../../electron/engine/helm/values/values-digest.ts'
import { createChance } from '../../cluster/drift/random.ts'
import { resolveGoProgram } from '../../go-program.ts'
import { isSoak, seed } from '../../soak.ts'
import { askOracle } from '../ask-oracle.ts'
import { byteOrder, makeQuestion } from './questions.ts'
import type { Question } from './questions.ts'

interface Answer {
  readonly error?: string
  readonly config?: string
  readonly text?: string
  readonly postRenderers: string
  readonly commonMetadata: string
}

const codec = createCodec()
let program: string | null = null

beforeAll(async () => {
  program = await resolveGoProgram('helm-oracle')
}, 600_000)

function askAll(questions: readonly Question[]): Promise<readonly Answer[]> {
  return askOracle(
    program!,
    questions.map((question) => JSON.stringify(question)),
  )
}

async function compose({ release, configMaps, secrets }: Question): Promise<{ config: string; text: string } | null> {
  const read = ({ kind, name }: { kind: string; name: string }): Promise<KubeObject | null> =>
    Promise.resolve((kind === 'Secret' ? secrets : configMaps)[name] ?? null)
  try {
    const values = await composeValues(release, read)
    return { config: digestValues(values, codec), text: valuesText(values) }
  } catch (error) {
    if (error instanceof Error && error.name === 'SluiceError') return null
    throw error
  }
}

describe('values', () => {
  it('are composed and digested as helm-controller does, and what it refuses is refused', async (context) => {
    if (program === null) return context.skip()
    const chance = createChance(seed())
    const questions = [byteOrder, ...Array.from({ length: isSoak ? 20_000 : 1000 }, () => makeQuestion(chance))]
    const answers = await askAll(questions)
    const wrong: string[] = []
    let refusals = 0
    for (const [index, question] of questions.entries()) {
      const theirs = answers[index]!
      const ours = await compose(question)
      if (theirs.error !== undefined) refusals += 1
      const isSame =
        theirs.error === undefined
          ? ours?.config === theirs.config && ours?.text === (theirs.text ?? '')
          : ours === null
      if (!isSame)
        wrong.push(
          `${JSON.stringify(question)}\n  theirs: ${theirs.error ?? theirs.text}\n  ours: ${ours?.text ?? 'refused'}`,
        )
    }
    expect(wrong.slice(0, 3)).toEqual([])
    expect(wrong).toHaveLength(0)
    // Both kinds of answer were there to be compared.
    expect(refusals).toBeGreaterThan(questions.length / 50)
    expect(refusals).toBeLessThan(questions.length / 2)
  })

  it('have post-renderers and common metadata with the same digests', async (context) => {
    if (program === null) return context.skip()
    const specs = [
      { postRenderers: [] },
      { postRenderers: [{}, { kustomize: {} }] },
      {
        postRenderers: [
          {
            kustomize: {
              patches: [
                { patch: '- op: add\n  value: <a> & "ü"\n', target: { kind: 'Deployment', labelSelector: 'a=b' } },
                { patch: '', target: {} },
              ],
              images: [
                { name: 'a', newTag: '1', digest: 'sha256:0' },
                { name: 'b', newName: 'c/d' },
              ],
            },
          },
        ],
      },
      { commonMetadata: {} },
      { commonMetadata: { labels: { 'z/x': '1', a: '<&>' }, annotations: { é: '\u2028', b: '' } } },
    ]
    const questions = specs.map((spec): Question => ({
      release: {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name: 'a', namespace: 'b' },
        spec,
      },
      configMaps: {},
      secrets: {},
    }))
    const answers = await askAll(questions)
    expect(
      specs.map((spec) =>
        'postRenderers' in spec ? postRenderersDigest({ spec }, codec) : commonMetadataDigest({ spec }, codec),
      ),
    ).toEqual(
      answers.map((answer, index) => ('postRenderers' in specs[index]! ? answer.postRenderers : answer.commonMetadata)),
    )
    expect([postRenderersDigest({ spec: {} }, codec), commonMetadataDigest({ spec: {} }, codec)]).toEqual(['', ''])
  })
})
