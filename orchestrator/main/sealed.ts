import { generateKeyPairSync } from 'node:crypto'
import { unseal } from '../store/index.ts'

/** A pair of keys of this process alone, and what opens that which was sealed with the public one: see `seal`. */
export function sealedBox(): { readonly publicKey: string; open(sealed: string): string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    open: (sealed) => unseal(sealed, privateKey),
  }
}
