import { createHash } from 'node:crypto'

/** Traitline's own namespace of names, for version 5 of RFC 9562's UUIDs. */
const namespace = Buffer.from('7f1f4b0c6f3d4d6b9a5e2c8e1d0b7a64', 'hex')

/** The same id for the same name, whoever computes it and however often: what an event is sent again with. */
export function runIdOf(...name: readonly string[]): string {
  const bytes = createHash('sha1').update(namespace).update(JSON.stringify(name)).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
