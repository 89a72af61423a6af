import type { ReactNode } from 'react'
import type { AssetKind } from '../../../orchestrator/contract/index.ts'

/** Icons are 16 units square, drawn in the text's colour, and decoration only: names stand beside them. */
function Icon({ children, size = 16 }: { readonly children: ReactNode; readonly size?: number }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

const kindDrawings: Readonly<Record<AssetKind, ReactNode>> = {
  source: (
    <>
      <ellipse cx="8" cy="3.8" rx="5" ry="2" />
      <path d="M3 3.8v8.4c0 1.1 2.2 2 5 2s5-.9 5-2V3.8M3 8c0 1.1 2.2 2 5 2s5-.9 5-2" />
    </>
  ),
  model: <path d="m8 1.8 5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.6 4.9 8 8l5.4-3.1M8 8v6.2" />,
  notebook: <path d="M4.2 2h8.3v12H4.2zM2.6 4.6h2.6M2.6 8h2.6M2.6 11.4h2.6M7.4 5.4h2.8M7.4 8h2.8" />,
  trait: (
    <>
      <path d="M2.2 7.2V2.9c0-.4.3-.7.7-.7h4.3l6.3 6.3c.3.3.3.7 0 1l-4.3 4.3c-.3.3-.7.3-1 0z" />
      <circle cx="5.2" cy="5.2" r=".9" fill="currentColor" stroke="none" />
    </>
  ),
  user_model: (
    <>
      <circle cx="8" cy="5" r="2.7" />
      <path d="M2.8 14c.4-2.9 2.4-4.4 5.2-4.4s4.8 1.5 5.2 4.4" />
    </>
  ),
  audience: (
    <>
      <circle cx="6" cy="5.4" r="2.3" />
      <path d="M1.6 13.2c.3-2.5 2-3.8 4.4-3.8s4.1 1.3 4.4 3.8M10.4 3.3a2.3 2.3 0 0 1 0 4.2M11.6 9.7c1.6.5 2.6 1.7 2.8 3.5" />
    </>
  ),
  sync: <path d="M2.2 8h8.6M7.6 4.6 11 8l-3.4 3.4M13.6 3v10" />,
}

export function KindIcon({ kind, size = 16 }: { readonly kind: AssetKind; readonly size?: number }) {
  return (
    <span className={`kind-icon kind-${kind}`}>
      <Icon size={size}>{kindDrawings[kind]}</Icon>
    </span>
  )
}

const drawings = {
  graph: (
    <>
      <circle cx="3.4" cy="8" r="1.7" />
      <circle cx="12.6" cy="3.6" r="1.7" />
      <circle cx="12.6" cy="12.4" r="1.7" />
      <path d="M5.1 8c3.4 0 2.4-4.4 5.8-4.4M5.1 8c3.4 0 2.4 4.4 5.8 4.4" />
    </>
  ),
  table: <path d="M2.2 3h11.6v10H2.2zM2.2 6.4h11.6M6.4 6.4V13" />,
  runs: <path d="M2.4 4h5M5 8h6M8.4 12h5.2" strokeWidth="2" />,
  revisions: (
    <>
      <circle cx="8" cy="8" r="2.2" />
      <path d="M8 1.8v4M8 10.2v4" />
    </>
  ),
  play: <path d="M4.6 2.9v10.2L13 8z" fill="currentColor" />,
  stop: <path d="M4 4h8v8H4z" fill="currentColor" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  plus: <path d="M8 3.2v9.6M3.2 8h9.6" />,
  minus: <path d="M3.2 8h9.6" />,
  fit: <path d="M2.6 6V2.6H6M10 2.6h3.4V6M13.4 10v3.4H10M6 13.4H2.6V10" />,
  external: <path d="M6.4 3.2H3.2v9.6h9.6V9.6M9.4 2.8h3.8v3.8M13 3 7.6 8.4" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.2 10.2 3.4 3.4" />
    </>
  ),
  chevron: <path d="m6 3.6 4.4 4.4L6 12.4" />,
  up: <path d="M8 12.8V3.4M4.2 7 8 3.2 11.8 7" />,
  down: <path d="M8 3.2v9.4M4.2 9 8 12.8 11.8 9" />,
  refresh: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.4v2.8h-2.8" />,
} satisfies Record<string, ReactNode>

export type GlyphName = keyof typeof drawings

export function Glyph({ name, size = 16 }: { readonly name: GlyphName; readonly size?: number }) {
  return <Icon size={size}>{drawings[name]}</Icon>
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 21.5 13 14l5.5 4.5L25 10" />
      <circle cx="7" cy="21.5" r="2.6" />
      <circle cx="13" cy="14" r="2.6" />
      <circle cx="18.5" cy="18.5" r="2.6" />
      <circle className="logo-last" cx="25" cy="10" r="2.6" />
    </svg>
  )
}
