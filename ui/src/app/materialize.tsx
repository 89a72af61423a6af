import { useDeferredValue, useEffect, useId, useRef, useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ApiError } from '../api/client.ts'
import { useApi } from '../api/context.tsx'
import { ErrorNote } from '../components/feedback.tsx'
import { Glyph } from '../components/icons.tsx'
import { plural } from '../lib/format.ts'

/** A button that opens the dialog in which a run is started. */
export function MaterializeButton({
  selection,
  label = 'Materialise',
  quiet = false,
}: {
  readonly selection: string
  readonly label?: string
  readonly quiet?: boolean
}) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={quiet ? 'button' : 'button button-primary'} onClick={() => setOpen(true)}>
        <Glyph name="play" size={12} />
        {label}
      </button>
      {open && <MaterializeDialog selection={selection} onClose={() => setOpen(false)} />}
    </>
  )
}

function MaterializeDialog({ selection, onClose }: { readonly selection: string; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const { api, queries } = useApi()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [text, setText] = useState(selection)
  const [force, setForce] = useState(false)
  const settled = useDeferredValue(text.trim())
  const size = useQuery({ ...queries.selectionSize(settled), enabled: settled !== '' })
  const start = useMutation({
    mutationFn: () => api.startRun({ selection: text.trim(), force }),
    onSuccess: async ({ run }) => {
      void client.invalidateQueries({ queryKey: ['runs'] })
      await navigate({ to: '/runs/$run', params: { run } })
      onClose()
    },
  })

  useEffect(() => {
    dialog.current?.showModal()
  }, [])

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!start.isPending) start.mutate()
        }}
      >
        <header className="dialog-head">
          <h2 id={`${id}-title`}>Materialise</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Glyph name="close" />
          </button>
        </header>
        <label htmlFor={`${id}-selection`}>Selection</label>
        <input
          id={`${id}-selection`}
          className="mono"
          value={text}
          spellCheck={false}
          autoComplete="off"
          aria-describedby={`${id}-hint`}
          onChange={(event) => setText(event.target.value)}
        />
        <p id={`${id}-hint`} className="hint" aria-live="polite">
          {settled === ''
            ? 'Nothing is selected yet.'
            : size.error !== null
              ? sizeError(size.error)
              : sizeText(size.data)}
        </p>
        <p className="hint">
          <code>+key</code> adds what it reads, <code>key+</code> what reads it; <code>kind:trait</code>,{' '}
          <code>audience/*</code>, <code>group:name</code> and commas work too.
        </p>
        <label className="check">
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
          <span>Force: materialise what is fresh too</span>
        </label>
        {start.error !== null && <ErrorNote error={start.error} />}
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Not now
          </button>
          <button type="submit" className="button button-primary" disabled={settled === '' || start.isPending}>
            {start.isPending ? 'Starting…' : 'Start the run'}
          </button>
        </footer>
      </form>
    </dialog>
  )
}

function sizeText(size: number | undefined): string {
  return size === undefined ? 'Counting…' : `${plural(size, 'asset')}; those that are fresh are left as they are.`
}

function sizeError(error: unknown): string {
  return error instanceof ApiError
    ? `${error.problem.detail} ${error.problem.hint}`
    : 'The selection cannot be counted.'
}
