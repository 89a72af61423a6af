import { useId, type ReactNode } from 'react'

/** A titled part of a page; its heading names it for whoever jumps between regions. */
export function Section({
  title,
  aside,
  flush = false,
  children,
}: {
  readonly title: string
  readonly aside?: ReactNode
  /** The content reaches the card's edges: tables, pictures. */
  readonly flush?: boolean
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <section className={flush ? 'card card-flush' : 'card'} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div className="card-aside">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/** Names beside values. */
export function Facts({ items }: { readonly items: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className="facts">
      {items.map((item) =>
        item === null ? null : (
          <div key={item[0]}>
            <dt>{item[0]}</dt>
            <dd>{item[1]}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
