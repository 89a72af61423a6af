import { useState } from 'react'
import { shortHash } from '../lib/format.ts'

/** A fingerprint, shortened; a click copies the whole. */
export function Hash({ value }: { readonly value: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <button
      type="button"
      className="hash"
      title={value}
      onClick={() => {
        void navigator.clipboard?.writeText(value).then(() => {
          setCopied(true)
          setTimeout(() => setCopied(false), 1200)
        })
      }}
    >
      <span className="visually-hidden">Copy </span>
      {copied ? 'copied' : shortHash(value)}
    </button>
  )
}
