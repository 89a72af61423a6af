import { constants, createDecipheriv, generateKeyPairSync, privateDecrypt } from 'node:crypto'

/** A pair of keys of this process alone, and what opens that which was sealed with the public one: see `seal`. */
export function sealedBox(): { readonly publicKey: string; open(sealed: string): string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    open(sealed) {
      const parts = JSON.parse(sealed) as Readonly<Record<'key' | 'iv' | 'tag' | 'text', string>>
      const part = (name: keyof typeof parts): Buffer => Buffer.from(parts[name], 'base64')
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const
      const key = privateDecrypt({ key: privateKey, ...padding }, part('key'))
      const decipher = createDecipheriv('aes-256-gcm', key, part('iv'))
      decipher.setAuthTag(part('tag'))
      return Buffer.concat([decipher.update(part('text')), decipher.final()]).toString('utf8')
    },
  }
}
