import { useEffect, useRef, useState } from 'react'
import { Glyph } from './icons.tsx'

/** A selection in the CLI's language; Enter applies it, `/` leads here from anywhere on the page. */
export function SelectionInput({
  value,
  onApply,
}: {
  readonly value: string | undefined
  readonly onApply: (selection: string | undefined) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      event.preventDefault()
      input.current?.select()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <form
      className="selection"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        onApply(text.trim() === '' ? undefined : text.trim())
      }}
    >
      <Glyph name="search" size={14} />
      <input
        ref={input}
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Select: +audience/at_risk, kind:trait …"
        aria-label="Selection of assets"
        title="Press / to select, Enter to apply"
        spellCheck={false}
        autoComplete="off"
      />
      {value !== undefined && (
        <button type="button" className="icon-button" aria-label="Show all assets" onClick={() => onApply(undefined)}>
          <Glyph name="close" size={14} />
        </button>
      )}
    </form>
  )
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
