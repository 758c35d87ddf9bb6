/**
 * A whole tree to build, from one seed: bases, components and an overlay over random objects, with a few of kustomize's features in each.
 * Most cases build; some fail on purpose, because errors are compared too.
 */
import { Chance } from './random.ts'
import type { Obj, Known } from './generate-resource.ts'
import { randomObject } from './generate-resource.ts'
import type { Style, Value } from './print-yaml.ts'
import { plainStyle, printYaml, randomStyle } from './print-yaml.ts'
import { features } from './generate-features.ts'

export interface FuzzCase {
  readonly seed: number
  /** Path below the case's folder to text. */
  readonly files: ReadonlyMap<string, string>
  /** The folder to build, relative. */
  readonly target: string
  /** Arguments after `build TARGET`. */
  readonly args: readonly string[]
}

/** A kustomization in the making. */
export interface Layer {
  readonly folder: string
  readonly isComponent: boolean
  readonly fields: Obj
  /** Objects that it sees, its bases' included, as their files name them. */
  readonly known: Known[]
  readonly chance: Chance
  readonly style: Style
  /** Writes a file into the layer's folder and gives its relative name. */
  write(name: string, text: string): string
  /** Writes documents. */
  writeYaml(name: string, ...documents: Value[]): string
}

export function generateCase(seed: number): FuzzCase {
  const chance = new Chance(seed)
  const files = new Map<string, string>()
  const style = chance.is(0.5) ? plainStyle : randomStyle(chance)
  const density = chance.pick([0.02, 0.04, 0.06, 0.1])
  const taken = new Set<string>()

  function makeLayer(folder: string, isComponent: boolean): Layer {
    const write = (name: string, text: string): string => {
      files.set(folder === '' ? name : `${folder}/${name}`, chance.is(0.01) ? text.replaceAll('\n', '\r\n') : text)
      return name
    }
    return {
      folder,
      isComponent,
      fields: {},
      known: [],
      chance,
      style,
      write,
      writeYaml: (name, ...documents) =>
        write(name, documents.map((document) => printYaml(document, chance, style)).join('---\n')),
    }
  }

  function addObjects(layer: Layer, count: number): void {
    const objects: Known[] = []
    for (let tries = 0; objects.length < count && tries < count * 4; tries++) {
      const made = randomObject(chance)
      const id = [made.apiVersion, made.kind, made.namespace || 'default', made.name].join('/')
      if (taken.has(id) && !chance.is(0.02)) continue
      taken.add(id)
      objects.push(made)
    }
    layer.known.push(...objects)
    if (objects.length === 0) return
    const resources = (layer.fields['resources'] ??= []) as Value[]
    if (chance.is(0.6)) {
      objects.forEach(({ kind, name, object }, index) =>
        resources.push(layer.writeYaml(`${kind.toLowerCase()}-${name}-${index}.yaml`, object)),
      )
    } else resources.push(layer.write('resources.yaml', documents(objects, layer)))
  }

  function documents(objects: readonly Known[], layer: Layer): string {
    if (chance.is(0.06))
      return printYaml(
        { apiVersion: 'v1', kind: 'List', items: objects.map(({ object }) => object) },
        chance,
        layer.style,
      )
    let text = chance.is(0.2) ? '---\n' : ''
    objects.forEach(({ object }, index) => {
      if (index > 0)
        text += chance.pick([
          '---\n',
          '---\n',
          '---\n',
          '--- # next\n',
          '---\n---\n',
          '---\n# nothing here\n---\n',
          '...\n---\n',
        ])
      text += printYaml(object, chance, layer.style)
    })
    return text + chance.pick(['', '', '', '---\n', '\n\n', '# end\n', '...\n'])
  }

  function finish(layer: Layer): void {
    const order = chance.shuffle(features)
    for (const feature of order) {
      if (layer.isComponent && feature.isForbiddenInComponents === true) continue
      if (chance.is(density * (feature.weight ?? 1))) feature.add(layer)
    }
    if (layer.isComponent && Object.keys(layer.fields).length === 0) layer.fields['nameSuffix'] = '-c'
    const header: Obj = layer.isComponent
      ? { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' }
      : chance.is(0.5)
        ? { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }
        : {}
    const name = chance.is(0.95) ? 'kustomization.yaml' : chance.pick(['kustomization.yml', 'Kustomization'])
    layer.writeYaml(name, { ...header, ...layer.fields })
  }

  const target = chance.pick(['overlay', 'overlay', '.', 'overlays/prod'])
  const shape = chance.int(10)
  const root = makeLayer(target === '.' ? '' : target, false)
  const up = target === '.' ? '' : '../'.repeat(target.split('/').length)
  const include = (layer: Layer, field: 'resources' | 'components'): void => {
    const list = (root.fields[field] ??= []) as Value[]
    list.push(`${up}${layer.folder}${chance.is(0.2) ? '/' : ''}`)
    root.known.push(...layer.known)
  }
  if (shape >= 3) {
    const base = makeLayer('base', false)
    addObjects(base, chance.between(1, 5))
    finish(base)
    include(base, 'resources')
    if (shape >= 7) {
      const second = makeLayer('second', false)
      addObjects(second, chance.between(1, 3))
      if (chance.is(0.15)) {
        const resources = (second.fields['resources'] ??= []) as Value[]
        resources.push('../base')
      }
      finish(second)
      include(second, 'resources')
    }
  }
  if (shape < 3 || chance.is(0.5)) addObjects(root, chance.between(1, 6))
  if (chance.is(0.2)) {
    const component = makeLayer('component', true)
    if (chance.is(0.4)) addObjects(component, chance.between(1, 2))
    component.known.push(...root.known)
    finish(component)
    include(component, 'components')
  }
  if (chance.is(0.03)) taken.clear()
  finish(root)
  // kustomize sorts if nobody asks it not to; Flux never does, and neither does `sluice build`.
  const args: string[] = ['--reorder', chance.is(0.06) ? 'legacy' : 'none']
  if (chance.is(0.02)) args.push('--enable-managedby-label')
  if (chance.is(0.05)) args.push('--load-restrictor', 'LoadRestrictionsNone')
  return { seed, files, target, args }
}
