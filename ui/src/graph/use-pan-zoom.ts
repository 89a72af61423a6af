import { useCallback, useEffect, useRef, type RefObject } from 'react'

interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

const least = 0.2
const most = 2
const margin = 20
/** Below this names cannot be read: a first view then shows a part. */
const readable = 0.5

/**
 * Moves and scales `content` within `frame` without rendering anything: dragging and scrolling move, pinching and
 * scrolling with Ctrl or ⌘ scale. The whole is shown at first, and again whenever its size changes, until it is moved.
 */
export function usePanZoom(
  frame: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  size: { readonly width: number; readonly height: number },
  options: { readonly interactive: boolean },
) {
  const view = useRef<View>({ x: 0, y: 0, scale: 1 })
  const moved = useRef(false)

  const apply = useCallback(
    (next: View) => {
      view.current = next
      if (content.current !== null) {
        content.current.style.transform = `translate(${next.x}px, ${next.y}px) scale(${next.scale})`
      }
    },
    [content],
  )

  const fit = useCallback(
    (smallest = least) => {
      const box = frame.current?.getBoundingClientRect()
      if (box === undefined || size.width === 0) return
      const scale = clamp(
        Math.min((box.width - 2 * margin) / size.width, (box.height - 2 * margin) / size.height),
        smallest,
        1,
      )
      moved.current = false
      const x = Math.max(margin, (box.width - size.width * scale) / 2)
      apply({ scale, x, y: (box.height - size.height * scale) / 2 })
    },
    [apply, frame, size.width, size.height],
  )

  const zoom = useCallback(
    (factor: number, at?: { readonly x: number; readonly y: number }) => {
      const box = frame.current?.getBoundingClientRect()
      if (box === undefined) return
      const { x, y, scale } = view.current
      const next = clamp(scale * factor, least, most)
      const fixed = at ?? { x: box.width / 2, y: box.height / 2 }
      moved.current = true
      apply({ scale: next, x: fixed.x - ((fixed.x - x) * next) / scale, y: fixed.y - ((fixed.y - y) * next) / scale })
    },
    [apply, frame],
  )

  /** Brings a part of the content into the frame, if it is not. */
  const reveal = useCallback(
    (part: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }) => {
      const box = frame.current?.getBoundingClientRect()
      if (box === undefined) return
      const { x, y, scale } = view.current
      const inside = (start: number, end: number, length: number) =>
        start < margin ? margin - start : end > length - margin ? length - margin - end : 0
      const left = part.x * scale + x
      const top = part.y * scale + y
      const dx = inside(left, left + part.width * scale, box.width)
      const dy = inside(top, top + part.height * scale, box.height)
      // From here on the view is someone's choice.
      moved.current = true
      if (dx !== 0 || dy !== 0) apply({ scale, x: x + dx, y: y + dy })
    },
    [apply, frame],
  )

  useEffect(() => {
    const first = () => fit(options.interactive ? readable : least)
    first()
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(() => {
      if (!moved.current) first()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [fit, frame, options.interactive])

  useEffect(() => {
    const element = frame.current
    if (element === null || !options.interactive) return
    let drag: { readonly pointer: number; readonly x: number; readonly y: number; readonly from: View } | undefined

    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      if (event.ctrlKey || event.metaKey) {
        zoom(Math.exp(-event.deltaY * 0.01), { x: event.clientX - box.left, y: event.clientY - box.top })
        return
      }
      moved.current = true
      const { x, y, scale } = view.current
      const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY]
      apply({ scale, x: x - dx, y: y - dy })
    }
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return
      drag = { pointer: event.pointerId, x: event.clientX, y: event.clientY, from: view.current }
    }
    const onMove = (event: PointerEvent) => {
      if (drag === undefined || drag.pointer !== event.pointerId) return
      const dx = event.clientX - drag.x
      const dy = event.clientY - drag.y
      // A click trembles a little; only a real drag takes the pointer away from the node under it.
      if (!element.hasPointerCapture(event.pointerId)) {
        if (Math.hypot(dx, dy) < 4) return
        element.setPointerCapture(event.pointerId)
        element.dataset['dragging'] = ''
      }
      moved.current = true
      apply({ ...drag.from, x: drag.from.x + dx, y: drag.from.y + dy })
    }
    const onUp = () => {
      drag = undefined
      // After the click that ends a drag, which is none on a node.
      setTimeout(() => delete element.dataset['dragging'])
    }

    element.addEventListener('wheel', onWheel, { passive: false })
    element.addEventListener('pointerdown', onDown)
    element.addEventListener('pointermove', onMove)
    element.addEventListener('pointerup', onUp)
    element.addEventListener('pointercancel', onUp)
    return () => {
      element.removeEventListener('wheel', onWheel)
      element.removeEventListener('pointerdown', onDown)
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', onUp)
    }
  }, [apply, frame, options.interactive, zoom])

  return { fit, zoom, reveal }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
