/**
 * The certificates of a custom resource definition's conversion webhook: where they are none, as in the placeholders that cert-manager fills in,
 * kustomize-controller leaves them out of what it applies. Semantics: fluxcd/pkg ssa v0.76.1 `utils.RemoveCABundleFromCRD`.
 */
import type { KubeObject } from '../../clusters/view.ts'
import { decodeBase64 } from '../../inventory/base64.ts'
import { isCustomResourceDefinition } from './normalise-object.ts'
import { isMap } from './round-trip.ts'

const path = ['spec', 'conversion', 'webhook', 'clientConfig'] as const

/** The object without its caBundle where no certificate is in it; else the object itself. */
export function withoutInvalidCaBundle(object: KubeObject): KubeObject {
  if (!isCustomResourceDefinition(object)) return object
  const config = path.reduce<unknown>((value, name) => (isMap(value) ? value[name] : undefined), object)
  if (!isMap(config) || typeof config.caBundle !== 'string' || config.caBundle === '') return object
  if (holdsCertificate(config.caBundle)) return object
  return without(object, [...path, 'caBundle']) as KubeObject
}

function without(value: unknown, [name = '', ...rest]: readonly string[]): unknown {
  const result: Record<string, unknown> = { ...(value as Readonly<Record<string, unknown>>) }
  if (rest.length === 0) delete result[name]
  else result[name] = without(result[name], rest)
  return result
}

function holdsCertificate(caBundle: string): boolean {
  const text = caBundle.replace(/[\r\n]+/g, '')
  if (text === '') return true
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false
  const pem = new TextDecoder('latin1').decode(decodeBase64(text) ?? new Uint8Array())
  for (const [, body = ''] of pem.matchAll(
    /-----BEGIN CERTIFICATE-----[ \t]*\r?\n([^-:]*)-----END CERTIFICATE-----/g,
  )) {
    const der = decodeBase64(body)
    if (der !== null && isCertificate(der)) return true
  }
  return false
}

/** By its shape alone: a sequence of what is signed, how, and the signature. */
function isCertificate(der: Uint8Array): boolean {
  const whole = elementAt(der, 0)
  if (whole?.tag !== 0x30 || whole.end !== der.length) return false
  const tags: number[] = []
  for (let at = whole.start; at < whole.end;) {
    const element = elementAt(der, at)
    if (element === null || element.end > whole.end) return false
    tags.push(element.tag)
    at = element.end
  }
  return tags.join() === '48,48,3'
}

function elementAt(der: Uint8Array, at: number): { tag: number; start: number; end: number } | null {
  const tag = der[at]
  const first = der[at + 1]
  if (tag === undefined || first === undefined) return null
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  if (count === 0 || count > 4) return null
  let length = 0
  for (let i = 0; i < count; i++) length = length * 256 + (der[at + 2 + i] ?? 0)
  return { tag, start: at + 2 + count, end: at + 2 + count + length }
}
