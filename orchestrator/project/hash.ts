import { createHash } from 'node:crypto'
import { canonicalJson } from '../contract/index.ts'

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value))
}
